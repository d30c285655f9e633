"""People's ratings, read from the file that the first author published."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.errors import UsageError
from experiments.ping_pong.patterns import PATTERNS

FILE = "main_data_experiment_1.csv"
HEADER = ("Participant", "Pattern", "Strength Rating")
LARGEST = 50  # ratings go from -50 to 50
LAST = len(PATTERNS)


@dataclass(frozen=True, eq=False)
class Ratings:
    """Everybody's ratings.

    Args:
      participants: `[people]`, their numbers.
      values: float64 `[people, 20]`, from -50 to 50, column `i` for pattern `i + 1`.
    """

    participants: tuple[int, ...]
    values: np.ndarray


def read_ratings(data: Path) -> Ratings:
    """Read the ratings of experiment 1.

    Args:
      data: the folder that holds `main_data_experiment_1.csv`, or the file itself.

    Raises:
      UsageError: where it is missing or damaged: the file, the line, and what was expected.
    """
    path = data / FILE if data.is_dir() else data
    found: dict[int, dict[int, float]] = {}
    for place, participant, pattern, rating in _rows(path):
        theirs = found.setdefault(participant, {})
        if pattern in theirs:
            raise UsageError(
                f"{place}: participant {participant} has rated pattern {pattern} before"
            )
        theirs[pattern] = rating
    if not found:
        raise UsageError(f"{path}: expected ratings after the header, and there are none")
    for participant, theirs in found.items():
        missing = [p for p in range(1, LAST + 1) if p not in theirs]
        if missing:
            raise UsageError(
                f"{path}: participant {participant} has no rating of pattern {missing[0]}"
            )
        if len(set(theirs.values())) == 1:
            raise UsageError(
                f"{path}: participant {participant} gave every pattern the same rating"
            )
    values = [[theirs[p] for p in range(1, LAST + 1)] for theirs in found.values()]
    return Ratings(tuple(found), np.array(values, np.float64))


def _rows(path: Path) -> Iterator[tuple[str, int, int, float]]:
    """Place, participant, pattern and rating of each line; later columns hold a legend."""
    line = 1
    try:
        # The published file ends its lines as old Macs did; the default newline reads those too.
        with path.open(encoding="utf-8-sig") as stream:
            rows = csv.reader(stream)
            header = tuple(cell.strip() for cell in next(rows, [])[:3])
            if header != HEADER:
                got = ",".join(header) or "nothing"
                raise UsageError(
                    f"{path}, line 1: expected the header {','.join(HEADER)}, and got {got[:80]!r}"
                )
            for row in rows:
                line = rows.line_num
                if not any(cell.strip() for cell in row):
                    continue
                yield f"{path}, line {line}", *_row(f"{path}, line {line}", row)
    except FileNotFoundError as error:
        raise UsageError(
            f"{path}: expected the ratings of experiment 1 here, and there is no such file"
        ) from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"{path}, after line {line}: expected a text file of comma-separated values"
        ) from error


def _row(place: str, row: list[str]) -> tuple[int, int, float]:
    numbers = []
    for cell, name in zip([*row, "", "", ""], HEADER, strict=False):
        try:
            numbers.append(int(cell))
        except ValueError:
            raise UsageError(
                f"{place}: expected a whole number as {name}, and got {cell[:40]!r}"
            ) from None
    participant, pattern, rating = numbers
    if not 1 <= pattern <= LAST:
        raise UsageError(f"{place}: expected a pattern from 1 to {LAST}, and got {pattern}")
    if not -LARGEST <= rating <= LARGEST:
        raise UsageError(
            f"{place}: expected a rating from -{LARGEST} to {LARGEST}, and got {rating}"
        )
    return participant, pattern, float(rating)
