"""Plain uses of words."""

from models.meaning.usage import MOST, plain_uses
from models.worlds import load
from plot.types import BOOLEAN, Entity, Function
from plot.vocabulary import Entry, Vocabulary

PERSON = Entity("person")
GIANT = Entry("giant", Function((PERSON,), BOOLEAN), "")
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


def test_all_of_them_are_well_typed():
    for entry, names in ((GIANT, []), (GIANT, ["tom", "sue"]), (RIVAL, ["tom", "sue"])):
        world = load("tug_of_war").tell(
            f"(define ({entry.name} x{' y' if entry is RIVAL else ''}) (> (strength x) 80))"
        )
        for text in plain_uses(entry, names, known("tug_of_war", entry)):
            world.check(text)
