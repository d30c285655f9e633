"""How well sentences are read: hand-written sentences with the expressions that they mean.

    python -m experiments translation
    python -m experiments translation --world kinship --sentences my_sentences.tsv
    python -m experiments translation --world tests/data/unseen/garden.church

A line of a file is a sentence, a tab, and the expression; further columns hold others that are right too. A reading is right where it means the same
in every world, however it is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

from experiments.common import Experiment, UsageError, command, make_parser, read_options
from experiments.registry import description

if TYPE_CHECKING:
    from plot.syntax import Tree

DESCRIPTION = description("translation")
DATA = Path(__file__).parents[1] / "tests" / "data"
TOP = 5
Z = 1.0  # of the bars: one standard error


@dataclass(frozen=True)
class Outcome:
    """One sentence and how it was read.

    Args:
      world, sentence, gold: what was asked.
      readings: texts and probabilities, the most probable first; none where it was refused.
      unclear: probability that the sentence is about something else.
      place: where among the readings the right one stands, from 1; 0 where it does not.
      seconds: it took.
      refused: why nothing was read.
    """

    world: str
    sentence: str
    gold: str
    readings: tuple[tuple[str, float], ...]
    unclear: float
    place: int
    seconds: float
    refused: str = ""

    @property
    def right(self) -> bool:
        """Whether the most probable reading is right."""
        return self.place == 1

    @property
    def confidence(self) -> float:
        """The stated probability that the first reading is right."""
        return self.readings[0][1] * (1 - self.unclear) if self.readings else 0.0


@command("translation")
def main(argv: list[str]) -> int:
    """Run the experiment.

    Args:
      argv: its command line.

    Returns:
      The exit status.
    """
    parser = make_parser("translation", DESCRIPTION, 8192)
    parser.add_argument(
        "--world", metavar="WORLD", help="only this world, by its name or the path of its program"
    )
    parser.add_argument("--sentences", type=Path, metavar="FILE", help="instead of the tests' own")
    parser.add_argument("--adapter", type=Path, metavar="FILE", help="another adapter of the model")
    parser.add_argument("--particles", type=int, default=8, help="of the language model")
    parser.add_argument("--most", type=int, help="sentences of each file, spread over it")
    options = read_options(parser, argv)
    sets = _sets(options.extra)
    with Experiment("translation", options) as run:
        outcomes: list[Outcome] = []
        for name, file in sets:
            outcomes += read_all(run, name, file)
        report(run, outcomes)
    return 0


def _sets(extra: dict[str, object]) -> list[tuple[str, Path]]:
    from models.worlds import available

    world, file = extra["world"], extra["sentences"]
    if file is not None:
        if world is None:
            raise UsageError("argument --sentences: say which --world they are about")
        return [(str(world), Path(str(file)))]
    if world is not None and Path(str(world)).suffix == ".church":
        path = Path(str(world))
        return [(str(path), path.with_name(f"{path.stem}_sentences.tsv"))]
    found = [
        (name, path)
        for name in available()
        for path in sorted(DATA.glob(f"{name}_sentences*.tsv"))
        if world in (None, name)
    ]
    if not found:
        raise UsageError(f"there are no sentences about {world or 'any world'} in {DATA.name}")
    return found


def read_all(run: Experiment, name: str, file: Path) -> list[Outcome]:
    """Read the sentences of a file.

    Args:
      run: of the experiment.
      name: of the world.
      file: lines of a sentence, a tab, an expression.

    Raises:
      UsageError: where a line is none, or its expression does not fit the world.
    """
    from inference.tokens import SmcOptions
    from models.meaning.translate import Meaning, MeaningOptions
    from models.words.model import embedded

    with run.stage(f"load {name}"):
        world, name = _world(name), Path(name).stem
        adapter = run.options.extra["adapter"]
        model = embedded() if adapter is None else embedded(Path(str(adapter)))
        smc = SmcOptions(particles=int(str(run.options.extra["particles"])))
        meaning = Meaning(model, world.vocabulary, MeaningOptions(smc=smc))
        pairs = read_pairs(file, world)
        if (most := run.options.extra["most"]) is not None:
            pairs = pairs[:: max(1, -(-len(pairs) // int(str(most))))]
    out = []
    with run.stage(f"read {file.name}", total=len(pairs)) as progress:
        for i, (sentence, gold) in enumerate(pairs, start=1):
            out.append(read_sentence(run.key, name, world, meaning, sentence, gold))
            progress(i)
    return out


def _world(name: str) -> Any:
    """A world that comes with the package, or the program at a path."""
    from models.worlds import load
    from plot.world import World

    if not name.endswith(".church"):
        return load(name)
    try:
        return World.from_source(Path(name).read_text(encoding="utf-8"), Path(name).name)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"argument --world: {name} cannot be read: {error}") from error


def read_pairs(file: Path, world: Any) -> list[tuple[str, list[Tree]]]:
    """The sentences of a file and the expressions that are right, checked against the world."""
    from plot.errors import PlotError
    from plot.reader import read_one

    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from error
    pairs = []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        sentence, tab, text = line.partition("\t")
        if not tab:
            raise UsageError(f"{file.name}, line {number}: a tab and an expression are missing")
        try:
            right = [
                read_one(each) if each == "(unclear)" else world.check(each)
                for each in text.split("\t")
            ]
            pairs.append((sentence, right))
        except PlotError as error:
            raise UsageError(f"{file.name}, line {number}: {error}") from error
    return pairs


def read_sentence(
    key: Any, name: str, world: Any, meaning: Any, sentence: str, gold: list[Tree]
) -> Outcome:
    """Read one sentence and look for the right reading."""
    from models.meaning.equivalence import equivalent
    from models.meaning.translate import NotUnderstood
    from plot.errors import PlotError
    from plot.printer import write

    text = write(gold[0])
    unclear = text == "(unclear)"
    try:
        found = meaning.translate(key, sentence)
    except PlotError as error:
        readings = error.readings if isinstance(error, NotUnderstood) else ()
        texts = tuple((r.text, r.probability) for r in readings)
        place = 1 if unclear else 0
        return Outcome(name, sentence, text, texts, 1.0, place, 0.0, error.message)
    texts = tuple((r.text, r.probability) for r in found.readings)
    place = 0
    if not unclear:
        for i, reading in enumerate(found.readings[:TOP], start=1):
            if any(equivalent(world, reading.tree, each) for each in gold):
                place = i
                break
    return Outcome(name, sentence, text, texts, found.unclear, place, found.seconds)


def report(run: Experiment, outcomes: list[Outcome]) -> None:
    """Record the figures, the mistakes and the picture."""
    from inference.calibration import auroc, calibration_error

    table = Table(show_edge=False, pad_edge=False)
    for title in ("world", "n", "right", f"in the first {TOP}", "refused", "seconds"):
        table.add_column(title, justify="left" if title == "world" else "right")
    for name in dict.fromkeys(o.world for o in outcomes):
        some = [o for o in outcomes if o.world == name]
        right, listed = (_share([o.right for o in some]), _share([o.place > 0 for o in some]))
        refused = sum(bool(o.refused) for o in some)
        seconds = float(np.median([o.seconds for o in some]))
        run.figure(f"{name}_share_right", *right, n=len(some))
        run.figure(f"{name}_share_right_in_top_{TOP}", *listed, n=len(some))
        run.figure(f"{name}_share_refused", refused / len(some), n=len(some))
        run.figure(f"{name}_seconds_median", seconds, unit="s")
        table.add_row(
            name,
            str(len(some)),
            f"{right[0]:.1%} ± {right[1]:.1%}",
            f"{listed[0]:.1%} ± {listed[1]:.1%}",
            str(refused),
            f"{seconds:.2f}",
        )
    read = [o for o in outcomes if not o.refused]
    stated = np.array([o.confidence for o in read])
    correct = np.array([o.right for o in read])
    if len(read):
        run.figure("expected_calibration_error", calibration_error(stated, correct), n=len(read))
    if correct.any() and not correct.all():
        area = auroc(stated, correct)
        run.figure("auroc_of_confidence", area.value, area.standard_error, n=len(read))
    mistakes = [
        {
            "world": o.world,
            "sentence": o.sentence,
            "meant": o.gold,
            "refused": o.refused,
            "unclear": o.unclear,
            "readings": [{"expression": t, "probability": p} for t, p in o.readings[:TOP]],
            "place": o.place,
        }
        for o in outcomes
        if not o.right
    ]
    run.section("mistakes", mistakes)
    run.show(table)
    if len(read):
        with run.stage("draw"):
            run.save_figure(picture(stated, correct), "reliability.png")


def _share(found: list[bool]) -> tuple[float, float]:
    share = sum(found) / len(found)
    return share, float(np.sqrt(share * (1 - share) / len(found)))


def picture(stated: np.ndarray, correct: np.ndarray) -> Any:
    """Stated confidence against the share that is right, in bins of equal counts."""
    from inference.calibration import calibration_error, reliability
    from plot.figure import Picture

    figure = Picture(figsize=(4.8, 4.4), layout="constrained")
    axes = figure.subplots()
    bins = reliability(stated, correct)
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, linestyle="--", label="as sure as right")
    axes.errorbar(
        [b.stated for b in bins],
        [b.met for b in bins],
        yerr=[Z * b.error for b in bins],
        fmt="o",
        color="#4477aa",
        capsize=3,
        label="bins of equal counts, ± 1 standard error",
    )
    error = calibration_error(stated, correct)
    axes.set_title(f"n = {len(stated)} sentences; expected calibration error {error:.3f}")
    axes.set_xlabel("stated probability of the first reading")
    axes.set_ylabel("share of first readings that are right")
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(-0.02, 1.05)
    axes.legend(frameon=False, loc="upper left", fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
