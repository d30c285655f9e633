"""The probabilities of a finite draw, given its parameters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy  # whose `stats`, slow to import, is imported where it is first used

from plot.compiler.choices import Choice
from plot.compiler.graph import Node


def outcomes(choice: Choice, parameters: Sequence[np.ndarray]) -> np.ndarray:
    """The values that a draw can take, `[values]`.

    Args:
      choice: of the graph.
      parameters: of each, the values that it can take.
    """
    node: Node = choice.node
    if choice.name == "flip":
        return np.array([False, True])
    if node.table is not None and node.table.variables == (node,):
        return node.table.values.astype(float)
    most = np.max(parameters[-1], initial=1)  # a count so large that the graph keeps no table
    return np.arange(max(most, 1.0) + (choice.name == "binomial"))


def law(choice: Choice, values: np.ndarray, parameters: Sequence[np.ndarray]) -> np.ndarray:
    """The probability of each value, `[settings, values]`; every row sums to one.

    In a world that dies of its parameters, the last value takes what the others leave.

    Args:
      choice: of the graph.
      values: from `outcomes`.
      parameters: of each, its value in each setting, `[settings]`.

    >>> from plot.compiler.graph import Graph
    >>> graph = Graph()
    >>> coin = Choice(graph.site("uniform", "c"), graph.site("uniform", "u"), "flip", (), "c", None)
    >>> law(coin, np.array([False, True]), [np.array([0.25])]).tolist()
    [[0.75, 0.25]]
    """
    with np.errstate(all="ignore"):
        raw = _raw(choice.name, values, [np.asarray(p, float)[:, None] for p in parameters])
    found = np.clip(np.nan_to_num(raw, nan=0.0, posinf=0.0, neginf=0.0), 0.0, 1.0)
    if choice.name in ("random-integer", "discrete", "binomial"):
        whole = found.sum(axis=1)
        sound = np.abs(whole - 1) < 1e-9
        found[sound] /= whole[sound, None]
        found[~sound] = 0.0
        found[~sound, -1] = 1.0
    else:
        found[:, -1] = np.maximum(1 - found[:, :-1].sum(axis=1), 0.0)
    return found


def _raw(name: str, values: np.ndarray, parameters: list[np.ndarray]) -> np.ndarray:
    if name == "flip":
        (chance,) = parameters
        return np.where(values, chance, 1 - chance)
    if name == "random-integer":
        (count,) = parameters
        return np.where(values < count, 1 / count, 0.0)
    if name == "discrete":
        weights = np.concatenate(np.broadcast_arrays(*parameters), axis=1)
        whole = weights.sum(axis=1, keepdims=True)
        return weights[:, values.astype(int)] / whole
    if name == "binomial":
        chance, tries = parameters
        return scipy.stats.binom.pmf(values, tries, chance)
    assert name == "poisson", name
    (mean,) = parameters
    return scipy.stats.poisson.pmf(values, mean)
