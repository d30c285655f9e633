"""Conversations: doubt that is kept, sentences that are refused, and going back."""

import jax
import pytest

from inference import Importance
from models.conversation import BestReading, Conversation, Mixture, believe
from models.meaning.translate import Kind, Meaning, NotUnderstood, Reading
from models.words.model import TRANSLATOR, embedded
from models.worlds import load
from plot.errors import ImpossibleEvidence, PlotError
from plot.reader import read_one
from plot.world import World

COINS = World.from_source("(define a (flip 0.5)) (define b (flip 0.2))")


def reading(text: str, probability: float) -> Reading:
    return Reading(Kind.STATEMENT, read_one(text), text, probability)


def share(world: World, question: str):
    return (
        Importance(worlds=100_000).infer(jax.random.key(0), world.ask(question)).probability(True)
    )


class TestBelieving:
    def test_one_reading_is_told_as_it_stands(self):
        assert believe(COINS, [reading("(condition a)", 1.0)])[0].told == ("(condition a)",)

    def test_several_readings_are_a_mixture_weighted_by_how_well_each_fits(self):
        world, _ = believe(COINS, [reading("(condition a)", 0.6), reading("(condition b)", 0.4)])
        # P(a | told) = (0.6 + 0.4 * 0.2) 0.5 / (0.6 * 0.5 + 0.4 * 0.2)
        wanted = (0.6 + 0.4 * 0.2) * 0.5 / (0.6 * 0.5 + 0.4 * 0.2)
        got = share(world, "a")
        assert abs(got.value - wanted) < 5 * got.standard_error

    def test_a_reading_that_cannot_be_true_leaves_the_others(self):
        world, _ = believe(
            COINS, [reading("(condition (and a (not a)))", 0.9), reading("(condition b)", 0.1)]
        )
        assert share(world, "b").value == 1

    def test_an_exact_value_is_not_weighed_against_a_range(self):
        world = World.from_source("(define x (gaussian 0 1))")
        readings = [reading("(condition (= x 2))", 0.7), reading("(condition (> x 0))", 0.3)]
        after, used = believe(world, readings)
        assert used == (readings[0],) and after.told == ("(condition (= x 2))",)

    def test_the_policies_choose(self):
        readings = [
            reading("(condition a)", 0.7),
            reading("(condition b)", 0.28),
            reading("(condition #t)", 0.02),
        ]
        assert len(BestReading().choose(readings)) == 1
        assert len(Mixture(floor=0.05).choose(readings)) == 2
        assert len(Mixture(floor=0.9).choose(readings)) == 1


@pytest.fixture(scope="module")
def meaning():
    if not TRANSLATOR.is_file():
        pytest.skip(
            "the trained adapter is not there: run `python -m experiments train_translator`"
        )
    return Meaning(embedded(), load("tug_of_war").vocabulary)


@pytest.fixture
def talk(meaning):
    engine = Importance(worlds=50_000)
    return Conversation(load("tug_of_war"), meaning, jax.random.key(0), engine)


class TestConversation:
    def test_a_conversation_in_english(self, talk):
        talk.say("Tom beat John.")
        turn = talk.say("How strong is Tom?")
        assert talk.world.told == ("(condition (won-against '(tom) '(john)))",)
        assert turn.posterior is not None and 53 < turn.posterior.mean.value < 62
        assert turn.sureness > 0.5

    def test_what_cannot_be_read_costs_nothing(self, talk):
        talk.say("Tom beat John.")
        for sentence in (
            "",
            "   ",
            "?!…",
            "x" * 10_000,
            "The weather is nice today.",
            "Das Wetter ist heute schön.",
        ):
            with pytest.raises(NotUnderstood):
                talk.say(sentence)
        assert len(talk.turns) == 1 and len(talk.world.told) == 1
        assert talk.say("Is Tom stronger than John?").posterior is not None

    def test_a_contradiction_names_the_sentence_and_costs_nothing(self, talk):
        talk.say("Tom is stronger than John.")
        with pytest.raises(ImpossibleEvidence, match=r"John is stronger than Tom.*cannot be true"):
            talk.say("John is stronger than Tom.")
        assert len(talk.turns) == 1
        assert talk.say("Is Tom stronger than John?").posterior.probability(True).value == 1

    def test_going_back(self, talk):
        talk.say("Tom beat John.")
        before = talk.world
        talk.say("Sue beat Tom.")
        assert talk.undo().sentence == "Sue beat Tom."
        assert talk.world is before
        talk.undo()
        assert talk.undo() is None

    def test_new_names_are_welcome_in_this_world(self, talk):
        talk.say("Priya beat Tom.")
        assert "priya" in talk.world.vocabulary.entities[0].names

    def test_the_same_seed_gives_the_same_conversation(self, meaning):
        said = []
        for _ in range(2):
            talk = Conversation(
                load("tug_of_war"), meaning, jax.random.key(5), Importance(worlds=20_000)
            )
            talk.say("Mary lost to Sue.")
            said.append(str(talk.say("How strong is Sue?").posterior.mean))
        assert said[0] == said[1]


def test_a_world_without_open_names_says_so():
    with pytest.raises(PlotError, match="takes no new ones"):
        World.from_source("(entities person people (tom))").mention("person", ("ann",))
