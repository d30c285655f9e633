"""Why an answer is what it is: how much each sentence moved it.

Each statement is left out in turn and the question is asked again.
Source: deletion diagnostics (Cook 1977), with the total variation distance between answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from models.conversation.turn import Turn
from plot.data import show
from plot.drawing import label
from plot.posterior import Posterior

BINS = 20  # quantile bins of the answer by which two distributions of a number are compared


@dataclass(frozen=True)
class Influence:
    """What one sentence does to an answer.

    Args:
      sentence: the statement that was left out.
      distance: total variation between the answers with it and without it, 0 to 1.
      noise: what that distance would come to by chance between two answers from so many worlds.
      without: the answer without it.
    """

    sentence: str
    distance: float
    noise: float
    without: Posterior


@dataclass(frozen=True)
class Why:
    """How much each statement moved an answer, the most moving first.

    Args:
      question: what was asked.
      answer: with all statements.
      influences: one for each statement.
    """

    question: str
    answer: Posterior
    influences: tuple[Influence, ...]

    def rows(self) -> list[tuple[str, str, str]]:
        """For tables: the sentence, how far it moved the answer, and the answer without it."""
        return [
            (i.sentence, f"{i.distance:.2f} ± {i.noise:.2f}", in_short(i.without))
            for i in self.influences
        ]

    def __str__(self) -> str:
        lines = [f"{self.question}  {in_short(self.answer)}"]
        lines += [
            f"  {moved}  {sentence}  (without it: {rest})" for sentence, moved, rest in self.rows()
        ]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        body = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.rows()
        )
        head = (
            "<tr><th>sentence</th><th>moved the answer by</th><th>the answer without it</th></tr>"
        )
        title = f"<b>{escape(self.question)}</b> {escape(in_short(self.answer))}"
        return f"<div>{title}<table>{head}{body}</table></div>"


def in_short(answer: Posterior, most: int = 3) -> str:
    """An answer in a few words: mean and deviation, or the most probable outcomes.

    Args:
      answer: to say.
      most: outcomes that are named.
    """
    if answer.numeric and not answer.discrete:
        return f"{answer.mean.value:.4g} ± {answer.sd.value:.2g}"
    return ", ".join(f"{label(r.value, 80)} {r.probability:.1%}" for r in answer.table[:most])


def distance(a: Posterior, b: Posterior) -> tuple[float, float]:
    """Total variation distance of two answers to one question, 0 to 1.

    Of numbers with many values it is taken over bins that hold equal shares of the first answer,
    which bounds it from below.

    Args:
      a, b: answers.

    Returns:
      The distance, and what it would be by chance between two answers that are the same but for
      their standard errors.
    """
    if a.numeric and b.numeric and not (a.discrete and b.discrete):
        edges = np.unique([a.quantile(q) for q in np.linspace(0, 1, BINS + 1)[1:-1]])
        first, second = (
            np.bincount(np.searchsorted(edges, p.numbers), p.weights, len(edges) + 1)
            for p in (a, b)
        )
        errors = [
            np.sqrt(np.clip(share * (1 - share), 0, None) / _worth(p))
            for share, p in ((first, a), (second, b))
        ]
    else:
        tables = [{show(r.value): r.probability for r in p.table} for p in (a, b)]
        values = sorted({*tables[0], *tables[1]})
        first, second = (np.array([t.get(v, 0.0) for v in values]) for t in tables)
        tables = [{show(r.value): r.standard_error for r in p.table} for p in (a, b)]
        errors = [np.array([t.get(v, 0.0) for v in values]) for t in tables]
    noise = np.sqrt(2 / np.pi) * np.hypot(*errors).sum() / 2
    return float(np.abs(first - second).sum() / 2), float(noise)


def _worth(answer: Posterior) -> float:
    """How many independent worlds the mean of an answer is worth."""
    error = answer.mean.standard_error
    return (answer.sd.value / error) ** 2 if error > 0 else np.inf


def why(
    turn: Turn,
    statements: Sequence[Turn],
    ask_without: Callable[[int], Posterior],
    progress: Callable[[int], None] | None = None,
) -> Why:
    """How much each statement moved an answer.

    Args:
      turn: the question.
      statements: what was told before it.
      ask_without: the answer without one of them.
      progress: called with the number of statements that were left out so far.
    """
    assert turn.posterior is not None
    found = []
    for i, statement in enumerate(statements):
        without = ask_without(i)
        moved, noise = distance(turn.posterior, without)
        found.append(Influence(statement.sentence, moved, noise, without))
        if progress is not None:
            progress(i + 1)
    ranked = tuple(sorted(found, key=lambda i: -i.distance))
    return Why(turn.sentence, turn.posterior, ranked)
