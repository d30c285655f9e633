"""Worlds that are led through a conversation: right, kept, and the same whatever was asked between."""

import jax
import numpy as np
import pytest
from scipy import stats

from experiments.bench.spoken import say
from inference import Auto, Belief, Sequential
from models.conversation import Conversation
from models.conversation.led import KEPT
from plot.errors import ImpossibleEvidence
from plot.world import World

KEY = jax.random.key(0)
HEIGHTS = World.from_source(
    """
    (entities person people (ann bob cid))
    (define height (mem (lambda (who) (gaussian 0 1))))
    (declare height (-> person number) "in metres above the mean")
    """
)
TOLD = (
    "(condition (> (height 'ann) 3))",
    "(condition (> (height 'bob) 3))",
    "(condition (> (height 'cid) 3.5))",
)
ASKED = "(query (height 'cid))"
WORLDS = 20_000


@pytest.fixture
def talk(meaning):
    return Conversation(HEIGHTS, meaning, KEY, Auto(worlds=WORLDS))


def above(least: float) -> float:
    """The mean of a standard normal that is above a number."""
    return stats.norm.pdf(least) / stats.norm.sf(least)


def test_answers_are_right(talk):
    for text in TOLD:
        say(talk, text)
    found = say(talk, ASKED).posterior
    assert found.method == "sequential Monte Carlo"
    assert abs(found.mean.value - above(3.5)) < 4.5 * found.mean.standard_error
    wanted = 2 * stats.norm.logsf(3) + stats.norm.logsf(3.5)
    assert abs(found.evidence.log - wanted) < 4.5 * found.evidence.error


def test_worlds_are_led_where_a_question_needs_them_and_kept(talk, monkeypatch):
    followed = []
    follow = Belief.follow

    def counted(self, world):
        if world.effects is not self.world.effects:
            followed.append(world.told[-1])
        return follow(self, world)

    monkeypatch.setattr(Belief, "follow", counted)
    for text in TOLD[:2]:
        say(talk, text)
    assert not followed
    say(talk, ASKED), say(talk, "(query (height 'ann))")
    assert followed == list(TOLD[:2])
    say(talk, TOLD[2]), say(talk, ASKED)
    assert followed == list(TOLD)


def test_the_same_sentences_give_the_same_answer_whatever_was_asked_between(meaning):
    means = []
    for asks in (False, True):
        talk = Conversation(HEIGHTS, meaning, KEY, Auto(worlds=2_000))
        for text in TOLD:
            say(talk, text)
            if asks:
                say(talk, ASKED)
        means.append(say(talk, ASKED).posterior.mean.value)
    assert means[0] == means[1]


def test_going_back(talk):
    for text in TOLD[:2]:
        say(talk, text)
    before = say(talk, "(query (height 'bob))").posterior.mean.value
    talk.undo(), say(talk, TOLD[2]), say(talk, ASKED)
    talk.undo(), talk.undo()
    assert say(talk, "(query (height 'bob))").posterior.mean.value == before


def test_few_states_keep_their_worlds(talk):
    for text in TOLD:
        say(talk, text), say(talk, ASKED)
    kept = [state.led is not None for state in talk._states]
    assert kept == [False] * (len(kept) - KEPT - 1) + [True] * (KEPT + 1)
    assert talk._states[-1].led.before is None


def test_led_worlds_show_that_a_statement_can_be_true(talk, monkeypatch):
    say(talk, TOLD[0]), say(talk, TOLD[1]), say(talk, ASKED)
    checked = []
    monkeypatch.setattr("models.conversation.talk.impossible", lambda *a: checked.append(a))
    say(talk, TOLD[2])
    assert not checked


def test_a_contradiction_is_refused_all_the_same(talk):
    say(talk, TOLD[0]), say(talk, TOLD[1]), say(talk, ASKED)
    with pytest.raises(ImpossibleEvidence, match="cannot be true together with"):
        say(talk, "(condition (< (height 'ann) 2))")
    assert len(talk.turns) == 3
    found = say(talk, ASKED).posterior
    assert abs(found.mean.value) < 4.5 * found.mean.standard_error


def test_an_interrupt_costs_nothing(talk, monkeypatch):
    for text in TOLD:
        say(talk, text)
    follow = Belief.follow

    def interrupted(self, world):
        if world.told and world.told[-1] == TOLD[2]:
            raise KeyboardInterrupt
        return follow(self, world)

    with monkeypatch.context() as patched:
        patched.setattr(Belief, "follow", interrupted)
        with pytest.raises(KeyboardInterrupt):
            say(talk, ASKED)
    assert len(talk.turns) == len(TOLD)
    found = say(talk, ASKED).posterior
    assert abs(found.mean.value - above(3.5)) < 4.5 * found.mean.standard_error


class TestFollowing:
    def test_a_belief_takes_all_that_a_later_world_was_told(self):
        options = Sequential(worlds=WORLDS)
        world = HEIGHTS
        for text in TOLD:
            world = world.tell(text)
        belief = Belief.of(HEIGHTS, KEY, options).follow(world)
        found = belief.answer(world.ask(ASKED))
        assert abs(found.mean.value - above(3.5)) < 4.5 * found.mean.standard_error
        assert belief.reports[-1].sentence == " ".join(TOLD)

    def test_a_world_that_was_told_no_more_costs_nothing(self):
        belief = Belief.of(HEIGHTS, KEY, Sequential(worlds=100))
        again = belief.follow(HEIGHTS)
        assert again.particles is belief.particles and not again.reports

    def test_what_cannot_be_is_refused(self):
        belief, _ = Belief.of(HEIGHTS, KEY, Sequential(worlds=2_000)).tell(TOLD[0])
        before = np.array(belief.particles.log_weights)
        with pytest.raises(ImpossibleEvidence):
            belief.follow(belief.world.tell("(condition (< (height 'ann) 2))"))
        assert (belief.particles.log_weights == before).all()
