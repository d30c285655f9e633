"""Built-in functions on drawn arguments, against the oracle's exact enumeration."""

import math
import warnings

import jax
import pytest

from plot.backends import LaneMachine
from plot.compiler import Budget
from plot.data import Name, show
from plot.errors import PlotError
from plot.oracle import Budget as OracleBudget
from plot.oracle import enumerate as enumerate_worlds
from plot.program import Options, OracleWarning, run_program
from plot.reader import read
from plot.world import World

WORLDS = 4_000
RATE = math.log(2 / 1e-9)  # of one comparison failing, were the program right
MACHINE = LaneMachine()

# What the expressions below speak of; `xs` and `ys` have drawn lengths, `u` is of a drawn sort.
DRAWN = """
(define n (random-integer 4))
(define x (uniform-draw '(a b c)))
(define s (uniform-draw '("ab" "12" "c")))
(define u (if (flip) 2 'b))
(define xs (if (flip 0.3) '(3 1 2) (if (flip) '(2 1) '())))
(define ys (repeat (random-integer 3) (lambda () (random-integer 2))))
(define zs (map (lambda (i) (random-integer 3)) '(1 2 3)))
(define table (repeat (random-integer 3) (lambda () (if (flip) '(1 2) '(3 4 5)))))
"""

EXPRESSIONS = """
(sort xs)
(sort xs >)
(sort (append ys xs))
(sort (map (lambda (i) (list (mod i 2) i)) xs) (lambda (a b) (< (first a) (first b))))
(apply + ys)
(apply list n xs)
(apply max 0 (append xs ys))
(apply (if (flip) + *) xs)
(map + xs ys)
(map list zs ys xs)
(map (lambda (a) (/ 2 a)) ys)
(map (lambda (a) (list a n)) xs)
(begin (for-each (lambda (a b) (condition (= a b))) xs ys) (list xs ys))
(fold + 0 xs)
(fold cons '() xs)
(fold (lambda (a b sofar) (+ (* a b) sofar)) 0 xs ys)
(fold (lambda (a sofar) (list-ref '(5 6 7 8) (length (list sofar)))) 1 xs)
(foldr cons '() xs)
(foldr (lambda (a sofar) (- a sofar)) 10 xs)
(foldr (lambda (a b sofar) (cons (+ a b) sofar)) '(9) xs ys)
(foldr (lambda (a sofar) (if (flip 0.2) (error "no") (+ a sofar))) 0 xs)
(zip xs ys)
(zip xs zs)
(unzip table)
(transpose table)
(transpose (list xs ys))
(take xs n)
(take zs n)
(take xs (- n 1))
(drop xs n)
(drop zs n)
(drop zs 2)
(make-list n x)
(repeat n (lambda () (flip 0.3)))
(iota n 1 2)
(iota n n)
(range 1 n)
(range n 2)
(range 0 (/ n 2))
(list-ref xs n)
(list-elt xs n)
(list-ref zs (/ n 2))
(update-list xs n 'q)
(update-list zs 1 x)
(first xs)
(rest xs)
(second xs)
(third xs)
(cadr xs)
(cddr xs)
(last xs)
(but-last xs)
(length (append xs ys xs))
(append ys xs)
(reverse (append xs ys))
(flatten (list xs (list x ys) n))
(flatten (if (flip) x xs))
(flatten (list (if (flip) '() 'a) (if (flip) 1 '(2 (3)))))
(unique ys)
(unique (append xs ys))
(position xs n)
(position ys 1)
(member n xs)
(member? x '(a b))
(assoc n '((1 a) (2 b)))
(assoc n (map (lambda (a) (list a x)) xs))
(assoc n (if (flip) '((1 a)) '(7 (1 a))))
(union xs ys)
(intersection xs ys)
(difference xs ys)
(partition (lambda (a) (flip)) '(1 2))
(partition odd? xs)
(filter odd? xs)
(filter (lambda (a) (/ 1 a)) ys)
(sum (filter number? (list n x u)))
(argmax (lambda (a) (- a)) xs)
(argmin (lambda (a) (mod a 2)) (append ys xs))
(argmax (lambda (a) (if (= a 3) 'none a)) xs)
(count odd? xs)
(all odd? xs)
(some (lambda (a) (= 2 (/ 2 a))) (append xs ys))
(none odd? ys)
(any (lambda (a) (= a n)) ys)
(all (map odd? xs))
(mean xs)
(< 0.5 (variance (append xs ys)))
(sum (append xs (list u)))
(length (if (flip) xs n))
(even? (/ n 2))
(expt (- n 1) (- n 2))
(expt (- n 2) 0.5)
(list? (if (flip) xs (pair 1 n)))
(length (if (flip) xs (pair 1 n)))
(string-append s "-" x n)
(string-append "v" xs)
(string-length s)
(string-length (if (flip) s n))
(string-slice s n)
(string-slice s n (+ n 1))
(string-slice "abcdef" n)
(string-slice s (/ n 2))
(string->number s)
(number->string n)
(number->string u)
(number->string (/ n 4))
(string->symbol s)
(symbol->string x)
(symbol->string u)
(stringify (list s x n))
(stringify s)
(list (symbol? u) (number? u) (string? u) (procedure? (if (flip) car 1)))
(number->boolean n)
(boolean->number (if (flip) '() #f))
(eq? (string->symbol (string-append "a" "b")) (string->symbol s))
((compose - abs) (- n 2))
((compose) n)
(((curry +) n) 2)
((curry list n x) 3)
(let ((next (make-gensym 'p))) (let* ((a (if (flip) (next) 'x)) (b (next))) (list a b)))
(eq? (gensym) (if (flip) (gensym x) x))
(if (> n 2) (begin (display x) 1) 2)
(let ((f (mem (lambda (l) (flip 0.3))))) (list (f xs) (f '(2 1))))
(and (member n xs) (list-ref zs n))
(map (lambda (f) (f n)) (list even? (if (flip) abs -)))
""".strip().splitlines()


