"""Doubt in the tokens and in the words of a model."""

import numpy as np
import pytest

from models.meaning.doubt import agreement, clusters, kernel_entropy
from models.meaning.self_doubt import (
    judged_by_server,
    predictive_entropy,
    relevance,
    self_judged,
    stated,
    token_log_probabilities,
    verbal_confidence,
    weighted_surprise,
)
from models.words.calls import CallCache
from models.words.served import Server, ServerOptions
from tests.models.meaning.scripted import ScriptedModel
from tests.models.meaning.test_doubt import WORLD, readings
from tests.models.words.misbehaving import Behaviour, serving


class TestTokens:
    def test_the_mean_surprise_of_samples_comes_near_the_entropy(self):
        shares = np.array([0.5, 0.3, 0.2])
        drawn = np.random.default_rng(0).choice(3, 4000, p=shares)
        entropy = -(shares * np.log(shares)).sum()
        found = predictive_entropy(np.log(shares)[drawn].tolist())
        error = np.log(shares)[drawn].std() / np.sqrt(4000)
        assert abs(found - entropy) < 4 * error
        with pytest.raises(ValueError, match="no sample"):
            predictive_entropy([])

    def test_tokens_sum_to_the_text(self):
        model = ScriptedModel({"(condition a)": 0.7, "(condition b)": 0.3})
        tokens = model.tokenizer.encode("(condition a)")
        each = token_log_probabilities(model, None, tokens)
        assert each.sum() == pytest.approx(float(model.score(None, [tokens])[0]))
        # Only the letter was in doubt.
        assert np.argmin(each) == len("(condition ") and each.min() == pytest.approx(
            np.log(0.7), abs=1e-3
        )

    def test_what_changes_nothing_is_of_no_relevance(self):
        words = ("a", "b")
        found = relevance(
            ["a", " ", "b"], lambda ts: np.array([[t.count(w) for w in words] for t in ts])
        )
        assert found == pytest.approx([1 - 0.5**0.5, 0, 1 - 0.5**0.5])

    def test_only_what_matters_counts(self):
        log_p = np.array([-3.0, -1.0, -0.5])
        assert weighted_surprise(log_p, np.array([1.0, 1.0, 0.0])) == 2
        assert weighted_surprise(log_p, np.zeros(3)) == pytest.approx(1.5)


class TestGraph:
    def test_three_meanings_two_of_them_near(self):
        found = readings(x=0.4, nearly_x=0.4, b=0.2).readings
        near = agreement(WORLD, found)
        assert near[0, 1] == pytest.approx(0.9, abs=0.03)
        assert near[0, 2] == pytest.approx(0.5, abs=0.05) and near[0, 2] == near[2, 0]
        assert 1 < clusters(near) < clusters(np.eye(3))
        shares = np.array([r.probability for r in found])
        plain = -(shares * np.log2(shares)).sum()
        assert kernel_entropy(shares, np.eye(3)) == pytest.approx(plain)
        assert 0 < kernel_entropy(shares, near) < plain


def server(url: str) -> Server:
    return Server(ServerOptions(url, "toy", retries=0, concurrent=1), CallCache(None))


MESSAGES = [{"role": "user", "content": "Tom won."}]


class TestAsking:
    def test_the_share_of_yes(self):
        model = ScriptedModel({" yes": 0.8, " no": 0.2})
        assert self_judged(model, None, "Tom won.", "(f)") == pytest.approx(0.8, abs=1e-3)
        assert "Tom won." in model.prompts[-1] and "(f)" in model.prompts[-1]

    def test_a_server_is_asked_after_its_own_answer(self):
        answers = ["Yes.", "no", "yes, it is", "perhaps"]
        behaviour = Behaviour(lambda n, r: answers[n])
        with serving(behaviour) as url:
            assert judged_by_server(server(url), MESSAGES, "(f)", 4) == pytest.approx(2 / 3)
        assert behaviour.requests[0]["messages"][-2] == {"role": "assistant", "content": "(f)"}

    def test_an_answer_that_is_none_is_an_error(self):
        with serving(Behaviour(lambda n, r: "Who knows?")) as url:
            with pytest.raises(ValueError, match="says yes or no"):
                judged_by_server(server(url), MESSAGES, "(f)", 2)
            with pytest.raises(ValueError, match="from 0 to 100"):
                verbal_confidence(server(url), MESSAGES, "(f)")

    def test_confidence_in_words(self):
        with serving(Behaviour(lambda n, r: ["90", "70 %"][n])) as url:
            assert verbal_confidence(server(url), MESSAGES, "(f)", 2) == pytest.approx(0.8)

    @pytest.mark.parametrize(
        ("text", "value"),
        [("100", 1.0), ("0", 0.0), ("1", 0.01), ("0.75", 0.75), ("60/100", 0.6), ("", None)],
    )
    def test_numbers(self, text, value):
        assert stated(text) == value
