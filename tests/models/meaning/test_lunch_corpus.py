"""Sentences about lunch: generated ones are well formed, and so are those written by hand."""

from functools import cache
from importlib.resources import files
from itertools import count
from pathlib import Path
from random import Random

import pytest

from inference.tokens import Constraint, grammar
from inference.tokens.mentions import mentions
from models.meaning.corpus.lunch import UNCLEAR, group, shipped
from models.meaning.prompt import prefix
from models.words.model import embedded
from models.worlds import load
from plot.printer import write
from plot.reader import read_one
from plot.syntax import Form, Symbol, Tree, walk
from tests.inference.tokens.toy import ByteTokenizer

DATA = Path(__file__).parents[2] / "data" / "lunch_sentences.tsv"
MOST_PROMPT = 380


def rows(text: str) -> list[list[str]]:
    """Sentences and the expressions that they may become."""
    return [line.split("\t") for line in text.splitlines() if line]


def quoted(tree: Tree) -> set[str]:
    """The quoted names of a tree."""
    out: set[str] = set()
    for node in walk(tree):
        if isinstance(node, Form) and node.head == "quote":
            out |= {s.name for s in walk(node[1]) if isinstance(s, Symbol)}
    return out


def test_generated_pairs_lie_in_the_grammar_of_their_vocabulary():
    rng, tokenizer, seen = Random(11), ByteTokenizer(), 0
    for _ in count():
        vocabulary, pairs = group(rng)
        used = set().union(*(quoted(read_one(fragment)) for _, fragment in pairs))
        known = {name for sort in vocabulary.entities for name in sort.names}
        names = {
            s.type: (*s.names, *sorted(used - known)) if s.open else s.names
            for s in vocabulary.entities
        }
        assert used <= known or vocabulary.entities[0].open
        constraint = Constraint(tokenizer, grammar(vocabulary, names))
        for sentence, fragment in pairs:
            assert write(read_one(fragment)) == fragment
            assert constraint.accepts(tokenizer.encode(fragment)), (sentence, fragment)
        seen += len(pairs)
        if seen >= 300:
            return


def test_generated_pairs_type_check_in_the_world_that_ships():
    rng, world, seen = Random(12), load("lunch"), 0
    while seen < 150:
        vocabulary, pairs = group(rng)
        if vocabulary.entries != shipped().entries:
            continue
        for _, fragment in pairs:
            if fragment != UNCLEAR:
                world.check(fragment)
                seen += 1


def test_about_one_pair_in_ten_is_about_something_else():
    rng = Random(13)
    fragments = [fragment for _ in range(150) for _, fragment in group(rng)[1]]
    share = sum(f == UNCLEAR for f in fragments) / len(fragments)
    assert abs(share - 0.095) < 4.5 * (0.095 * 0.905 / len(fragments)) ** 0.5


def test_the_prompt_is_short():
    tokens = embedded().tokenizer.encode(prefix(load("lunch").vocabulary))
    assert len(tokens) <= MOST_PROMPT


@cache
def everything() -> Constraint:
    """The grammar in which every name may be written."""
    vocabulary = load("lunch").vocabulary
    names = {s.type: s.names for s in vocabulary.entities}
    names["person"] = (*names["person"], "carla", "dana", "priya")
    return Constraint(ByteTokenizer(), grammar(vocabulary, names))


@pytest.mark.parametrize("row", rows(DATA.read_text("utf-8")), ids=lambda r: r[0])
def test_a_sentence_written_by_hand_can_be_said(row: list[str]):
    sentence, *golds = row
    world = load("lunch")
    allowed = {n for names in mentions(sentence, world.vocabulary).allowed.values() for n in names}
    for gold in golds:
        assert write(read_one(gold)) == gold
        assert quoted(world.check(gold)) <= allowed
        assert everything().accepts(ByteTokenizer().encode(gold)), gold


def test_enough_sentences_are_written_by_hand():
    sentences = [row[0] for row in rows(DATA.read_text("utf-8"))]
    assert len(set(sentences)) == len(sentences) >= 100
    examples = files("models.worlds").joinpath("lunch", "sentences.tsv").read_text("utf-8")
    assert 15 <= len(rows(examples)) <= 30
