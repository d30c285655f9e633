"""How probable a path is, where the program says it in so many numbers."""

from __future__ import annotations

import math

import numpy as np

from plot.compiler.graph import Graph, Node
from plot.compiler.paths import Path


def most_probable(path: Path, graph: Graph) -> float:
    """An upper bound on the probability of a path: what its draws with constant chances leave.

    >>> graph = Graph()
    >>> most_probable(Path(), graph)
    1.0
    """
    allowed: dict[Node, np.ndarray] = {}
    for node, truth in path.literals:
        if node.table is None or len(node.table.variables) != 1:
            continue
        (variable,) = node.table.variables
        before = allowed.get(variable, np.True_)
        allowed[variable] = before & (node.table.values == truth)
    shares = (_share(graph, variable, mask) for variable, mask in allowed.items())
    return math.prod(shares, start=1.0)


def _share(graph: Graph, variable: Node, allowed: np.ndarray) -> float:
    choice = graph.choices.get(variable)
    if choice is None or any(isinstance(p, Node) for p in choice.parameters):
        return 1.0
    numbers = [float(p) for p in choice.parameters]  # type: ignore[arg-type]
    if choice.name == "flip":
        chances = np.array([1 - numbers[0], numbers[0]])
    elif choice.name == "random-integer":
        chances = np.full(len(allowed), 1 / numbers[0])
    elif choice.name == "discrete":
        weights = np.array([w for w in numbers if w > 0])
        chances = weights / weights.sum()
    else:
        return 1.0
    return float(chances[allowed].sum()) if len(chances) == len(allowed) else 1.0
