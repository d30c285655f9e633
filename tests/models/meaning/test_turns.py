"""Turns of phrase: what they make of a sentence and of its meaning, and when they leave it alone."""

from itertools import islice
from pathlib import Path
from random import Random

import pytest

from experiments.translation import read_pairs
from models.meaning.corpus import invented, turns
from models.meaning.generate import UNCLEAR, pairs
from models.worlds import load
from plot.world import World

PEOPLE = load("tug_of_war").vocabulary
UNSEEN = Path(__file__).parents[2] / "data" / "unseen"
STRONG = ("Tom is strong.", "(condition (> (strength 'tom) 50))")


def every_turn(said, of=turns.turned, times=400):
    """All that a sentence is turned into, with what it comes to mean."""
    made = (of(Random(seed), said, PEOPLE) for seed in range(times))
    return dict(m for m in made if m is not None)


def test_a_statement_of_one_person_is_denied_compared_and_tagged():
    made = every_turn(STRONG)
    assert made["It is Tom who is strong."] == STRONG[1]
    assert made["Tom is strong, isn't he?"] == "(query (> (strength 'tom) 50))"
    assert made["It's not true that Tom is strong."] == "(condition (not (> (strength 'tom) 50)))"
    assert (
        made["Tom is strong, but Mary isn't."]
        == "(condition (and (> (strength 'tom) 50) (not (> (strength 'mary) 50))))"
    )
    assert (
        made["Tom is strong, and so is Sue."]
        == "(condition (and (> (strength 'tom) 50) (> (strength 'sue) 50)))"
    )


def test_the_other_name_takes_the_place_of_the_subject_in_lists_too():
    made = every_turn(("Tom beat John.", "(condition (won-against '(tom) '(john)))"))
    assert (
        made["Tom beat John, but Mary didn't."]
        == "(condition (and (won-against '(tom) '(john)) (not (won-against '(mary) '(john)))))"
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "Tom is strong and lazy.",
        "Tom, who won, is strong.",
        "Everyone is strong.",
        "Tom isn't weak.",
    ],
)
def test_what_is_not_said_of_one_name_alone_gets_no_second_subject(sentence):
    made = every_turn((sentence, STRONG[1]))
    assert not any(name in text for text in made for name in ("Mary", "Sue", "John"))


def test_questions_and_unclear_sentences_stay_as_they_are():
    for fragment in (UNCLEAR, "(query (strength 'tom))"):
        assert not every_turn(("Tom is strong.", fragment))


def test_two_statements_are_joined_by_what_they_mean_together():
    second = ("Ann beat Sue.", "(condition (won-against '(ann) '(sue)))")
    made = every_turn(STRONG, lambda rng, said, _: turns.both(rng, said, second))
    strong, won = "(> (strength 'tom) 50)", "(won-against '(ann) '(sue))"
    assert made["If Tom is strong, Ann beat Sue."] == f"(condition (or (not {strong}) {won}))"
    assert made["Either Tom is strong or Ann beat Sue."] == f"(condition (or {strong} {won}))"
    assert made["Tom is strong, although Ann beat Sue."] == f"(condition (and {strong} {won}))"


def test_hurry_changes_the_spelling_and_never_the_meaning():
    said = (
        "Tom does not have a strength above average.",
        "(condition (not (> (strength 'tom) 50)))",
    )
    made = [turns.casual(Random(seed), said) for seed in range(200)]
    assert {fragment for _, fragment in made} == {said[1]}
    texts = {text for text, _ in made}
    assert "Tom doesn't have a strength above average." in texts
    assert "tom does not have a strength above average" in texts
    assert all("tom" in text.lower() for text in texts)


def test_constructs_are_not_rare():
    sample = list(islice(pairs(17), 4000))
    share = {
        word: sum(f" {word} " in f" {p.sentence.lower()} " for p in sample) / len(sample)
        for word in ("if", "but", "not", "neither", "is", "who")
    }
    assert share["if"] > 0.008
    assert share["but"] > 0.03
    assert sum("n't" in p.sentence or " not " in p.sentence for p in sample) > 0.06 * len(sample)


def test_invented_worlds_have_words_for_many_things():
    rng = Random(4)
    names = {e.name for _ in range(300) for e in invented.world(rng).vocabulary.entries}
    results = {str(e.type) for _ in range(300) for e in invented.world(rng).vocabulary.entries}
    assert len(names) > 250
    assert len(results) > 60


@pytest.mark.parametrize("name", ["garden", "library", "ward", "railway"])
def test_sentences_of_unseen_worlds_mean_something_there(name):
    source = (UNSEEN / f"{name}.church").read_text()
    found = read_pairs(UNSEEN / f"{name}_sentences.tsv", World.from_source(source))
    assert len(found) >= 40
    assert len({sentence for sentence, _ in found}) == len(found)


@pytest.mark.parametrize("name", ["kinship", "lunch"])
def test_sentences_by_readers_of_the_vocabulary_alone_mean_something_there(name):
    found = read_pairs(UNSEEN.parent / f"{name}_fresh.tsv", load(name))
    assert len(found) >= 40
    others = UNSEEN.parent.glob(f"{name}_sentences*.tsv")
    known = {line.partition("\t")[0] for path in others for line in path.read_text().splitlines()}
    assert not known & {sentence for sentence, _ in found}
