"""How well sentences are read: hand-written sentences with the expressions that they mean.

    python -m experiments translation
    python -m experiments translation --world kinship --sentences my_sentences.tsv
    python -m experiments translation --world tests/data/unseen/garden.church --world lunch
    python -m experiments translation --lines odd

A line of a file is a sentence, a tab, and the expression; further columns hold others that are right too.
A reading is right where it means the same in every world, however it is written. Limits and confidence
are fitted on the odd lines, and judged on the even ones. `--doubt` compares measures of doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

from experiments.common import Experiment, UsageError, command, make_parser, read_options
from experiments.registry import description
from experiments.translation_doubt import measures, report_doubts

if TYPE_CHECKING:
    from models.meaning.translate import Readings
    from plot.syntax import Tree

DESCRIPTION = description("translation")
DATA = Path(__file__).parents[1] / "tests" / "data"
TOP = 5
LINES = {"all": slice(None), "odd": slice(0, None, 2), "even": slice(1, None, 2)}
FOLDS = 10  # of the cross-validation of the fitted numbers
Z = 1.0  # of the bars: one standard error


@dataclass(frozen=True)
class Outcome:
    """One sentence and how it was read.

    Args:
      world, sentence, gold: what was asked.
      readings: texts and probabilities, the most probable first; none where it was refused.
      unclear: probability that the sentence is about something else.
      confidence: the stated probability that the first reading is right.
      mass: the probability that the model writes one of the readings.
      place: where among the readings the right one stands, from 1; 0 where it does not.
      seconds: it took.
      refused: why nothing was read.
      doubts: measures of doubt, larger where there is more of it.
    """

    world: str
    sentence: str
    gold: str
    readings: tuple[tuple[str, float], ...]
    unclear: float
    confidence: float
    mass: float
    place: int
    seconds: float
    refused: str = ""
    doubts: Mapping[str, float] = field(default_factory=dict)

    @property
    def right(self) -> bool:
        """Whether the most probable reading is right."""
        return self.place == 1


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
        "--world",
        metavar="WORLD",
        action="append",
        help="only this world, by its name or the path of its program; may be given several times",
    )
    parser.add_argument(
        "--sentences",
        type=Path,
        metavar="FILE",
        action="append",
        help="instead of the tests' own; one for each --world",
    )
    parser.add_argument("--adapter", type=Path, metavar="FILE", help="another adapter of the model")
    parser.add_argument("--particles", type=int, default=8, help="of the language model")
    parser.add_argument("--lines", choices=LINES, default="all", help="of each file")
    parser.add_argument("--doubt", action="store_true", help="compare measures of doubt")
    parser.add_argument("--most", type=int, help="sentences of each file, spread over it")
    options = read_options(parser, argv)
    sets = _sets(options.extra)
    with Experiment("translation", options) as run:
        outcomes: list[Outcome] = []
        for name, file in sets:
            outcomes += read_all(run, name, file)
        report(run, outcomes)
    return 0


def _sets(extra: dict[str, Any]) -> list[tuple[str, Path]]:
    worlds, files = extra["world"] or [], extra["sentences"] or []
    if files and len(files) != len(worlds):
        raise UsageError(
            f"argument --sentences: {len(files)} files, and {len(worlds)} worlds; say for each file "
            "which --world it is about"
        )
    if files:
        return list(zip(worlds, files, strict=True))
    from models.worlds import available

    return [pair for world in worlds or available() for pair in _own(world, bool(worlds))]


def _own(world: str, asked: bool) -> list[tuple[str, Path]]:
    """The tests' own sentences about a world; those beside a program."""
    path = Path(world)
    if path.suffix == ".church":
        return [(world, path.with_name(f"{path.stem}_sentences.tsv"))]
    found = [(world, path) for path in sorted(DATA.glob(f"{world}_sentences*.tsv"))]
    if asked and not found:
        raise UsageError(f"there are no sentences about {world} in {DATA.name}")
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
        pairs = read_pairs(file, world)[LINES[str(run.options.extra["lines"])]]
        if (most := run.options.extra["most"]) is not None:
            pairs = pairs[:: max(1, -(-len(pairs) // int(str(most))))]
    out = []
    measure = None
    if run.options.extra["doubt"]:
        with run.stage("prepare measures of doubt"):
            measure = measures(world, meaning)
    with run.stage(f"read {file.name}", total=len(pairs)) as progress:
        for i, (sentence, gold) in enumerate(pairs, start=1):
            out.append(read_sentence(run.key, name, world, meaning, sentence, gold, measure))
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
    key: Any,
    name: str,
    world: Any,
    meaning: Any,
    sentence: str,
    gold: list[Tree],
    measure: Callable[[Readings], dict[str, float]] | None = None,
) -> Outcome:
    """Read one sentence and look for the right reading."""
    from models.meaning.doubt import merged
    from models.meaning.equivalence import equivalent
    from models.meaning.translate import NotUnderstood
    from plot.errors import PlotError
    from plot.printer import write

    text = write(gold[0])
    unclear = text == "(unclear)"
    try:
        found = merged(world, meaning.translate(key, sentence))
    except PlotError as error:
        readings = error.readings if isinstance(error, NotUnderstood) else ()
        texts = tuple((r.text, r.probability) for r in readings)
        place = 1 if unclear else 0
        return Outcome(name, sentence, text, texts, 1.0, 0.0, 0.0, place, 0.0, error.message)
    texts = tuple((r.text, r.probability) for r in found.readings)
    place = 0
    if not unclear:
        for i, reading in enumerate(found.readings[:TOP], start=1):
            if any(equivalent(world, reading.tree, each) for each in gold):
                place = i
                break
    mass = 1 - found.unclear if found.mass is None else found.mass
    return Outcome(
        name,
        sentence,
        text,
        texts,
        found.unclear,
        found.confidence,
        mass,
        place,
        found.seconds,
        doubts=measure(found) if measure is not None else {},
    )


def report(run: Experiment, outcomes: list[Outcome]) -> None:
    """Record the figures, the mistakes and the picture."""
    from inference.calibration import auroc, calibration_error, error_by_chance

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
        chance = error_by_chance(stated)
        run.figure("calibration_error_by_chance", chance.value, n=len(read))
    if correct.any() and not correct.all():
        area = auroc(stated, correct)
        run.figure("auroc_of_confidence", area.value, area.standard_error, n=len(read))
        report_fit(run, read)
        if read[0].doubts:
            report_doubts(run, [o.doubts for o in read], correct)
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


def report_fit(run: Experiment, read: list[Outcome]) -> None:
    """Record the two numbers of `MeaningOptions.trust` that fit these sentences, and how well."""
    from inference.calibration import calibration_error, fit_scaling

    mass = np.array([o.mass for o in read])
    share = np.array([o.readings[0][1] for o in read])
    correct = np.array([o.right for o in read])
    found = fit_scaling(mass, correct, share)
    run.figure("trust_offset", found.offset, n=len(read))
    run.figure("trust_slope", found.slope, n=len(read))
    held = np.zeros(len(read))
    order = np.random.default_rng(0).permutation(len(read))
    try:
        for k in range(FOLDS):
            test = order[k::FOLDS]
            train = np.setdiff1d(order, test)
            fitted = fit_scaling(mass[train], correct[train], share[train])
            held[test] = [share[i] * fitted(float(mass[i])) for i in test]
    except ValueError:  # a fold without a mistake
        return
    run.figure("calibration_error_if_fitted", calibration_error(held, correct), n=len(read))


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
