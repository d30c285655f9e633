"""Handwritten digits of 8 by 8 pixels, from scikit-learn.

Source: Alpaydin and Kaynak, Optical recognition of handwritten digits (1998), UCI.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

SIDE = 8
HELD_OUT = 297  # of 1,797


class Digits(NamedTuple):
    """Pictures `[n, 8, 8]` of ink from 0 to 1, and which digit each is, `[n]`."""

    pictures: np.ndarray
    labels: np.ndarray


def load() -> tuple[Digits, Digits]:
    """Digits to train on, and others that are held out; the division is always the same.

    >>> train, held_out = load()
    >>> train.pictures.shape, held_out.pictures.shape
    ((1500, 8, 8), (297, 8, 8))
    """
    from sklearn.datasets import load_digits

    found: Any = load_digits()
    pictures = (found.images / 16).astype(np.float32)
    order = np.random.default_rng(0).permutation(len(pictures))
    pictures, labels = pictures[order], found.target[order]
    return (
        Digits(pictures[HELD_OUT:], labels[HELD_OUT:]),
        Digits(pictures[:HELD_OUT], labels[:HELD_OUT]),
    )
