"""Static scenes: a table that is spoken of and seen, answered beside exact counts.

    python -m experiments scenes

Source: "From Word Models to World Models" (arXiv 2306.12672), section 3.2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from experiments.command import natural
from experiments.common import Experiment, command, make_parser, read_options
from experiments.registry import description

if TYPE_CHECKING:
    from experiments.scenes.dialogue import Line

DESCRIPTION = description("scenes")
WORLDS = 100_000


@command("scenes")
def main(argv: list[str]) -> int:
    """Run the experiment.

    Args:
      argv: its command line.

    Returns:
      The exit status.
    """
    parser = make_parser("scenes", DESCRIPTION, WORLDS)
    parser.add_argument(
        "--scenes", type=natural, default=64, metavar="N", help="led to the picture, in each run"
    )
    options = read_options(parser, argv)
    with Experiment("scenes", options) as run:
        with run.stage("load"):
            from models.meaning.translate import Meaning
            from models.words.model import embedded
            from models.worlds import load

            world = load("scenes")
            meaning = Meaning(embedded(), world.vocabulary)
        lines = talk(run, world, meaning)
        record(run, lines)
        with run.stage("draw"):
            from models.worlds.scenes.picture import picture

            told = world
            for line in lines[-1]:
                told = told if line.said.figure else told.tell(line.said.meant)
            said = " ".join(line.said.sentence for line in lines[-1] if not line.said.figure)
            run.save_figure(
                picture(told, run.key, options.worlds, title=f"Told: {said}"), "told.png"
            )
            run.save_figure(_answers(lines), "answers.png")
        from experiments.scenes import hidden

        hidden.measure(run, world, int(str(options.extra["scenes"])))
        run.show(_transcript(lines), _figures(run))
    return 0


def talk(run: Experiment, world: Any, meaning: Any) -> list[list[Line]]:
    """Hold the conversations, each about a table of its own."""
    from experiments.scenes.dialogue import converse, key_of, talks
    from inference import Importance
    from models.conversation import BestReading, Conversation

    said = talks()
    out = []
    with run.stage("translate and infer", total=len(said)) as progress:
        for i, sentences in enumerate(said):
            engine = Importance(worlds=run.options.worlds)
            held = Conversation(world, meaning, key_of(run.key, i), engine, BestReading())
            out.append(converse(held, sentences))
            progress(i + 1)
    return out


def record(run: Experiment, talks: list[list[Line]]) -> None:
    """Figures beside their exact values, and every sentence as it was read."""
    for lines in talks:
        misread = [line.said.sentence for line in lines if not line.right]
        for line in lines:
            if line.answer is None or not line.said.figure:
                continue
            name = line.said.figure
            value = line.answer.mean if name.startswith("mean") else line.answer.probability(True)
            used = "the intended expressions" if misread else "the sentences as they were read"
            run.figure(name, value.value, value.standard_error, exact=line.said.exact, used=used, misread=misread)  # fmt: skip
    run.section(
        "translations",
        [
            {
                "sentence": line.said.sentence,
                "meant": line.said.meant,
                "read": line.read,
                "right": line.right,
                "probability": line.sureness,
                "seconds_inferring": line.seconds,
            }
            for lines in talks
            for line in lines
        ],
    )
    count = sum(len(lines) for lines in talks)
    right = sum(line.right for lines in talks for line in lines)
    run.figure("share_of_sentences_read_right", right / count, n=count)


def _transcript(talks: list[list[Line]]) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for title in ("sentence", "read as", "right", "answer", "exact"):
        table.add_column(title, overflow="fold")
    for lines in talks:
        for line in lines:
            answer = exact = ""
            if line.answer is not None:
                mean = line.said.figure.startswith("mean")
                value = line.answer.mean if mean else line.answer.probability(True)
                answer = f"{value.value:.4f} ± {value.standard_error:.4f}"
                exact = f"{line.said.exact:.4f}" if line.said.exact is not None else ""
            cells = (line.said.sentence, line.read, "yes" if line.right else "no", answer, exact)
            table.add_row(*map(Text, cells))
        table.add_section()
    return table


def _figures(run: Experiment) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    for title in ("of the picture", "value", "by sums"):
        table.add_column(title, overflow="fold")
    for name, entry in run.figures.items():
        if name.startswith("seen"):
            error = f" ± {entry['standard_error']:.3f}" if "standard_error" in entry else ""
            exact = f"{entry['exact']:.3f}" if "exact" in entry else ""
            if entry.get("exact_standard_error"):
                exact += f" ± {entry['exact_standard_error']:.3f}"
            table.add_row(name, f"{entry['value']:.3f}{error}", exact)
    return table


def _answers(talks: list[list[Line]]) -> Any:
    """What each question came to, beside the exact value."""
    from plot.figure import Picture

    found = [line for lines in talks for line in lines if line.answer is not None]
    figure = Picture(figsize=(4 * 4, 3.1 * 2), layout="constrained")
    for axes, line in zip(figure.subplots(2, -(-len(found) // 2)).flat, found, strict=False):
        assert line.answer is not None
        line.answer.plot(axes)
        exact = f"exact {line.said.exact:.4f}" if line.said.exact is not None else ""
        axes.set_title(f"{line.said.sentence}\n{exact}", fontsize=9)
    for axes in figure.axes[len(found) :]:
        axes.set_visible(False)
    return figure
