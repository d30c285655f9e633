"""Packs examples into rows of one length, each prefix once before its pairs.

A row holds groups; a group is a prefix and pairs after it. A pair sees its
prefix and itself, and its rotary positions go on from the prefix's end, so a
row computes what separate texts `prefix + prompt + completion` would, while the
prefix is run once. Losses are taken at fixed-size lists of positions.

Source: Krell et al. 2021 (packing with block masks).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float32, Int, Int32

from models.words.tokenizer import Tokenizer


@dataclass(frozen=True)
class Example:
    """Sentences and expressions that share one world.

    Attributes:
      prefix: the world's text, which every pair's prompt follows.
      pairs: `(prompt, completion)`; the loss is on the completion and the end
        of text after it.

    Example:
      >>> Example("words: tom, ann\\n", (("Tom won.\\n", "(won tom)"),)).prefix
      'words: tom, ann\\n'
    """

    prefix: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rows:
    """Packed rows for one training step.

    Attributes:
      tokens: [rows, length], right-padded with zeros.
      positions: [rows, length], each token's place in its own text.
      group: [rows, length], which example a token is of; -1 for padding.
      pair: [rows, length], 0 for a prefix, else which pair of the row.
      sites: [rows, targets], the columns whose next token is learned.
      targets: [rows, targets], those next tokens.
      weights: [rows, targets], 1 for a target and 0 for padding.
      pairs: how many pairs the rows hold.
      used: how many tokens are not padding.
      skipped: pairs that were too long for a row and were left out, so far.
    """

    tokens: Int32[np.ndarray, "rows length"]
    positions: Int32[np.ndarray, "rows length"]
    group: Int32[np.ndarray, "rows length"]
    pair: Int32[np.ndarray, "rows length"]
    sites: Int32[np.ndarray, "rows targets"]
    targets: Int32[np.ndarray, "rows targets"]
    weights: Float32[np.ndarray, "rows targets"]
    pairs: int
    used: int
    skipped: int


def visible(
    group: Int[Array, "rows length"], pair: Int[Array, "rows length"]
) -> Bool[Array, "rows length length"]:
    """Says which tokens of a row each token sees.

    Args:
      group: [rows, length], as in `Rows`.
      pair: [rows, length], as in `Rows`.

    Returns:
      [rows, length, length], true where the first may look at the second:
      itself and what is before it in its prefix and its own pair.

    Example:
      >>> visible(jnp.array([[0, 0, 0]]), jnp.array([[0, 1, 2]]))[0, 2].tolist()
      [True, False, True]
    """
    order = jnp.arange(group.shape[1])
    before = order[:, None] >= order
    same = group[:, :, None] == group[:, None, :]
    open_ = (pair[:, None, :] == 0) | (pair[:, :, None] == pair[:, None, :])
    return same & open_ & before


class _Row:
    """One row that is being filled."""

    def __init__(self, length: int, targets: int) -> None:
        self.room, self.sites_room = length, targets
        self.columns: list[tuple[int, int, int, int]] = []
        self.sites: list[tuple[int, int]] = []
        self.groups = self.pairs = 0

    def open(self, prefix: list[int]) -> None:
        self.columns += [(token, at, self.groups, 0) for at, token in enumerate(prefix)]
        self.room -= len(prefix)
        self.groups += 1

    def add(self, start: int, prompt: list[int], completion: list[int]) -> None:
        self.pairs += 1
        begin = len(self.columns)
        text = prompt + completion[:-1]
        self.columns += [
            (token, start + at, self.groups - 1, self.pairs) for at, token in enumerate(text)
        ]
        first = begin + len(prompt) - 1
        self.sites += [(first + at, token) for at, token in enumerate(completion)]
        self.room -= len(text)
        self.sites_room -= len(completion)


def pack(
    examples: Iterable[Example], tokenizer: Tokenizer, *, rows: int, length: int, targets: int
) -> Iterator[Rows]:
    """Packs examples into steps, in their order.

    An example whose pairs do not fit in what is left of a row goes on in the
    next one, its prefix again before them. The order of examples and pairs is
    kept, so the same examples give the same rows.

    Args:
      examples: what to learn, possibly endless.
      tokenizer: splits texts.
      rows: rows a step.
      length: tokens a row.
      targets: the most learned tokens a row.

    Yields:
      One step's rows at a time; rows that the last examples leave unfinished
      are dropped.

    Raises:
      ValueError: where a prompt is empty, so that nothing precedes its completion.

    Example:
      step = next(pack(examples, tokenizer, rows=4, length=512, targets=256))
    """
    full: list[_Row] = []
    row = _Row(length, targets)
    skipped = 0
    for example in examples:
        prefix = tokenizer.encode(example.prefix)
        is_open = False
        for prompt_text, completion_text in example.pairs:
            prompt = tokenizer.encode(prompt_text)
            if not prompt:
                raise ValueError(f"a pair has an empty prompt; its completion: {completion_text!r}")
            completion = [*tokenizer.encode(completion_text), tokenizer.eos]
            size = len(prompt) + len(completion) - 1
            if len(prefix) + size > length or len(completion) > targets:
                skipped += 1
                continue
            needed = size + (0 if is_open else len(prefix))
            if needed > row.room or len(completion) > row.sites_room:
                full.append(row)
                row, is_open = _Row(length, targets), False
                if len(full) == rows:
                    yield _finish(full, length, targets, skipped)
                    full = []
            if not is_open:
                row.open(prefix)
                is_open = True
            row.add(len(prefix), prompt, completion)


def _finish(full: list[_Row], length: int, targets: int, skipped: int) -> Rows:
    columns = np.zeros((4, len(full), length), np.int32)
    columns[2] = -1
    sites = np.zeros((2, len(full), targets), np.int32)
    weights = np.zeros((len(full), targets), np.float32)
    for index, row in enumerate(full):
        columns[:, index, : len(row.columns)] = np.array(row.columns, np.int32).T
        sites[:, index, : len(row.sites)] = np.array(row.sites, np.int32).T
        weights[index, : len(row.sites)] = 1.0
    pairs = sum(row.pairs for row in full)
    used = sum(len(row.columns) for row in full)
    return Rows(
        tokens=columns[0],
        positions=columns[1],
        group=columns[2],
        pair=columns[3],
        sites=sites[0],
        targets=sites[1],
        weights=weights,
        pairs=pairs,
        used=used,
        skipped=skipped,
    )