def deaths(posterior) -> float:
    return sum(loss.share for loss in posterior.losses)


def agree(source: str, seed: int = 0) -> None:
    """Fail where the compiler's worlds differ from the oracle's table by more than chance does."""
    exact = enumerate_worlds(read(source), OracleBudget(executions=20_000))
    assert exact.lost_mass == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error", OracleWarning)  # the compiler must not refuse it
        posterior = run_program(
            source,
            key=jax.random.key(seed),
            options=Options(worlds=WORLDS, backend=MACHINE),
        )[-1].result
    wanted = {show(value): p for value, p in exact.table}
    found = {show(row.value): row.probability for row in posterior.table}
    assert found.keys() <= wanted.keys(), source
    n = posterior.effective_size
    for value, p in wanted.items():
        bound = math.sqrt(2 * p * (1 - p) * RATE / n) + 2 * RATE / (3 * n)
        assert abs(found.get(value, 0.0) - p) <= bound, (source, value, p, found.get(value))
    died = exact.died
    bound = math.sqrt(2 * died * (1 - died) * RATE / WORLDS) + 2 * RATE / (3 * WORLDS)
    assert abs(deaths(posterior) - died) <= bound, (source, died, posterior.losses)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_drawn_arguments_mean_what_they_mean_in_the_oracle(expression):
    names = {"n", "x", "s", "u", "xs", "ys", "zs", "table"}
    used = set(expression.replace("(", " ").replace(")", " ").replace("'", " ").split()) & names
    lines = [line for line in DRAWN.strip().splitlines() if line.split()[1] in used]
    agree("\n".join([*lines, f"(query {expression})"]))


def ask(source: str, budget: Budget = Budget()):
    options = Options(worlds=WORLDS, backend=MACHINE, budget=budget)
    return run_program(source, key=jax.random.key(1), options=options)[-1].result


@pytest.mark.parametrize("made", ["(repeat n flip)", "(make-list n 1)", "(iota n)", "(range 1 n)"])
def test_a_list_of_unbounded_length_loses_what_is_past_the_budget(made):
    source = f"(define n (floor (exponential 0.2))) (query (length {made}))"
    posterior = ask(source, Budget(depth=10))
    (loss,) = posterior.losses
    lost = math.exp(-0.2 * 11)
    assert loss.budget and abs(loss.share - lost) < 5 * math.sqrt(lost / WORLDS)
    first = (1 - math.exp(-0.2)) / (1 - lost)
    assert abs(posterior.probability(0).value - first) < 5 * math.sqrt(first / WORLDS)


