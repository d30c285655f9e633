"""Plain uses of words."""

import itertools

from models.meaning.usage import MOST, plain_uses
from models.worlds import load
from plot.types import BOOLEAN, NUMBER, Entity, Function
from plot.vocabulary import Entry, Vocabulary

PERSON = Entity("person")
GIANT = Entry("giant", Function((PERSON,), BOOLEAN), "")
CLOUT = Entry("clout", Function((PERSON,), NUMBER), "")
HAUNT = Entry("haunt", Function((PERSON,), Entity("place")), "")
RIVAL = Entry("rival", Function((PERSON, PERSON), BOOLEAN), "")


def known(name: str, entry: Entry) -> Vocabulary:
    world = load(name).vocabulary
    return Vocabulary((*world.entries, entry), world.entities)


def test_of_names():
    found = plain_uses(GIANT, ["tom", "sue"], known("tug_of_war", GIANT))
    for text in (
        "(condition (giant 'tom))",
        "(query (or (giant 'tom) (giant 'sue)))",
        "(condition (not (giant 'sue)))",
        "(condition (and (not (giant 'tom)) (not (giant 'sue))))",
    ):
        assert text in found
    assert not any("lambda" in text for text in found)


def test_of_whoever_there_is():
    found = plain_uses(GIANT, [], known("tug_of_war", GIANT))
    assert "(query (count (lambda (x) (giant x)) people))" in found
    assert "(condition (not (any (lambda (x) (giant x)) people)))" in found
    kin = plain_uses(GIANT, [], known("kinship", GIANT))
    assert "(query (how-many (lambda (x) (giant x))))" in kin
    assert "(condition (anyone (lambda (x) (giant x))))" in kin


def test_of_two():
    found = plain_uses(RIVAL, ["tom", "sue"], known("tug_of_war", RIVAL))
    assert found[:2] == ("(condition (rival 'tom 'sue))", "(query (rival 'tom 'sue))")
    assert "(condition (rival 'sue 'tom))" in found and len(found) <= MOST


def test_of_numbers():
    one = plain_uses(CLOUT, ["tom"], known("tug_of_war", CLOUT), "Tom's clout is above 2.5.")
    for text in (
        "(query (clout 'tom))",
        "(condition (> (clout 'tom) 2.5))",
        "(query (< (clout 'tom) 2.5))",
        "(condition (eq? (argmax (lambda (x) (clout x)) people) 'tom))",
    ):
        assert text in one
    two = plain_uses(CLOUT, ["tom", "sue"], known("tug_of_war", CLOUT), "Who has more clout?")
    assert "(condition (> (clout 'sue) (clout 'tom)))" in two
    assert "(query (argmax (lambda (x) (clout x)) '(tom sue)))" in two
    none = plain_uses(CLOUT, [], known("tug_of_war", CLOUT), "Who has the most clout?")
    assert "(query (argmax (lambda (x) (clout x)) people))" in none


def test_of_things():
    found = plain_uses(HAUNT, ["alex", "sushi"], known("lunch", HAUNT))
    assert "(query (haunt 'alex))" in found
    assert "(condition (eq? (haunt 'alex) 'sushi))" in found


def test_all_of_them_are_well_typed():
    bodies = {
        GIANT: "x) (> (strength x) 80)",
        RIVAL: "x y) (> (strength x) 80)",
        CLOUT: "x) (strength x)",
    }
    for entry, names in itertools.product(bodies, ([], ["tom", "sue"], ["tom"])):
        world = load("tug_of_war").tell(f"(define ({entry.name} {bodies[entry]})")
        for text in plain_uses(entry, names, known("tug_of_war", entry), "more than 4"):
            world.check(text)
