"""Numbers, comparison and logic."""

from plot.signatures.base import Signature, function

_REST = "(-> number ... number)"
_ONE = "(-> number number)"
_TWO = "(-> number number number)"
_COMPARE = "(-> number number ... boolean)"
_TESTS = ("(-> (list any) boolean)", "(-> (-> a any) (list a) boolean)")

NUMBERS: tuple[Signature, ...] = (
    function("+", _REST, "The sum of the arguments.\n(+ 1 2 3) ; => 6", "plus"),
    function(
        "-",
        "(-> number number ... number)",
        "The first argument less the others; with one argument, its negation.\n(- 5) ; => -5",
        "minus",
    ),
    function("*", _REST, "The product of the arguments.\n(* 2 3 4) ; => 24", "mult"),
    function(
        "/",
        "(-> number number ... number)",
        """The first argument divided by the others; with one argument, its reciprocal.
        Division by zero is an error.
        (/ 8 2 2) ; => 2""",
        "div",
    ),
    function(
        "mod",
        _TWO,
        "The remainder of a division, with the sign of the divisor.\n(mod -7 3) ; => 2",
        "modulo",
    ),
    function(
        "remainder",
        _TWO,
        "The remainder of a division, with the sign of the dividend.\n(remainder -7 3) ; => -1",
    ),
    function("round", _ONE, "The nearest whole number; halves go up.\n(round 2.5) ; => 3"),
    function(
        "floor", _ONE, "The largest whole number not above the argument.\n(floor -1.5) ; => -2"
    ),
    function(
        "ceiling",
        _ONE,
        "The smallest whole number not below the argument.\n(ceiling 1.2) ; => 2",
        "ceil",
    ),
    function("abs", _ONE, "The absolute value.\n(abs -3) ; => 3"),
    function("log", _ONE, "The natural logarithm; that of 0 is minus infinity.\n(log 1) ; => 0"),
    function("exp", _ONE, "e to the power of the argument.\n(exp 0) ; => 1"),
    function(
        "expt", _TWO, "The first argument to the power of the second.\n(expt 2 10) ; => 1024", "pow"
    ),
    function("sqrt", _ONE, "The square root.\n(sqrt 9) ; => 3"),
    function("sin", _ONE, "The sine of an angle in radians.\n(sin 0) ; => 0"),
    function("cos", _ONE, "The cosine of an angle in radians.\n(cos 0) ; => 1"),
    function("tan", _ONE, "The tangent of an angle in radians.\n(tan 0) ; => 0"),
    function("asin", _ONE, "The angle whose sine is the argument.\n(asin 0) ; => 0"),
    function("acos", _ONE, "The angle whose cosine is the argument.\n(acos 1) ; => 0"),
    function(
        "atan",
        (_ONE, _TWO),
        "The angle whose tangent is the argument; of two, `(atan2 y x)`.\n(atan 0) ; => 0",
    ),
    function(
        "atan2", _TWO, "The angle of the point (x, y), written `(atan2 y x)`.\n(atan2 0 1) ; => 0"
    ),
    function("min", "(-> number number ... number)", "The smallest argument.\n(min 3 1 2) ; => 1"),
    function("max", "(-> number number ... number)", "The largest argument.\n(max 3 1 2) ; => 3"),
    function("sum", "(-> (list number) number)", "The sum of a list.\n(sum '(1 2 3)) ; => 6"),
    function(
        "prod",
        "(-> (list number) number)",
        "The product of a list.\n(prod '(2 3 4)) ; => 24",
        "product",
    ),
    function(
        "mean",
        "(-> (list number) number)",
        "The mean of a list that is not empty.\n(mean '(1 2 6)) ; => 3",
    ),
    function(
        "variance",
        "(-> (list number) number)",
        "The mean squared distance from the mean, of a list that is not empty.\n"
        "(variance '(1 3)) ; => 1",
    ),
)

COMPARISON: tuple[Signature, ...] = (
    function(">", _COMPARE, "Whether each number is above the next.\n(> 3 2 1) ; => #t", ".>."),
    function("<", _COMPARE, "Whether each number is below the next.\n(< 1 3 2) ; => #f", ".<."),
    function(
        ">=", _COMPARE, "Whether no number is below the next.\n(>= 2 2 1) ; => #t", "geq", ".>=."
    ),
    function(
        "<=", _COMPARE, "Whether no number is above the next.\n(<= 1 1 2) ; => #t", "leq", ".<=."
    ),
    function(
        "=",
        _COMPARE,
        """Whether all numbers are equal; `eq?` and `equal?` compare symbols and lists.
        In a condition, equality with a continuous draw conditions on the density there.
        (= 2 2.0) ; => #t""",
        ".=.",
    ),
    function(
        "eq?",
        "(-> any any boolean)",
        "Whether two symbols, numbers or booleans are the same.\n(eq? 'a 'a) ; => #t",
        "eqv?",
    ),
    function(
        "equal?",
        "(-> any any boolean)",
        "Whether two values of any kind are the same.\n(equal? '(1 (2)) '(1 (2))) ; => #t",
        "is_equal",
    ),
    function(
        "soft-equal",
        "(-> number number number boolean)",
        "Whether two numbers differ by no more than a tolerance.\n(soft-equal 1 1.2 0.5) ; => #t",
        "soft=",
        "softeq",
    ),
)

LOGIC: tuple[Signature, ...] = (
    function(
        "and",
        "(-> any ... any)",
        """The last argument if none is #f, else #f. As a form it stops at the first #f.
        (apply and '(1 2)) ; => 2""",
    ),
    function(
        "or",
        "(-> any ... any)",
        """The first argument that is not #f. As a form it stops there.
        (apply or '(#f 2)) ; => 2""",
    ),
    function("not", "(-> any boolean)", "Whether the argument is #f.\n(not 0) ; => #f"),
    function(
        "all",
        _TESTS,
        "Whether no element is #f, or the test holds for every element.\n"
        "(all even? '(2 4)) ; => #t",
    ),
    function(
        "some",
        _TESTS,
        "Whether some element is not #f, or the test holds for some element.\n"
        "(some even? '(1 4)) ; => #t",
    ),
    function("any", _TESTS, "The same as `some`.\n(any (list #f #t)) ; => #t"),
    function(
        "none",
        _TESTS,
        "Whether every element is #f, or the test holds for no element.\n"
        "(none even? '(1 3)) ; => #t",
    ),
    function("even?", "(-> number boolean)", "Whether a whole number is even.\n(even? 4) ; => #t"),
    function("odd?", "(-> number boolean)", "Whether a whole number is odd.\n(odd? 4) ; => #f"),
    function("zero?", "(-> number boolean)", "Whether a number is 0.\n(zero? 0) ; => #t"),
    function(
        "positive?", "(-> number boolean)", "Whether a number is above 0.\n(positive? 0) ; => #f"
    ),
    function(
        "negative?", "(-> number boolean)", "Whether a number is below 0.\n(negative? -1) ; => #t"
    ),
)
