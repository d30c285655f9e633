"""Which names a sentence mentions."""

import pytest

from inference.tokens.mentions import UnknownName, mentions, symbol_of
from plot.vocabulary import Entities, Vocabulary

OPEN = Vocabulary((), (Entities("person", "people", ("tom", "john", "mary", "sue"), True),))
CLOSED = Vocabulary((), (Entities("city", "cities", ("paris", "new-york"), False),))


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("Tom beat John.", ("tom", "john")),
        ("did alice beat tom?", ("tom",)),
        ("Zainab's team lost to Bob and Priya.", ("zainab", "bob", "priya")),
        ("Everyone is stronger than Sue.", ("sue",)),
        ("Who is the strongest?", ()),
        ("JOSH BEAT SUE", ("josh", "sue")),
        ("In the second match, Gabe, with Lio, won against Ben.", ("gabe", "lio", "ben")),
        ("Would Mary-Ann beat Tom?", ("mary-ann", "tom")),
        ("Björn crushed O'Brien.", ("björn", "obrien")),
        ("Yesterday Tom won.", ("tom",)),
        ("Bob and Carol lost to Ted and Alice.", ("bob", "carol", "ted", "alice")),
        ("A tomato is not Tom.", ("tom",)),
        ("You'll find that Tom isn't here.", ("tom",)),
        ("They've seen Sue; Hasn't Tom?", ("sue", "tom")),
        ("Zoe'll beat Tom.", ("zoe", "tom")),
    ],
)
def test_names(sentence, named):
    assert mentions(sentence, OPEN).mentioned == named


def test_new_names_and_what_is_allowed():
    found = mentions("Kofi beat Mary.", OPEN)
    assert found.new == ("kofi",)
    assert found.allowed == {"person": ("kofi", "mary")}


def test_no_name_allows_all_known_names():
    assert mentions("Who is the strongest?", OPEN).allowed == {
        "person": ("tom", "john", "mary", "sue")
    }


def test_names_of_two_words():
    assert mentions("Is New York bigger than paris?", CLOSED).mentioned == ("new-york", "paris")


def test_names_that_are_words_need_a_capital():
    letters = Vocabulary((), (Entities("person", "people", ("a", "b", "will"), True),))
    assert mentions("A beat B in a match.", letters).mentioned == ("a", "b")
    assert mentions("B will win a match.", letters).mentioned == ("b",)


THINGS = Vocabulary(
    (),
    (
        Entities("feature", "features", ("red", "blue", "mug", "box", "may"), False),
        Entities("group", "groups", (), False),
    ),
)


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("There are two blue mugs.", ("blue", "mug")),
        ("Boxes may be red.", ("box", "red")),
        ("Is the mugshot reddish?", ()),
    ],
)
def test_names_of_a_closed_type_are_words_with_plurals(sentence, named):
    assert mentions(sentence, THINGS).mentioned == named


def test_words_have_synonyms_and_proper_names_do_not():
    everything = THINGS.entities[0].names
    assert mentions("A blue cup.", THINGS).allowed["feature"] == everything
    assert mentions("The Box.", THINGS).allowed["feature"] == ("box",)
    assert mentions("Is Paris big?", CLOSED).allowed["city"] == ("paris",)


def test_a_closed_type_that_is_not_named_may_use_all_its_names():
    both = Vocabulary((), (*OPEN.entities, *CLOSED.entities))
    found = mentions("Tom went to some city.", both)
    assert found.allowed == {"person": ("tom",), "city": ("paris", "new-york")}


def test_a_closed_world_refuses_new_names_and_says_which_are_near():
    with pytest.raises(UnknownName, match="new names are not welcome") as caught:
        mentions("Is Parris big?", CLOSED)
    assert "paris" in str(caught.value.hint)


@pytest.mark.parametrize("word", ["42", "'", "true", ""])
def test_what_is_no_name(word):
    assert symbol_of(word) is None


def test_words_that_are_names_of_a_closed_world_count_in_small_letters():
    colours = Vocabulary((), (Entities("object", "objects", ("red", "blue"), False),))
    assert mentions("Red hits the blue ball.", colours).allowed == {"object": ("red", "blue")}
    assert mentions("DOES RED CLOBBER ANYTHING?", colours).mentioned == ("red",)
    people = Vocabulary((), (Entities("person", "people", ("red", "tom"), True),))
    assert mentions("Tom has a red car.", people).mentioned == ("tom",)


def test_things_of_a_color_that_is_not_there_are_refused():
    colours = Vocabulary((), (Entities("object", "objects", ("red", "blue"), False),))
    with pytest.raises(UnknownName, match="nothing in this world is green") as caught:
        mentions("The green ball hits the red one.", colours)
    assert "red, blue" in str(caught.value.hint)
    with pytest.raises(UnknownName, match="purple"):
        mentions("PURPLE IS HEAVY", colours)
    for other in (OPEN, CLOSED):  # where nothing is known by its color, one says nothing
        mentions("A green thing.", other)
