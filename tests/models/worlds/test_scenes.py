"""Static scenes: what the words mean, beside counts worked out by hand."""

import math
from pathlib import Path

import jax
import pytest

from experiments.scenes.exact import answer as combinatorics
from experiments.scenes.exact import chance_of
from inference import Exact, Importance
from inference.tokens import Constraint, grammar
from inference.tokens.mentions import UnknownName, mentions
from models.conversation import Conversation
from models.meaning.translate import Kind, Meaning, Reading, Readings
from models.worlds import load
from models.worlds.scenes.rows import count_chances
from plot.errors import ImpossibleEvidence, PlotError
from plot.reader import read_one
from tests.inference.tokens.toy import ByteTokenizer
from tests.models.meaning.scripted import ScriptedModel

KEY = jax.random.key(0)

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


@pytest.mark.parametrize(
    ("told", "asked", "groups", "holds", "value"),
    [
        ("", "(exists (things '(blue mug)))", ["blue mug"], lambda n: True, lambda n: n["blue mug"] > 0),
        (
            "(condition (= (number-of (things '(plate))) 2))",
            "(> (number-of (things '(mug))) (number-of (things '(plate))))",
            ["mug", "plate"],
            lambda n: n["plate"] == 2,
            lambda n: n["mug"] > n["plate"],
        ),
        (
            "(condition (every (things '(mug)) (things '(blue))))",
            "(>= (number-of (things '(small))) 5)",
            ["mug", "blue mug", "small"],
            lambda n: n["mug"] == n["blue mug"],
            lambda n: n["small"] >= 5,
        ),
    ],
)  # fmt: skip
def test_exact_sums_agree_with_combinatorics(world, told, asked, groups, holds, value):
    if told:
        world = world.tell(told)
    found = Exact().infer(KEY, world.ask(asked))
    mass, chance = combinatorics(groups, holds, value)
    assert found.probability(True).value == pytest.approx(chance, abs=1e-5)
    assert found.evidence.log == pytest.approx(math.log(mass), abs=1e-5)


def test_counts_have_the_law_of_the_paper(world):
    table = Exact().infer(KEY, world.ask("(number-of everything)")).table
    found = {int(float(str(row.value))): row.probability for row in table}
    assert [found[n] for n in range(13)] == pytest.approx(count_chances().tolist(), abs=1e-6)
    assert sum(map(chance_of, range(13))) == pytest.approx(1)


@pytest.mark.parametrize(
    ("asked", "chance"),
    [
        ("(exists (left-of (things '(mug)) (things '(plate))))", 1 / 2),
        ("(exists (behind (things '(mug)) (things '(plate))))", 1 / 2),
        ("(exists (between (things '(mug)) (things '(plate)) (things '(box))))", 1 / 3),
        ("(exists (bigger-than (things '(mug)) (things '(plate))))", 1 / 4),
        ("(eq? (kind-of (leftmost (things '(mug)))) 'mug)", 1),
        ("(exists (leftmost (right-of (things '(mug)) (things '(plate)))))", 1 / 2),
        ("(exists (next-to (things '(mug)) (things '(plate))))", "near"),
    ],
)
def test_places_against_what_symmetry_says(world, asked, chance):
    for kind in ("mug", "plate", "box"):
        world = world.tell(f"(condition (= (number-of (things '({kind}))) 1))")
    if chance == "near":  # both differences are triangular; the circle lies inside
        a, b, r = 100.0, 60.0, 15.0
        chance = math.pi * r**2 / (a * b) - 4 * r**3 / 3 * (1 / (a**2 * b) + 1 / (a * b**2))
        chance += r**4 / (2 * a**2 * b**2)
    found = Importance(worlds=60_000).infer(KEY, world.ask(asked)).probability(True)
    assert abs(found.value - chance) <= 4.5 * found.standard_error + 1e-9


def said(*fragments):
    share = 1 / len(fragments)
    found = tuple(
        Reading(Kind.STATEMENT if f.startswith("(condition") else Kind.QUESTION, read_one(f), f, share)
        for f in fragments
    )  # fmt: skip
    return Readings(fragments[0], found, 0.0, 0.0, 0.0)


class TestBadInput:
    @pytest.fixture
    def talk(self, world):
        meaning = Meaning(ScriptedModel({"(unclear)": 1.0}), world.vocabulary)
        return Conversation(world, meaning, KEY, name="scenes")

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ("(condition (not (exists (things '(mug)))))", "(condition (exists (things '(blue mug))))"),
            ("(condition (= (number-of (things '(red))) 4))", "(condition (< (number-of everything) 3))"),
        ],
    )  # fmt: skip
    def test_a_contradiction_names_the_sentence_and_costs_nothing(self, talk, first, second):
        talk.read_as("the first", said(first))
        before = list(talk.turns), talk.world
        with pytest.raises(ImpossibleEvidence, match="the second"):
            talk.read_as("the second", said(second))
        assert (list(talk.turns), talk.world) == before

    def test_more_things_than_there_can_be(self, talk):
        with pytest.raises(ImpossibleEvidence, match="thirteen"):
            talk.read_as("thirteen mugs", said("(condition (= (number-of (things '(mug))) 13))"))
        assert talk.turns == []

    def test_nobody_is_known_here(self, world):
        with pytest.raises(UnknownName, match="new names are not welcome"):
            mentions("Tom is on the table.", world.vocabulary)

    def test_features_that_do_not_exist(self, world):
        with pytest.raises(PlotError, match="purple"):
            world.tell("(condition (exists (things '(purple))))")
