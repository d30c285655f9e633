"""How much doubt there is about what a sentence means.

Sources: Kuhn, Gal and Farquhar 2023 (entropy over meanings); Malinin and Gales 2021 (predictive
entropy); Lin, Trivedi and Sun 2024 (scores of the graph of readings); Nikitin et al. 2024 (the entropy
of a kernel). What tokens and models themselves say is in `self_doubt`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import jax
import numpy as np
from jaxtyping import Float, PRNGKeyArray

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
      clusters: of the same graph, the sum of one minus the eigenvalues of its Laplacian, where they are
        under one: about how many different meanings there are, less one.
      kernel: the entropy of readings in bits, those that agree on many worlds counted as nearly one.
      surprise: minus the log probability per token of the best reading, in nats.
    """

    meanings: float
    texts: float
    margin: float
    best: float
    unclear: float
    spread: float
    clusters: float
    kernel: float
    surprise: float

    @property
    def confidence(self) -> float:
        """The stated probability that the most probable meaning is right."""
        return (1 - self.best) * (1 - self.unclear)


def merged(
    world: World, readings: Readings, key: PRNGKeyArray | None = None, least: float = LEAST
) -> Readings:
    """Readings in which those that say the same of every world are one.

    Args:
      world: that the sentence is about.
      readings: from `Meaning.translate`.
      key: the seed of the worlds by which they are compared.
      least: readings that are less probable are left as they are.
    """
    groups: list[Reading] = []
    for place, reading in enumerate(readings.readings):
        twin = None
        if reading.probability >= least and place < LOOKED_AT:
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
    near = agreement(world, meanings[:LOOKED_AT], key)
    some = shares[:LOOKED_AT] / shares[:LOOKED_AT].sum()
    return Doubt(
        _entropy(shares),
        _entropy(np.array([r.probability for r in readings.readings])),
        float(1 - (shares[0] - second)),
        float(1 - shares[0]),
        readings.unclear,
        float(max(0.0, 1 - some @ near @ some)),
        clusters(near) - 1,
        kernel_entropy(some, near),
        -readings.log_probability,
    )


def _entropy(shares: np.ndarray) -> float:
    positive = shares[shares > 0]
    return float(abs(-(positive * np.log2(positive)).sum()))


def agreement(
    world: World, readings: Sequence[Reading], key: PRNGKeyArray | None = None
) -> Float[np.ndarray, "readings readings"]:
    """`[readings, readings]`: the share of worlds on which each two readings agree.

    Args:
      world: that they are about.
      readings: of one sentence.
      key: the seed of the worlds.
    """
    near = np.eye(len(readings))
    for i, a in enumerate(readings):
        for j in range(i):
            near[i, j] = near[j, i] = _agree(world, a, readings[j], key)
    return near


def clusters(near: Float[np.ndarray, "readings readings"]) -> float:
    """About how many different meanings a graph of readings has.

    Args:
      near: `[readings, readings]`, how near each two are, 0 to 1.

    >>> clusters(np.eye(3)), round(clusters(np.ones((3, 3))), 6)
    (3.0, 1.0)

    Source: Lin, Trivedi and Sun 2024, U_EigV.
    """
    scale = 1 / np.sqrt(near.sum(axis=1))
    laplacian = np.eye(len(near)) - scale[:, None] * near * scale
    return float(np.clip(1 - np.linalg.eigvalsh(laplacian), 0, None).sum())


def kernel_entropy(
    shares: Float[np.ndarray, " readings"], near: Float[np.ndarray, "readings readings"]
) -> float:
    """The entropy of readings in bits, near ones counted as nearly one.

    Args:
      shares: `[readings]`, their probabilities.
      near: `[readings, readings]`, how near each two are, 0 to 1.

    >>> half = np.array([0.5, 0.5])
    >>> round(kernel_entropy(half, np.eye(2)), 6), round(kernel_entropy(half, np.ones((2, 2))), 6)
    (1.0, 0.0)

    Source: Nikitin et al. 2024 (the von Neumann entropy of a kernel).
    """
    root = np.sqrt(shares)
    return _entropy(np.clip(np.linalg.eigvalsh(root[:, None] * near * root), 0, None))


def _agree(world: World, a: Reading, b: Reading, key: PRNGKeyArray | None) -> float:
    if a.kind != b.kind or not isinstance(a.tree, Form) or not isinstance(b.tree, Form):
        return 0.0
    asked = Form((Symbol("query"), Form((Symbol("equal?"), a.tree[1], b.tree[1]))))
    try:
        answer = Importance(2048).infer(jax.random.key(0) if key is None else key, world.ask(asked))
    except PlotError:  # of different types
        return 0.0
    return answer.probability(True).value
