"""What people see of the experiment: the dialogue, and the speeds beside their exact densities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from experiments.collisions import Outcome
    from experiments.collisions.dialogue import Dialogue, Line

BINS = 60


def transcript(dialogues: Sequence[Dialogue]) -> Group:
    """The conversations; what was misread is marked and shown beside what was meant."""
    parts: list[Any] = []
    for dialogue in dialogues:
        table = Table(show_edge=False, pad_edge=False)
        for title in ("sentence", "read as", "sure", "answer (± standard error)"):
            table.add_column(title, overflow="fold", justify="right" if title == "sure" else "left")
        for line in dialogue.lines:
            read = line.read if line.right else f"MISREAD: {line.read}; meant: {line.said.meant}"
            cells = [line.said.sentence, read, f"{line.sureness:.1%}", answer(line)]
            table.add_row(*map(Text, cells))
        parts += [table, Text(f"answers come from {dialogue.source}"), Text("")]
    return Group(*parts)


def answer(line: Line) -> str:
    """An answer in one line."""
    if line.answer is None:
        return "told" if line.said.meant.startswith("(condition") else "none"
    if not line.answer.discrete:
        mean = line.answer.mean
        return f"{mean.value:.3f} ± {mean.standard_error:.3f}, sd {line.answer.sd.value:.2f}"
    share = line.answer.probability(True)
    return f"yes: {share.value:.3f} ± {share.standard_error:.3f}"


def panels(outcomes: Sequence[Outcome]) -> Any:
    """A histogram for each scene, its exact density and the mode of the reference."""
    from plot.figure import Picture

    figure = Picture(figsize=(4.2 * len(outcomes), 3.6), layout="constrained")
    figure.suptitle("How fast does the blue one move after the collision?", fontsize=12)
    for axes, outcome in zip(figure.subplots(1, len(outcomes)), outcomes, strict=True):
        _panel(axes, outcome)
    return figure


def _panel(axes: Any, outcome: Outcome) -> None:
    speed, (points, density) = outcome.speed, outcome.exact.curve
    values, weights = speed.numbers, speed.weights
    effective = f"worlds worth {speed.effective_size:,.0f}"
    axes.hist(
        values,
        BINS,
        (0, points[-1]),
        weights=weights,
        density=True,
        color="#9bb7d4",
        label=f"answer, {effective}",
    )
    axes.plot(points, density, color="black", linewidth=1.2, label="exact, by quadrature")
    mode = outcome.told.references["mode"]
    axes.axvline(mode, color="#bb3333", linestyle=":", label=f"mode of the paper's figure, {mode}")
    axes.set_title(outcome.told.title, fontsize=9)
    axes.set_xlabel("m/s")
    axes.set_ylabel("density")
    axes.set_ylim(0, axes.get_ylim()[1] * 1.3)  # room for the legend
    axes.legend(fontsize=7, loc="upper right", frameon=False)
