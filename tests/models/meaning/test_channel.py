"""Noisy-channel rescoring against exact posteriors."""

import jax
import numpy as np
import pytest

from models.meaning.channel import Channel, NoisyChannel, Rescored, rescored
from models.meaning.corpus.tugofwar import shipped
from models.meaning.translate import Kind, Reading, Readings
from models.words.model import embedded
from plot.reader import read_one
from tests.models.meaning.scripted import ScriptedModel

TOM, ANN = "(query (strength 'tom))", "(query (strength 'ann))"
# P(expression, sentence), as a channel writes it.
JOINT = {(TOM, "Tom?"): 0.4, (TOM, "Who?"): 0.1, (ANN, "Ann?"): 0.1, (ANN, "Who?"): 0.4}


def channel() -> Channel:
    texts = {f"\nExpression: {e}\nIn English: {s}\n": p for (e, s), p in JOINT.items()}
    return Channel(ScriptedModel(texts), shipped(), ())


def readings(**shares: float) -> Readings:
    texts = {"tom": TOM, "ann": ANN}
    found = tuple(
        Reading(Kind.QUESTION, read_one(texts[n]), texts[n], p) for n, p in shares.items()
    )
    return Readings("Who?", found, 0.0, 0.0, 0.0)


def test_likelihoods_are_those_of_the_channel():
    found = channel().log_likelihoods("Who?", [TOM, ANN])
    assert np.exp(found) == pytest.approx([0.2, 0.8], rel=0.01)


def test_with_weight_one_and_the_prior_it_is_the_posterior():
    prior = readings(tom=0.5, ann=0.5)
    found = rescored(prior, channel().log_likelihoods("Who?", [TOM, ANN]), 1.0)
    assert found.best.text == ANN and found.best.probability == pytest.approx(0.8, rel=0.01)


def test_weight_zero_and_readings_that_are_not_scored_stay():
    first = readings(tom=0.7, ann=0.3)
    assert rescored(first, np.array([-1.0, -9.0]), 0.0).readings == first.readings
    found = rescored(first, np.array([-5.0]), 2.0)
    assert [r.probability for r in found.readings] == pytest.approx([0.7, 0.3])


class Fixed:
    """Reads everything alike."""

    vocabulary = shipped()

    def translate(self, key, sentence, reward=None):
        return readings(tom=0.55, ann=0.45)

    def grown(self, vocabulary):
        return self

    def learned(self, sentence, expression):
        return self


def test_a_meaning_function_is_rescored():
    found = Rescored(Fixed(), channel(), NoisyChannel(weight=1)).translate(
        jax.random.key(0), "Who?"
    )
    assert found.best.text == ANN
    wanted = 0.45 * 0.8 / (0.45 * 0.8 + 0.55 * 0.2)
    assert found.best.probability == pytest.approx(wanted, rel=0.01)
    rare = Rescored(Fixed(), channel(), NoisyChannel(weight=1, least=0.5))
    assert rare.translate(jax.random.key(0), "Who?").best.text == TOM


def test_the_embedded_model_finds_the_sentence_likelier_after_what_it_means():
    examples = (
        ("John beat Mary.", "(condition (won-against '(john) '(mary)))"),
        ("How lazy is Sue?", "(query (laziness 'sue))"),
    )
    scores = Channel(embedded(adapter=False), shipped(), examples).log_likelihoods(
        "How strong is Tom?", ["(query (strength 'tom))", "(query (laziness 'john))"]
    )
    assert scores[0] > scores[1] + 1
