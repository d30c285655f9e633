"""Generated sentences about collisions, and those written by hand: in the grammar, and well typed."""

from functools import cache
from pathlib import Path
from random import Random

import pytest

from inference.tokens import Constraint, grammar
from inference.tokens.mentions import mentions
from models.meaning.corpus.collisions import group, pair, scene_of, shipped
from models.meaning.generate import UNCLEAR
from models.meaning.prompt import prefix
from models.words.model import embedded
from models.worlds import load
from plot.printer import write
from plot.reader import read_one
from tests.inference.tokens.toy import ByteTokenizer
from tests.models.meaning.test_corpus import quoted

DATA = Path(__file__).parents[2] / "data"
TOKENIZER = ByteTokenizer()
WORLDS = ("collisions", "plane")


def constraint(vocabulary):
    """The grammar of a vocabulary with all its names."""
    return Constraint(
        TOKENIZER, grammar(vocabulary, {s.type: s.names for s in vocabulary.entities})
    )


@cache
def shipped_constraint(world):
    return constraint(shipped(world))


def rows(world):
    """Sentences written by hand: the sentence and the fragments that are right."""
    lines = (DATA / f"{world}_sentences.tsv").read_text("utf-8").splitlines()
    return [(line.split("\t")[0], line.split("\t")[1:]) for line in lines]


def test_generated_pairs_parse_print_and_lie_in_the_grammar():
    rng, seen = Random(20), 0
    while seen < 400:
        vocabulary, made = group(rng)
        held = constraint(vocabulary)
        seen += len(made)
        for sentence, fragment in made:
            assert write(read_one(fragment)) == fragment
            assert held.accepts(TOKENIZER.encode(fragment)), (sentence, fragment)
            for name in quoted(read_one(fragment)):
                assert name in sentence.lower()


@pytest.mark.parametrize("name", WORLDS)
def test_generated_pairs_are_well_typed(name):
    world, scene, rng = load(name), scene_of(shipped(name)), Random(21)
    pairs = [pair(rng, scene) for _ in range(300)]
    for _, fragment in pairs:
        if fragment != UNCLEAR:
            world.check(fragment)
    assert 0.05 < sum(f == UNCLEAR for _, f in pairs) / len(pairs) < 0.16
    assert len({sentence for sentence, _ in pairs}) > 285


@pytest.mark.parametrize("name", WORLDS)
def test_sentences_written_by_hand_can_be_said(name):
    world, found = load(name), rows(name)
    assert len(found) >= (100 if name == "collisions" else 10)
    for sentence, fragments in found:
        named = mentions(sentence, world.vocabulary)
        held = Constraint(TOKENIZER, grammar(world.vocabulary, named.allowed))
        for fragment in fragments:
            assert held.accepts(TOKENIZER.encode(fragment)), (sentence, fragment)
            if fragment != UNCLEAR:
                world.check(fragment)


def test_what_a_vocabulary_cannot_say_is_refused_by_the_check():
    assert not shipped_constraint("collisions").accepts(TOKENIZER.encode("(query (height 'red))"))
    assert shipped_constraint("plane").accepts(TOKENIZER.encode("(query (height 'red))"))


@pytest.mark.parametrize("name", WORLDS)
def test_the_prompt_is_short(name):
    assert len(embedded().tokenizer.encode(prefix(shipped(name)))) < 380
