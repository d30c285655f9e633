"""Sentences about families, generated and written by hand: in the grammar, and well typed."""

import re
from pathlib import Path
from random import Random

import pytest

from inference.tokens import Constraint, grammar, mentions
from models.meaning.corpus.kinship import group
from models.meaning.prompt import prefix
from models.words.model import embedded
from models.worlds import load
from plot.check import check
from plot.errors import PlotError
from plot.printer import write
from plot.reader import read_one
from tests.inference.tokens.toy import ByteTokenizer

PAIRS = 300
MOST_TOKENS = 380
BY_HAND = Path(__file__).parents[2] / "data" / "kinship_sentences.tsv"


def generated(seed, count):
    rng, found = Random(seed), []
    while len(found) < count:
        vocabulary, pairs = group(rng)
        found += [(vocabulary, sentence, fragment) for sentence, fragment in pairs]
    return found


def by_hand():
    rows = (line.split("\t") for line in BY_HAND.read_text("utf-8").splitlines())
    return [(sentence, fragment) for sentence, fragment in rows]


def test_generated_fragments_are_in_the_grammar_and_well_typed():
    tokenizer, made = ByteTokenizer(), {}
    for vocabulary, sentence, fragment in generated(1, PAIRS):
        if vocabulary not in made:
            names = {s.type: s.names for s in vocabulary.entities}
            made[vocabulary] = Constraint(tokenizer, grammar(vocabulary, names))
        assert made[vocabulary].accepts(tokenizer.encode(fragment)), (sentence, fragment)
        tree = read_one(fragment)
        assert write(tree) == fragment
        if fragment != "(unclear)":
            check([tree], vocabulary)


def test_a_pair_of_another_world_is_in_no_grammar():
    vocabulary, _, _ = generated(1, 1)[0]
    tokenizer = ByteTokenizer()
    names = {s.type: s.names for s in vocabulary.entities}
    constraint = Constraint(tokenizer, grammar(vocabulary, names))
    assert not constraint.accepts(tokenizer.encode("(condition (won-against '(tom) '(john)))"))
    with pytest.raises(PlotError):
        check([read_one("(condition (won-against '(tom) '(john)))")], vocabulary)


def test_generated_names_stand_in_the_sentence():
    for _, sentence, fragment in generated(2, PAIRS):
        quoted = re.findall(r"'\(([a-z ]+)\)|'([a-z]+)", fragment)
        for name in " ".join(map(" ".join, quoted)).split():
            assert name in sentence.lower(), (sentence, fragment)


def test_about_one_in_ten_is_about_something_else():
    found = [fragment for _, _, fragment in generated(3, 3000)]
    assert 0.08 < found.count("(unclear)") / len(found) < 0.12


def test_sentences_by_hand_are_in_the_grammar_and_well_typed():
    world, tokenizer = load("kinship"), ByteTokenizer()
    rows = by_hand()
    assert len(rows) >= 100
    for sentence, fragment in rows:
        allowed = mentions(sentence, world.vocabulary).allowed
        constraint = Constraint(tokenizer, grammar(world.vocabulary, allowed))
        assert constraint.accepts(tokenizer.encode(fragment)), sentence
        assert write(world.check(fragment)) == fragment


def test_few_sentences_by_hand_are_generated():
    made = {sentence for _, sentence, _ in generated(4, 3000)}
    assert sum(sentence in made for sentence, _ in by_hand()) <= 5  # short ones, by chance


def test_the_prompt_is_short():
    tokens = embedded().tokenizer.encode(prefix(load("kinship").vocabulary))
    assert len(tokens) < MOST_TOKENS
