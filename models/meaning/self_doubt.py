"""What a model's own tokens and words say of how sure it is.

Sources: Malinin and Gales 2021 (predictive entropy); Duan et al. 2024 (scores weighted by the relevance
of tokens); Kadavath et al. 2022 (asking a model whether its answer is right); Tian et al. 2023
(confidence in words).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from inference.tokens.base import LanguageModel

if TYPE_CHECKING:
    from models.words.served import Messages, Server

RIGHT = "Is this translation right? Answer yes or no."
SURE = "How sure are you that this translation is right? Answer with a number from 0 to 100 alone."
_NUMBER = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s*(%|/\s*100)?")


def predictive_entropy(
    log_probabilities: Sequence[float],
    shares: Sequence[float] | None = None,
    lengths: Sequence[int] | None = None,
) -> float:
    """The mean of minus the log probability of sampled texts, in nats.

    Args:
      log_probabilities: of each sample.
      shares: how much each counts; alike where not given, as for draws of the model itself.
      lengths: in tokens; where given, each counts per token.

    Raises:
      ValueError: where there is no sample.

    >>> predictive_entropy([-1.0, -3.0]), predictive_entropy([-1.0, -3.0], lengths=[2, 6])
    (2.0, 0.5)
    """
    scores = -np.asarray(log_probabilities, float)
    if not scores.size:
        raise ValueError("the entropy of no sample is not known")
    each = scores if lengths is None else scores / np.asarray(lengths)
    return float(np.average(each, weights=shares))


def token_log_probabilities(
    model: LanguageModel, prefix: Any, tokens: Sequence[int]
) -> Float[np.ndarray, " tokens"]:
    """`[tokens]`, the log probability of each token of a text, in nats.

    Args:
      model: that might have written it.
      prefix: from `model.prefix`.
      tokens: of the text.
    """
    heads = [list(tokens[: i + 1]) for i in range(len(tokens))]
    return np.diff(np.asarray(model.score(prefix, heads), float), prepend=0.0)


def relevance(
    texts: Sequence[str], embed: Callable[[Sequence[str]], np.ndarray]
) -> Float[np.ndarray, " pieces"]:
    """`[pieces]`, how much a text changes when one of its pieces is left out, 0 to 2.

    Args:
      texts: the pieces, in order.
      embed: texts to vectors.
    """
    whole = "".join(texts)
    without = ["".join((*texts[:i], *texts[i + 1 :])) for i in range(len(texts))]
    vectors = np.asarray(embed([whole, *without]), float)
    lengths = np.linalg.norm(vectors, axis=1)
    cosine = vectors[1:] @ vectors[0] / np.maximum(lengths[1:] * lengths[0], 1e-12)
    return 1 - cosine


def weighted_surprise(
    log_probabilities: Float[np.ndarray, " tokens"], relevances: Float[np.ndarray, " tokens"]
) -> float:
    """Minus the log probabilities of tokens, weighed by how much each matters, in nats.

    Args:
      log_probabilities: `[tokens]`.
      relevances: `[tokens]`, not negative; where all are 0, all tokens matter alike.

    >>> weighted_surprise(np.array([-4.0, -1.0]), np.array([0.0, 2.0]))
    1.0

    Source: Duan et al. 2024, tokenSAR.
    """
    relevances = np.clip(relevances, 0, None)
    total = relevances.sum()
    shares = relevances / total if total > 0 else np.full(len(relevances), 1 / len(relevances))
    return float(-(shares * log_probabilities).sum())


def self_judged(model: LanguageModel, prefix: Any, sentence: str, expression: str) -> float:
    """The probability that a model gives to `yes` when asked whether a translation is right.

    Args:
      model: as published; an adapter that only writes expressions has unlearned to answer.
      prefix: of the world's vocabulary, from `model.prefix`.
      sentence: in English.
      expression: what it may mean.
    """
    encode = model.tokenizer.encode
    asked = f"\n\nSentence: {sentence}\nTranslation: {expression}\nQuestion: {RIGHT}\nAnswer:"
    after = model.prefix(encode(asked), after=prefix)
    yes, no = np.asarray(model.score(after, [encode(" yes"), encode(" no")]), float)
    return float(1 / (1 + np.exp(no - yes)))


def judged_by_server(
    server: Server, messages: Messages, expression: str, samples: int = 8, seed: int = 0
) -> float:
    """The share of a chat model's answers that call its own translation right.

    Args:
      server: of the model.
      messages: that asked for the translation.
      expression: what it gave.
      samples: how often it is asked.
      seed: of the first.

    Raises:
      ValueError: where no answer says yes or no.
      ServerError: where the server fails.
    """
    talk = [*messages, _said(expression), {"role": "user", "content": RIGHT}]
    words = [reply.text.strip().lower() for reply in server.ask(talk, samples, seed)]
    votes = [w.startswith("yes") for w in words if w.startswith(("yes", "no"))]
    if not votes:
        raise ValueError(f"none of {samples} answers says yes or no; the first: {words[0][:60]!r}")
    return sum(votes) / len(votes)


def verbal_confidence(
    server: Server, messages: Messages, expression: str, samples: int = 1, seed: int = 0
) -> float:
    """The confidence that a chat model states in words, 0 to 1; the mean of several answers.

    Args:
      server, messages, expression, samples, seed: as for `judged_by_server`.

    Raises:
      ValueError: where no answer is a number from 0 to 100.
      ServerError: where the server fails.
    """
    talk = [*messages, _said(expression), {"role": "user", "content": SURE}]
    replies = [reply.text for reply in server.ask(talk, samples, seed)]
    found = [c for text in replies if (c := stated(text)) is not None]
    if not found:
        raise ValueError(
            f"none of {samples} answers is a number from 0 to 100; the first: {replies[0][:60]!r}"
        )
    return sum(found) / len(found)


def stated(text: str) -> float | None:
    """The confidence that a text states, 0 to 1; None where it states none.

    >>> stated("About 85%."), stated("I am 0.9 sure"), stated("no idea"), stated("150")
    (0.85, 0.9, None, None)
    """
    match = _NUMBER.search(text)
    if match is None:
        return None
    value, percent = float(match[1]), bool(match[2])
    is_share = not percent and "." in match[1] and value <= 1
    return value if is_share else value / 100 if value <= 100 else None


def _said(expression: str) -> dict[str, str]:
    return {"role": "assistant", "content": expression}
