"""The checker: what it infers, what it refuses, and what it must let pass."""

from pathlib import Path

import pytest

import models.worlds.tug_of_war
from plot.check import check, declarations
from plot.errors import ArityError, FormError, PlotError, TypeMismatch, UnboundError
from plot.reader import read
from plot.types import ANY, NUMBER, Function
from plot.vocabulary import Vocabulary

WORLD = (Path(models.worlds.tug_of_war.__file__).parent / "world.church").read_text()
VOCABULARY, _ = declarations(read(WORLD))
DEFINED = dict(check(read(WORLD)))
CLOSED = """
(entities person people (tom mary)) (entities place places (park office tom-hall))
(define strength (mem (lambda (p) (gaussian 0 1)))) (declare strength (-> person number) "s")
(define (at p where) (flip)) (declare at (-> person place boolean) "a")
(define (meet team) (flip)) (declare meet (-> (list person) boolean) "m")
"""


def types(program):
    return {name: str(kind) for name, kind in check(read(program))}


def error_of(program, *around):
    with pytest.raises(PlotError) as caught:
        check(read(program), *around)
    return caught.value


def test_types_of_a_world_model():
    assert types(WORLD) == {
        "strength": "(-> person number)",
        "laziness": "(-> person number)",
        "pull": "(-> any number)",
        "team-pull": "(-> (list person) number)",
        "won-against": "(-> (list person) (list person) boolean)",
    }
    assert [sort.type for sort in VOCABULARY.entities] == ["person"]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("1", "number"),
        ("(flip)", "boolean"),
        ("'tom", "symbol"),
        ("'(1 2)", "(list number)"),
        ("'(a 1)", "(list any)"),
        ("'()", "(list any)"),
        ("(list 'a 'b)", "(list symbol)"),
        ("(cons 1 '(2))", "(list number)"),
        ("(cons 1 2)", "(pair number number)"),
        ("(rest '(1 2))", "(list number)"),
        ("(if (flip) 1 'a)", "any"),
        ("(if (flip) 1 2)", "number"),
        ("(if (flip) 1)", "any"),
        ("(and (flip) (flip))", "boolean"),
        ("(or (flip) 3)", "any"),
        ("(lambda (x . more) (length more))", "(-> any any ... number)"),
        ("(mem (lambda (x) (flip)))", "(-> any boolean)"),
        ("(map (lambda (x) (+ x 1)) '(1))", "(list number)"),
        ("(uniform-draw '(1 2))", "number"),
        ("(let loop ((i 0)) (if (> i 3) i (loop (+ i 1))))", "any"),
        ("(rejection-query (define x (flip)) x x)", "boolean"),
        ("(mh-query 3 1 (flip) #t)", "(list boolean)"),
        ("(fold + 0 '(1 2))", "number"),
        ("car", "(-> (pair a b) a)"),
    ],
)
def test_inferred_types(value, kind):
    assert types(f"(define it {value})") == {"it": kind}


@pytest.mark.parametrize(
    "program",
    [
        "(define (f) (g)) (define (g) 1) (f)",
        "(define (f x) (if (symbol? x) x (+ x 1))) (f 'a)",
        "(define (f x) (if (flip) 1 'a)) (define y (f 1)) (if (number? y) (+ y 1) y)",
        "(define x 1) (define x 'a) (list x)",
        "(let ((list 3)) (+ list 1))",
        "(define (first x y) (+ x y)) (first 1 2)",
        "(define (f n) (define (g k) (f k)) (if (= n 0) 0 (g (- n 1)))) (f 2)",
        "(sum (filter (lambda (x) #f) '(a b)))",
        "(map car '((1 . 2) (3 . 4)))",
        "(if (flip) (condition #t))",
        "(define f (if (flip) + list)) (f 1 2)",
        "((first (list + -)) 1 2)",
        "(define x (assoc 'a '((a 1)))) (if x (+ 1 (second x)) 0)",
        "(case 'a ((a b) 1) (else 2))",
        "(apply + '(1 2))",
        "(fold (lambda (x acc) (cons x acc)) '() '(1 2))",
        "(all (lambda (x) (> x 1)) '(1 2))",
        "(sort '(a b) (lambda (x y) #t))",
        "(hist (repeat 10 flip))",
        "(define compose2 (lambda (f g) (lambda (x) (f (g x))))) ((compose2 sqrt abs) -4)",
    ],
)
def test_legal_programs_pass(program):
    check(read(program))


@pytest.mark.parametrize(
    "fragment",
    [
        "(condition (> (strength 'tom) 75))",
        "(condition (won-against '(tom) (list 'john 'mary)))",
        "(strength 'zed)",  # people are open to new names
        "(query (map strength people))",
        "(argmax strength people)",
        "(condition (all (lambda (p) (> (strength p) 50)) people))",
        "(define (strong? p) (> (strength p) 75)) (strong? 'tom)",
        "(won-against people (filter (lambda (p) (flip)) people))",
        "(strength (if (flip) 'tom 'mary))",
        "(won-against (cons 'tom '(mary)) '(john))",
    ],
)
def test_fragments_of_a_conversation(fragment):
    check(read(fragment), VOCABULARY, DEFINED)


