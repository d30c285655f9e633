"""Speakers who choose their words: exact answers of rational speech acts."""

import jax
import numpy as np
import pytest

from inference import Exact
from models.conversation.doubt import believe
from models.meaning.pragmatics import (
    Pragmatic,
    alternatives,
    listener,
    reread,
    speaker,
    spoken_share,
)
from models.meaning.translate import Kind, NotUnderstood, Reading, Readings
from plot.printer import write
from plot.reader import read_one
from plot.world import World

PLAIN = Pragmatic(rationality=1, cost=0)
KEY = jax.random.key(0)
BALLS = World.from_source(
    "(define a (flip 0.5)) (define b (flip 0.5)) (define c (flip 0.5)) (define balls (list a b c))"
)
SOME, ALL = (f"(condition ({word} (lambda (x) x) balls))" for word in ("any", "all"))


def reading(text: str, probability: float = 1.0) -> Reading:
    return Reading(Kind.STATEMENT, read_one(text), text, probability)


def posterior(said: str, options: Pragmatic, engine=Exact()) -> float:
    """P(all balls are red | what was said)."""
    world, _ = believe(
        BALLS, [reading(said)], lambda r: spoken_share(BALLS, r, engine, KEY, options)
    )
    return engine.infer(KEY, world.ask("(and a b c)")).probability(True).value


class TestSpeaking:
    def test_the_textbook_game_of_reference(self):
        # Frank and Goodman 2012: blue square, blue circle, green square; `blue`, `green`, `square`,
        # `circle`. For the blue square, `blue` and `square` are equally good; `square` is more
        # often the blue one, whose speaker has no word of its own... by exact fractions:
        literal = np.array([[1, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 0]]) / np.array(
            [[2], [1], [2], [1]]
        )
        found = listener(literal, np.full(3, 1 / 3), np.zeros(4), PLAIN)
        assert found[0] == pytest.approx([3 / 5, 2 / 5, 0])
        assert found[2] == pytest.approx([3 / 5, 0, 2 / 5])
        assert found[1] == pytest.approx([0, 0, 1])

    def test_every_speaker_says_something_where_something_can_be_said(self):
        rng = np.random.default_rng(3)
        literal = rng.dirichlet(np.ones(5), size=7) * (rng.random((7, 5)) > 0.3)
        literal[:, 4] = 0
        spoken = speaker(literal, rng.random(7))
        assert spoken.sum(axis=0) == pytest.approx([1, 1, 1, 1, 0])

    def test_long_sentences_are_chosen_less(self):
        same = np.full((2, 2), 0.5)
        spoken = speaker(same, np.array([0.0, np.log(3)]))
        assert spoken == pytest.approx(np.array([[0.75, 0.75], [0.25, 0.25]]))

    def test_what_is_none_is_refused(self):
        with pytest.raises(ValueError, match="not negative"):
            speaker(np.array([[-1.0, 2.0]]), np.zeros(1))
        with pytest.raises(ValueError, match="0 or more"):
            Pragmatic(rationality=-1)


class TestWorlds:
    def test_some_comes_to_say_not_all(self):
        # Literally 1/7. A speaker who knows that all are red says `some` with (8/7) / (8/7 + 8) = 1/8,
        # so P(all | some) = (1/8 * 1/8) / (6/8 + 1/8 * 1/8) = 1/49.
        assert posterior(SOME, PLAIN) == pytest.approx(1 / 49)
        assert posterior(ALL, PLAIN) == pytest.approx(1)

    def test_rationality_two_by_hand(self):
        say_all, say_some = 8.0**2, (8 / 7) ** 2
        share = say_some / (say_some + say_all)
        assert posterior(SOME, Pragmatic(2, 0)) == pytest.approx((share / 8) / (6 / 8 + share / 8))

    def test_a_speaker_who_does_not_care_still_had_the_choice(self):
        # Either word with 1/2 where both are true.
        assert posterior(SOME, Pragmatic(0, 0)) == pytest.approx((1 / 16) / (6 / 8 + 1 / 16))

    def test_without_alternatives_a_statement_is_taken_literally(self):
        assert posterior("(condition a)", PLAIN) == pytest.approx(1 / 4)

    def test_or_comes_to_say_not_both(self):
        literal = 1 / 3
        world, _ = believe(
            BALLS,
            [reading("(condition (or a b))")],
            lambda r: spoken_share(BALLS, r, Exact(), KEY, PLAIN),
        )
        both = Exact().infer(KEY, world.ask("(and a b)")).probability(True).value
        # S1(or | both) = (4/3) / (4/3 + 4) = 1/4; P(both | or) = (1/16) / (2/4 + 1/16) = 1/9.
        assert both == pytest.approx(1 / 9) and both < literal

    def test_alternatives_are_one_step_away(self):
        found = alternatives(read_one("(condition (and a (any (lambda (x) x) balls)))"))
        assert sorted(map(write, found)) == [
            "(condition (and a (all (lambda (x) x) balls)))",
            "(condition (or a (any (lambda (x) x) balls)))",
        ]


class TestReadings:
    def test_a_reading_that_has_a_clearer_sentence_of_its_own_loses(self):
        both, one = "(condition (and a b))", "(condition a)"
        heard = {
            "vague": {both: 0.5, one: 0.5},
            "a and b": {both: 1.0},
            "a": {both: 0.4, one: 0.6},
        }

        def translate(sentence: str) -> Readings:
            if sentence not in heard:
                raise NotUnderstood("no")
            found = tuple(reading(t, p) for t, p in heard[sentence].items())
            return Readings(sentence, found, 0.0, 0.0, 0.0)

        say = {read_one(both): "a and b", read_one(one): "a"}.__getitem__
        found = reread(translate("vague"), say, translate, PLAIN)
        # S1(vague | both) = .5 / (.5 + 1 + .4), S1(vague | one) = .5 / (.5 + .6).
        shares = np.array([0.5 / 1.9, 0.5 / 1.1])
        assert found.best.text == one
        assert found.best.probability == pytest.approx(shares[1] / shares.sum())
        assert sum(r.probability for r in found.readings) == pytest.approx(1)
