"""Distributions: each call draws; a last extra argument is the value it is conditioned on."""

from plot.signatures.base import Signature, function

DISTRIBUTIONS: tuple[Signature, ...] = (
    function(
        "flip",
        "(-> (? number) (? boolean) boolean)",
        "#t with a probability, a half unless given.\n(flip 1) ; => #t",
        random=True,
    ),
    function(
        "uniform",
        "(-> (? number) (? number) (? number) number)",
        "A number between two bounds, 0 and 1 unless given.\n(< 2 (uniform 2 3) 3) ; => #t",
        random=True,
    ),
    function(
        "gaussian",
        "(-> (? number) (? number) (? number) number)",
        """A number from the normal distribution with a mean (0) and a standard deviation (1).
        (number? (gaussian 50 20)) ; => #t""",
        "normal",
        random=True,
    ),
    function(
        "beta",
        "(-> number number (? number) number)",
        "A number between 0 and 1.\n(< 0 (beta 2 3) 1) ; => #t",
        random=True,
    ),
    function(
        "gamma",
        "(-> number number (? number) number)",
        "A positive number, with a shape and a scale.\n(> (gamma 2 3) 0) ; => #t",
        random=True,
    ),
    function(
        "exponential",
        "(-> (? number) (? number) number)",
        "A positive number with mean 1/rate, a rate of 1 unless given.\n"
        "(> (exponential 2) 0) ; => #t",
        random=True,
    ),
    function(
        "dirichlet",
        "(-> (list number) (? (list number)) (list number))",
        "A list of proportions that sum to one.\n(length (dirichlet '(1 1 1))) ; => 3",
        random=True,
    ),
    function(
        "multinomial",
        "(-> (list a) (list number) (? a) a)",
        "One of some values, by weights that need not sum to one.\n"
        "(multinomial '(a b) '(0 2)) ; => b",
        random=True,
    ),
    function(
        "uniform-draw",
        "(-> (list a) (? a) a)",
        "One of some values, all as likely.\n(uniform-draw '(a)) ; => a",
        random=True,
    ),
    function(
        "sample-discrete",
        "(-> (list number) (? number) number)",
        "A position, counted from 0, by its weight.\n(sample-discrete '(0 3)) ; => 1",
        random=True,
    ),
    function(
        "random-integer",
        "(-> number (? number) number)",
        "A whole number from 0 up to, not including, the argument.\n(random-integer 1) ; => 0",
        "sample-integer",
        random=True,
    ),
    function(
        "poisson",
        "(-> number (? number) number)",
        "A count with a given mean.\n(>= (poisson 3) 0) ; => #t",
        random=True,
    ),
    function(
        "binomial",
        "(-> number number (? number) number)",
        "How many of n tries succeed, written `(binomial p n)`.\n(binomial 1 5) ; => 5",
        random=True,
    ),
    function(
        "student-t",
        "(-> number (? number) (? number) (? number) number)",
        """A number with heavier tails than normal: degrees of freedom, location (0), scale (1).
        (number? (student-t 3)) ; => #t""",
        random=True,
    ),
)
