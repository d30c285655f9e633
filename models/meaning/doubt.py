"""How much doubt there is about what a sentence means.

Sources: Kuhn, Gal and Farquhar 2023 (entropy over meanings); Malinin and Gales 2021 (predictive
entropy); Lin, Trivedi and Sun 2024 (scores of the graph of readings).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from inference import Importance
from models.meaning.equivalence import equivalent
from models.meaning.translate import Reading, Readings
from plot.errors import PlotError
from plot.syntax import Form, Symbol
from plot.world import World

LOOKED_AT = 8  # readings that are compared with each other
LEAST = 0.005  # readings less probable than this are left as they are


@dataclass(frozen=True)
class Doubt:
    """Measures of doubt; all are 0 where one reading is certain, and larger is less sure.

    Args:
      meanings: entropy over meanings, in bits: readings that say the same of every world are one.
      texts: entropy over readings as they are written, in bits.
      margin: one minus the lead of the most probable meaning over the next.
      best: one minus the probability of the most probable meaning.
      unclear: probability that the sentence is about something else.
      spread: of the graph of readings, its edges how often two agree on a world: one minus the mean
        agreement of two readings that are drawn by their probabilities.
      surprise: minus the log probability per token of the best reading, in nats.
    """

    meanings: float
    texts: float
    margin: float
    best: float
    unclear: float
    spread: float
    surprise: float

    @property
    def confidence(self) -> float:
        """The stated probability that the most probable meaning is right."""
        return (1 - self.best) * (1 - self.unclear)


def merged(world: World, readings: Readings, key: PRNGKeyArray | None = None) -> Readings:
    """Readings in which those that say the same of every world are one.

    Args:
      world: that the sentence is about.
      readings: from `Meaning.translate`.
      key: the seed of the worlds by which they are compared.
    """
    groups: list[Reading] = []
    for place, reading in enumerate(readings.readings):
        twin = None
        if reading.probability >= LEAST and place < LOOKED_AT:
            twin = next(
                (i for i, g in enumerate(groups) if equivalent(world, g.tree, reading.tree, key)),
                None,
            )
        if twin is None:
            groups.append(reading)
        else:
            total = groups[twin].probability + reading.probability
            groups[twin] = replace(groups[twin], probability=total)
    groups.sort(key=lambda r: -r.probability)
    return replace(readings, readings=tuple(groups))


def doubt(world: World, readings: Readings, key: PRNGKeyArray | None = None) -> Doubt:
    """How much doubt there is about a sentence.

    Args:
      world: that it is about.
      readings: from `Meaning.translate`.
      key: the seed of the worlds by which readings are compared.
    """
    meanings = merged(world, readings, key).readings
    shares = np.array([r.probability for r in meanings])
    second = shares[1] if len(shares) > 1 else 0.0
    return Doubt(
        _entropy(shares),
        _entropy(np.array([r.probability for r in readings.readings])),
        float(1 - (shares[0] - second)),
        float(1 - shares[0]),
        readings.unclear,
        1 - _agreement(world, meanings[:LOOKED_AT], key),
        -readings.log_probability,
    )


def _entropy(shares: np.ndarray) -> float:
    positive = shares[shares > 0]
    return float(abs(-(positive * np.log2(positive)).sum()))


def _agreement(world: World, readings: Sequence[Reading], key: PRNGKeyArray | None) -> float:
    """How often two readings that are drawn by their probabilities agree on a random world."""
    shares = np.array([r.probability for r in readings])
    shares = shares / shares.sum()
    total = float((shares**2).sum())
    for i, a in enumerate(readings):
        for j in range(i):
            total += 2 * float(shares[i] * shares[j]) * _agree(world, a, readings[j], key)
    return min(total, 1.0)


def _agree(world: World, a: Reading, b: Reading, key: PRNGKeyArray | None) -> float:
    if a.kind != b.kind or not isinstance(a.tree, Form) or not isinstance(b.tree, Form):
        return 0.0
    asked = Form((Symbol("query"), Form((Symbol("equal?"), a.tree[1], b.tree[1]))))
    try:
        answer = Importance(2048).infer(jax.random.key(0) if key is None else key, world.ask(asked))
    except PlotError:  # of different types
        return 0.0
    return answer.probability(True).value
