"""Static scenes: what the words mean, beside counts worked out by hand."""

from pathlib import Path

import jax
import pytest

from inference import Importance
from inference.tokens import Constraint, grammar
from models.worlds import load
from tests.inference.tokens.toy import ByteTokenizer

DATA = Path(__file__).parents[2] / "data" / "scenes_sentences.tsv"
OWN = Path(__file__).parents[3] / "models" / "worlds" / "scenes" / "sentences.tsv"


@pytest.fixture(scope="module")
def world():
    return load("scenes")


def rows(path):
    return [line.split("\t") for line in path.read_text("utf-8").splitlines()]


def test_example_sentences_parse_type_check_and_run(world):
    found = rows(OWN)
    assert 15 <= len(found) <= 30
    for _, fragment in found:
        if fragment.startswith("(condition"):
            assert world.tell(fragment).told
        else:
            Importance(worlds=2_000).infer(jax.random.key(0), world.ask(fragment))


def test_sentences_of_others_can_be_said(world):
    tokenizer = ByteTokenizer()
    names = {sort.type: sort.names for sort in world.vocabulary.entities}
    constraint = Constraint(tokenizer, grammar(world.vocabulary, names))
    found = rows(DATA)
    assert len({sentence for sentence, *_ in found}) == len(found) >= 100
    for _, *golds in found:
        for gold in golds:
            world.check(gold)
            assert constraint.accepts(tokenizer.encode(gold)), gold
