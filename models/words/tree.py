"""The texts of particles as one tree: what two of them have in common is there once.

A particle is a node; its text is the path to it from the root, where the shared prefix ends.
Resampling moves no numbers then, and particles that say the same cost what one does.

Source: Yao et al. 2024 (DeFT: attention over trees of tokens).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int32

ROOT = 0


@dataclass(frozen=True)
class Tree:
    """Tokens by the tokens that precede them; a value, never changed.

    Attributes:
      parents: [nodes], each after its parent; the root is its own.
      depths: [nodes], how many tokens lead to each.
      children: from a node and a token to the node that the token leads to.
    """

    parents: Int32[np.ndarray, " nodes"]
    depths: Int32[np.ndarray, " nodes"]
    children: Mapping[tuple[int, int], int]

    @classmethod
    def root(cls) -> Tree:
        """The tree of no tokens."""
        return cls(np.zeros(1, np.int32), np.zeros(1, np.int32), {})

    def __len__(self) -> int:
        return len(self.parents)

    def add(
        self, nodes: Sequence[int], texts: Sequence[Sequence[int]]
    ) -> tuple[Tree, list[list[int]], list[int]]:
        """Follows texts from nodes, and makes the nodes that are missing.

        Args:
          nodes: where each text begins.
          texts: the tokens of each.

        Returns:
          The larger tree, each text's nodes, and the tokens of the new nodes in order.

        >>> tree, paths, new = Tree.root().add([0, 0], [[7, 8], [7, 9]])
        >>> paths, new
        ([[1, 2], [1, 3]], [7, 8, 9])
        """
        children = dict(self.children)
        parents, new = self.parents.tolist(), []
        depths = self.depths.tolist()
        paths = []
        for node, text in zip(nodes, texts, strict=True):
            path = []
            for token in text:
                found = children.get((node, token))
                if found is None:
                    found = len(parents)
                    children[node, token] = found
                    parents.append(node)
                    depths.append(depths[node] + 1)
                    new.append(token)
                node = found
                path.append(node)
            paths.append(path)
        tree = Tree(np.array(parents, np.int32), np.array(depths, np.int32), children)
        return tree, paths, new

    def seen(self, first: int, count: int, room: int) -> Bool[np.ndarray, "count room"]:
        """Which nodes lie on the path to each of some nodes, itself included, the root left out.

        Args:
          first: the first of those nodes.
          count: how many rows; those past the last node see themselves only.
          room: how many columns.
        """
        out = np.zeros((count, room), bool)
        at = first + np.arange(count)
        out[np.arange(count), at] = True
        node = np.where(at < len(self), self.parents[np.minimum(at, len(self) - 1)], ROOT)
        while (node != ROOT).any():
            rows = np.flatnonzero(node != ROOT)
            out[rows, node[rows]] = True
            node = self.parents[node]
        return out

    def kept(
        self, nodes: Int32[np.ndarray, " particles"]
    ) -> tuple[Tree, Int32[np.ndarray, " kept"], Int32[np.ndarray, " particles"]]:
        """Leaves out what no particle says any more.

        Args:
          nodes: where particles stand.

        Returns:
          The smaller tree, the numbers that its nodes had, and where particles stand in it.

        >>> tree, paths, _ = Tree.root().add([0, 0], [[7, 8], [9]])
        >>> smaller, old, nodes = tree.kept(np.array([3], np.int32))
        >>> len(smaller), old.tolist(), nodes.tolist()
        (2, [0, 3], [1])
        """
        is_kept = np.zeros(len(self), bool)
        is_kept[ROOT] = True
        node = np.unique(nodes)
        while not is_kept[node].all():
            is_kept[node] = True
            node = self.parents[node]
        old = np.flatnonzero(is_kept).astype(np.int32)
        number = np.zeros(len(self), np.int32)
        number[old] = np.arange(len(old))
        children = {
            (int(number[parent]), token): int(number[child])
            for (parent, token), child in self.children.items()
            if is_kept[child]
        }
        return Tree(number[self.parents[old]], self.depths[old], children), old, number[nodes]
