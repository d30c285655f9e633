"""How turns, readings and influences look in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.table import Table
from rich.text import Text

from models.conversation import Turn, Why, in_short
from models.meaning.translate import Reading
from plot.drawing import named
from plot.posterior import Posterior

BAR = 24  # characters of a probability of one
ROWS = 8


def answer_lines(turn: Turn, say: Callable[[object], str] = named) -> list[tuple[str, str]]:
    """The numbers of an answer, as lines and their styles; none for a statement.

    Args:
      turn: what was said.
      say: what an answer can be, in words.
    """
    if turn.posterior is None:
        return []
    answer = turn.posterior
    lines = [(line, "bold") for line in _distribution(answer, say)]
    return [*lines, *((line, "dim") for line in answer.report().splitlines())]


def _distribution(answer: Posterior, say: Callable[[object], str]) -> list[str]:
    if answer.numeric and not answer.discrete:
        mean, sd = answer.mean, answer.sd
        low, high = answer.quantile(0.025), answer.quantile(0.975)
        return [
            f"{mean.value:.4g} on average (± {mean.standard_error:.2g}), sd {sd.value:.3g}, "
            f"95 % between {low:.4g} and {high:.4g}"
        ]
    rows = answer.table[:ROWS]
    width = max(len(say(r.value)) for r in rows)
    lines = [
        f"{say(r.value):<{width}}  {r.probability:6.1%} ± {r.standard_error:.1%}  "
        + "█" * round(BAR * r.probability)
        for r in rows
    ]
    more = len(answer.table) - len(rows)
    return lines + ([f"and {more} more outcomes"] if more else [])


def candidates(readings: Sequence[Reading], used: Sequence[Reading] = ()) -> Table:
    """Readings with their numbers and probabilities; those that were used are marked."""
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("", justify="right")
    table.add_column("probability", justify="right")
    table.add_column("reading", overflow="fold")
    texts = {r.text for r in used}
    for i, reading in enumerate(readings[:ROWS], start=1):
        mark = " ✓" if reading.text in texts else ""
        table.add_row(str(i), f"{reading.probability:.1%}", Text(reading.text + mark))
    rest = readings[ROWS:]
    if rest:
        share = sum(r.probability for r in rest)
        table.add_row("", f"{share:.1%}", Text(f"{len(rest)} more", style="dim"))
    return table


def influences(why: Why) -> Table:
    """How far each statement moved an answer."""
    table = Table(
        show_edge=False, pad_edge=False, title=Text(f"{why.question} {in_short(why.answer)}")
    )
    for name in ("sentence", "moved the answer by", "the answer without it"):
        table.add_column(name, overflow="fold")
    for row in why.rows():
        table.add_row(*map(Text, row))
    return table


def history(turns: Sequence[Turn]) -> Table:
    """What was said, with its readings."""
    table = Table(show_edge=False, pad_edge=False)
    for name in ("", "sentence", "read as", "answer"):
        table.add_column(name, overflow="fold")
    for i, turn in enumerate(turns, start=1):
        answer = in_short(turn.posterior) if turn.posterior is not None else "noted"
        table.add_row(str(i), *map(Text, (turn.sentence, turn.meant, answer)))
    return table