def test_a_bounded_count_without_a_table_loses_nothing():
    posterior = ask("(define n (floor (uniform 0 90))) (query (length (repeat n flip)))")
    assert not posterior.losses
    assert abs(posterior.mean.value - 44.5) < 5 * posterior.mean.standard_error


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("(if (member k (iota 120)) 1 0)", 0.4),
        ("(second (assoc k (map (lambda (i) (list i i)) (iota 300))))", 149.5),
        ("(sum (map (lambda (x) (+ x 1)) (repeat k (lambda () 0))))", 149.5),
        ("(length (fold cons '() (repeat k (lambda () 0))))", 149.5),
    ],
)
def test_long_lists_cost_no_depth(question, wanted):
    posterior = ask(f"(define k (random-integer 300)) (query {question})")
    assert not posterior.losses
    assert abs(posterior.mean.value - wanted) <= 5 * posterior.mean.standard_error + 1e-9


def test_a_display_that_a_draw_decides_is_shown_in_the_worlds_that_reach_it():
    source = "(define a (flip)) (if a (display 'yes)) a"
    shown = [run_program(source, key=jax.random.key(seed)) for seed in range(12)]
    for outcomes in shown:
        value = outcomes[-1].result
        assert [o.result for o in outcomes if o.kind == "display"] == (
            [Name("yes")] if value else []
        )
    assert {outcomes[-1].result for outcomes in shown} == {True, False}


@pytest.mark.parametrize(
    "program",
    [
        "(query (eval '(+ 1 2)))",
        "(define (f) (eval 'y)) (define y (flip)) (query (list y (f)))",
        "(define x 1) (query (let ((x 2)) (eval 'x)))",
        "(define op (uniform-draw '(+ *))) (query (list op (eval (list op 2 3))))",
        "(define (tree) (if (flip 0.4) (list '+ (tree-of 'a) 1) (tree-of 'b)))"
        " (define (tree-of x) (list 'quote x)) (query (tree))",
        "(define (grow d) (if (or (= d 0) (flip)) '(random-integer 2)"
        " (list (uniform-draw '(+ max)) (grow (- d 1)) 1))) (query (eval (grow 2)))",
        "(define n (random-integer 3)) (query (eval (list 'if (list '> n 1) ''big (list '- n))))",
        "(define p (if (flip) '(begin (condition (flip 0.3)) 1) 2)) (query (eval p))",
        "(query (eval (if (flip 0.3) '(first '()) 7)))",
        "(query (eval (list 'list (if (flip) ''a 1) \"s\" #t '(quote ()))))",
        "(define f (eval '(lambda (x) (if (flip) x 0)))) (query (f 3))",
    ],
)
def test_quoted_programs_mean_what_they_mean_in_the_oracle(program):
    agree(program)


def test_a_quoted_program_in_a_conversation_sees_what_was_told():
    world = World.from_source("(define a 1)").tell("(define b (+ a 1))")
    assert world.ask("(eval '(+ a b))").value == 3
    assert world.tell("(define a 5)").ask("(eval 'a)").value == 5


@pytest.mark.parametrize("program", ["(eval car)", "(eval '(1 2))", "(eval (list '+ car))"])
def test_an_error_in_a_quoted_program_is_at_the_call(program):
    with pytest.raises(PlotError) as caught:
        World.from_source(f"(define x {program})")
    assert caught.value.span is not None and caught.value.span.text == program


def test_what_counts_its_calls_is_not_made_a_loop():
    """A long recursion becomes a loop of the back end, unless something in it tells rounds apart."""
    go = "(define (go n) (if (or (= n 60) (flip 0.02)) n (begin STEP (go (+ n 1)))))"
    for before, step, after in [
        ("", "(display n)", "(go 0)"),
        ("(define next (make-gensym 'p))", "(next)", "(list (go 0) (next))"),
        ("(define f (DPmem 1 flip))", "(f)", "(go 0)"),
    ]:
        source = "\n".join([before, go.replace("STEP", step), after])
        outcomes = run_program(source, key=jax.random.key(4))
        value = outcomes[-1].result
        if "display" in step:
            assert [o.result for o in outcomes[:-1]] == list(range(value))
        elif "next" in step:
            rounds, name = value
            assert name is Name(f"p{rounds}")
