"""The typed grammar: what it accepts and, as important, what it refuses."""

import pytest

from inference.tokens import Constraint, Kinds, grammar
from plot.types import BOOLEAN, NUMBER, SYMBOL, Entity, Function, ListOf
from plot.vocabulary import Entities, Entry, Vocabulary
from tests.inference.tokens.toy import ByteTokenizer

PERSON, DISH = Entity("person"), Entity("dish")
WORLD = Vocabulary(
    (
        Entry("strength", Function((PERSON,), NUMBER), "how strong"),
        Entry(
            "won",
            Function((ListOf(PERSON), ListOf(PERSON)), BOOLEAN),
            "the first team beat the second",
        ),
        Entry("boss", Function((PERSON,), PERSON), "who leads a person"),
        Entry("likes", Function((PERSON, DISH), BOOLEAN), "a person likes a dish"),
        Entry("rain", BOOLEAN, "it rains"),
        Entry("someone", Function((Function((PERSON,), BOOLEAN),), BOOLEAN), "named or not"),
        Entry("weather", SYMBOL, "what it is like outside"),
        Entry("job", Function((PERSON,), SYMBOL), "what a person does"),
    ),
    (
        Entities("person", "people", ("tom", "mary"), True),
        Entities("dish", "menu", ("soup",), False),
    ),
)
NAMES = {"person": ("tom", "mary", "kofi"), "dish": ("soup",)}

LEGAL = """
(condition (won '(tom) '(mary kofi)))
(condition rain)
(condition (> (strength 'tom) 75))
(condition (>= (strength 'tom) (* 2 (strength 'mary))))
(condition (and (> (strength 'tom) 55.5) (< (strength 'tom) 65)))
(condition (not (any (lambda (x) (> (strength x) (strength 'tom))) people)))
(condition (all (lambda (x) (won '(tom) (list x))) (difference people '(tom))))
(condition (>= (count (lambda (x) (likes x 'soup)) people) 2))
(condition (all (lambda (x) (any (lambda (y) (likes x y)) menu)) people))
(condition (eq? (boss 'tom) 'mary))
(condition (> (count (lambda (x) (> (strength x) 1)) people) (/ (length people) 2)))
(condition (< (abs (- (strength 'tom) (strength 'mary))) 5))
(query (strength 'mary))
(query (strength (argmax (lambda (x) (strength x)) people)))
(query (argmax (lambda (x) (strength x)) '(tom mary)))
(query (filter (lambda (x) (likes x 'soup)) people))
(query (mean (map (lambda (x) (strength x)) people)))
(query (boss 'kofi))
(condition (someone (lambda (x) (likes x 'soup))))
(condition (not (someone (lambda (x) (and (likes x 'soup) (not (eq? x 'tom)))))))
(query (filter (lambda (x) (someone (lambda (y) (eq? (boss y) x)))) people))
(query weather)
(query (job 'tom))
(unclear)
""".strip().splitlines()

ILLEGAL = """
(condition (strength 'tom))
(condition (won 'tom '(mary)))
(condition (won '(tom)))
(condition (won '(tom) '(soup)))
(condition (likes 'tom 'mary))
(condition (> (strength 'soup) 3))
(condition (> (strength x) 3))
(condition (all (lambda (x) (> (strength y) 3)) people))
(condition (all (lambda (x) (likes x x)) people))
(condition (> (strength 'bob) 3))
(condition (unknown 'tom))
(condition (> 1 2))
(condition 'tom)
(query 5)
(query 'tom)
(query (strength 'tom) (strength 'mary))
(condition (won '(tom) '(mary))
(condition  rain)
(define x 3)
(condition (someone (lambda (x) (strength x))))
(condition (someone 'tom))
(condition (someone likes))
(condition (someone (lambda (x) (someone (lambda (y) (someone (lambda (z) rain)))))))
(condition weather)
(condition (eq? (job 'tom) (job 'mary)))
(condition (all (lambda (x) (any (lambda (y) (all (lambda (z) (likes z 'soup)) people)) menu)) people))
""".strip().splitlines()


@pytest.fixture(scope="module")
def accepts():
    tokenizer = ByteTokenizer()
    constraint = Constraint(tokenizer, grammar(WORLD, NAMES))
    return lambda text: constraint.accepts(tokenizer.encode(text))


@pytest.mark.parametrize("text", LEGAL)
def test_legal(accepts, text):
    assert accepts(text)


@pytest.mark.parametrize("text", ILLEGAL)
def test_illegal(accepts, text):
    assert not accepts(text)


def test_kinds():
    tokenizer = ByteTokenizer()
    only = Constraint(tokenizer, grammar(WORLD, NAMES, Kinds(question=False, unclear=False)))
    assert only.accepts(tokenizer.encode("(condition rain)"))
    assert not only.accepts(tokenizer.encode("(query rain)"))
    assert not only.accepts(tokenizer.encode("(unclear)"))


def test_a_function_called_x_does_not_hide_behind_a_variable():
    world = Vocabulary((Entry("x", Function((PERSON,), BOOLEAN), "whatever"),), WORLD.entities[:1])
    assert "(lambda (y) " in grammar(world, NAMES)


def test_nothing_to_say():
    with pytest.raises(ValueError, match="no well-typed fragment"):
        grammar(Vocabulary(), {}, Kinds(unclear=False))


GROUP, WORD = Entity("group"), Entity("word")
GROUPS = Vocabulary(
    (
        Entry("colors", ListOf(WORD), "some words"),
        Entry("everything", GROUP, "all things"),
        Entry("things", Function((ListOf(WORD),), GROUP), "those with features"),
        Entry("near", Function((GROUP, GROUP), GROUP), "those near others"),
        Entry("size", Function((GROUP,), NUMBER), "how many"),
        Entry("color", Function((GROUP,), WORD), "of one of them"),
    ),
    (Entities("word", "words", ("red", "mug"), False), Entities("group", "groups", (), False)),
)


@pytest.mark.parametrize(
    ("text", "legal"),
    [
        ("(condition (> (size (near (things '(red mug)) everything)) 2))", True),
        ("(query (size (near (near (things '(red)) everything) (things '(mug)))))", True),
        ("(query (color (near everything (things '(mug)))))", True),
        ("(query (filter (lambda (x) (> (size (things (list x 'mug))) 0)) colors))", True),
        ("(condition (eq? (color everything) 'red))", True),
        ("(query everything)", False),
        ("(query groups)", False),
        ("(condition (eq? everything everything))", False),
        ("(query (argmax (lambda (x) (size x)) groups))", False),
        ("(query (size (near (near (near everything everything) everything) everything)))", False),
    ],
)
def test_what_has_no_names_is_made_by_functions_alone(text, legal):
    tokenizer = ByteTokenizer()
    constraint = Constraint(tokenizer, grammar(GROUPS, {"word": ("red", "mug")}))
    assert constraint.accepts(tokenizer.encode(text)) is legal