@pytest.mark.parametrize(
    ("fragment", "kind", "place", "says"),
    [
        ("(strength 3)", TypeMismatch, "3", "is the number 3; a person is due"),
        ("(won-against 'tom '(john))", TypeMismatch, "'tom", "write a list: '(tom)"),
        ("(strength '(tom))", TypeMismatch, "'(tom)", "without the list"),
        ("(strength people)", TypeMismatch, "people", "is a list of persons; a person is due"),
        (
            "(won-against '(tom))",
            ArityError,
            "(won-against '(tom))",
            "takes 2 arguments, and got 1",
        ),
        ("(strenght 'tom)", UnboundError, "strenght", "did you mean `strength`"),
        ("(strength tom)", UnboundError, "tom", "write 'tom"),
        ("(won-against '(1 2) '(tom))", TypeMismatch, "'(1 2)", "a list of persons is due"),
        (
            "(+ (won-against '(tom) '(john)) 1)",
            TypeMismatch,
            "(won-against '(tom) '(john))",
            "is a boolean",
        ),
        (
            "(condition (strength 'tom) 75)",
            FormError,
            "(condition (strength 'tom) 75)",
            "takes one part",
        ),
    ],
)
def test_wrong_fragments(fragment, kind, place, says):
    error = error_of(fragment, VOCABULARY, DEFINED)
    assert type(error) is kind
    assert error.span is not None and error.span.text == place
    assert says in f"{error.message} {error.hint}"


@pytest.mark.parametrize(
    ("fragment", "says"),
    [
        ("(strength 'john)", "no person is called john; the names are tom, mary"),
        ("(strength 'marry)", "did you mean 'mary"),
        ("(strength 'park)", "park is a place"),
        ("(at 'tom 'mary)", "mary is a person"),
        ("(meet '(tom zed))", "no person is called zed"),
        ("(strength (first places))", "is a place; a person is due"),
    ],
)
def test_closed_entities(fragment, says):
    error = error_of(CLOSED + fragment)
    assert type(error) is TypeMismatch
    assert says in f"{error.message} {error.hint}"


@pytest.mark.parametrize(
    "fragment",
    [
        "(strength (if (flip) 'tom 'zed))",
        "(at 'tom 'park)",
        "(meet people)",
        "(strength (first people))",
    ],
)
def test_closed_entities_let_the_possible_pass(fragment):
    check(read(CLOSED + fragment))


def test_the_first_error_of_the_text_is_raised():
    assert error_of("(define (f) (list y (+ 1 'a)))\n(if)").span.text == "y"
    assert error_of("(define (f) (if))\n(nope)").span.text == "(if)"


def test_what_is_defined_around():
    around = (Vocabulary(), {"f": Function((NUMBER,), ANY)})
    check(read("(f 1)"), *around)
    assert isinstance(error_of("(f 1 2)", *around), ArityError)
    assert isinstance(error_of("(f 'a)", *around), TypeMismatch)
    check(read("(define (f a b) a) (f 1 2)"), *around)


@pytest.mark.parametrize(
    "text",
    [
        "(+ 1 " * 900 + "2" + ")" * 900,
        "(begin " * 900 + "2" + ")" * 900,
        "(define (f) " * 900 + "2" + ")" * 900,
        "(lambda (f) " * 900 + "2" + ")" * 900,
        "(let ((x 1)) " * 450 + "x" + ")" * 450,
        "'" + "(" * 900 + ")" * 900,
        "'" * 900 + "x",
    ],
)
def test_deep_programs_need_no_stack(text):
    check(read(text))


def test_deep_types_and_wide_types():
    deep = "(list " * 900 + "number" + ")" * 900
    assert isinstance(error_of(f"(define f 1) (declare f {deep})"), FormError)
    names = " ".join(f"(x{i} (pair x{i - 1} x{i - 1}))" for i in range(1, 60))
    check(read(f"(let* ((x0 1) {names}) (if (flip) x59 x58))"))


@pytest.mark.parametrize(
    ("program", "hint"),
    [
        ("(define x 1) (set! x 2)", "no assignment"),
        ("(animatePhysics 10 '())", "browser"),
        ('(load "a.church")', "quoted list"),
        ("(lex-query '() 'a 'b)", "rejection-query"),
    ],
)
def test_names_of_other_dialects_say_what_to_do_instead(program, hint):
    with pytest.raises(UnboundError) as caught:
        check(read(program))
    assert hint in (caught.value.hint or "")
