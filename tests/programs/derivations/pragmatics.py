"""Rational speech acts, by matrices: rows are utterances, columns are states."""

import math

import numpy as np

from tests.programs.derivations.tools import normalise


def _listener(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum(axis=1, keepdims=True)


def _speaker(weights: np.ndarray) -> np.ndarray:
    return weights / weights.sum(axis=0, keepdims=True)


def _labels(states: list[str], row: np.ndarray) -> dict[str, float]:
    return {f"P({s})": float(p) for s, p in zip(states, row, strict=True) if p > 0}


# green, pink, square, round; of a green square, a green disc and a pink disc
OBJECTS = np.array([[1, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 1]], float)


def three_objects():
    literal = _listener(OBJECTS)
    speaker = _speaker(OBJECTS * np.exp(literal))
    heard = _listener(speaker)[0]
    return {"P(green-square)": float(heard[0]), "P(green-disc)": float(heard[1])}


def reference_game():
    """Blue square, blue circle, green square; words blue, green, square, circle."""
    words = np.array([[1, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 0]], float)
    heard = _listener(_speaker(_listener(words)))[0]
    return _labels(["blue-square", "blue-circle"], heard[:2])


def sharper_speaker():
    words = np.array([[1, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 0]], float)
    heard = _listener(_speaker(_listener(words) ** 4))[0]
    return _labels(["blue-square", "blue-circle"], heard[:2])


def some_but_not_all():
    """Words none, some, all; of 0 to 3 apples."""
    words = np.array([[1, 0, 0, 0], [0, 1, 1, 1], [0, 0, 0, 1]], float)
    return _labels(["1", "2", "3"], _listener(_speaker(_listener(words)))[1][1:])


def deeper_reasoning():
    words = np.array([[1, 0, 0, 0], [0, 1, 1, 1], [0, 0, 0, 1]], float)
    listener = _listener(words)
    for _ in range(2):
        listener = _listener(_speaker(listener))
    return _labels(["1", "2", "3"], listener[1][1:])


def speaker_who_saw_a_part():
    """The speaker looked at two of three apples and saw both red; listener hears `some`."""
    binomial = np.array([math.comb(3, k) / 8 for k in range(4)])
    words = np.array([[1, 0, 0, 0], [0, 1, 1, 1], [0, 0, 0, 1], [1, 1, 1, 1]], float)
    literal = _listener(words * binomial)

    def beliefs(seen: int) -> np.ndarray:
        """What two looks that showed so many red leave open."""
        weights = np.array(
            [b * math.comb(k, seen) * math.comb(3 - k, 2 - seen) for k, b in enumerate(binomial)]
        )
        return weights / weights.sum()

    says_some = []
    for seen in range(3):
        with np.errstate(divide="ignore", invalid="ignore"):
            loss = np.where(beliefs(seen) > 0, beliefs(seen) * np.log(literal), 0)
        utility = np.exp(loss.sum(axis=1))
        says_some.append(utility[1] / utility.sum())
    out = {}
    for k, b in enumerate(binomial):
        looks = [math.comb(k, s) * math.comb(3 - k, 2 - s) / 3 for s in range(3)]
        out[f"P({k})"] = b * sum(p * q for p, q in zip(looks, says_some, strict=True))
    return {key: p for key, p in normalise(out).items() if p > 0}


def speaker_choice():
    """A speaker with costs says what a literal listener will understand."""
    literal = {"dog": 0.5, "dalmatian": 1.0, "animal": 0.25}
    cost = {"dog": 0.0, "dalmatian": 0.5, "animal": 0.0}
    weights = {w: math.exp(2 * (math.log(literal[w]) - cost[w])) for w in literal}
    return {f"P({w})": p for w, p in normalise(weights).items()}


def literal_listener():
    prior = {"circle": 0.5, "square": 0.3, "star": 0.2}
    kept = {k: p for k, p in prior.items() if k != "circle"}
    return {f"P({k})": p for k, p in normalise(kept).items()}


def long_words_for_rare_things():
    """Two words that mean the same; the long one costs more; the rare thing matters alike."""
    prior = np.array([0.8, 0.2])  # usual, unusual
    cost = np.array([0.0, 1.0])  # short, long
    meanings = [np.ones((2, 2)), np.eye(2), np.eye(2)[::-1], None]
    lexicons = [m for m in meanings if m is not None]
    heard = np.zeros(2)
    for lexicon in lexicons:
        speaker = _speaker(_listener(lexicon * prior) * np.exp(-cost)[:, None])
        heard += prior * speaker[1] / len(lexicons)
    return _labels(["usual", "unusual"], heard / heard.sum())
