"""`bench plot`: the language, its two back ends and their peers, in one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import jax
import numpy as np

from experiments.bench import bounds, hand_written, npm, webppl
from experiments.bench.first_command import FirstCommand, first_command
from experiments.bench.model import program_of, question, run_worlds
from experiments.bench.sentences import converse
from experiments.bench.timing import Times, ratio, take_turns
from inference import Importance
from plot.backends import XLA, LaneMachine
from plot.backends.base import available_cores

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.common import Experiment
    from plot.world import Question

OURS = {"XLA": "XLA back end", "lane machine": "lane machine"}
WHOLE, TILED, TILED_ONE = (
    "JAX by hand, whole arrays",
    "JAX by hand, tiled",
    "JAX by hand, tiled, one thread",
)
MOMENTS = "JAX by hand, tiled, moments only"
PEERS = (WHOLE, TILED)


@dataclass(frozen=True)
class Size:
    """How much to measure.

    Args:
      repeats: rounds after the warm-up.
      samples: accepted worlds of a WebPPL run.
      sentences: worlds for an answer in the conversation.
      starts: fresh processes of the first command; 0 leaves it out.
    """

    repeats: int
    samples: int
    sentences: int
    starts: int


FULL = Size(repeats=15, samples=20_000, sentences=200_000, starts=3)
QUICK = Size(repeats=5, samples=5_000, sentences=50_000, starts=0)


def measure(run: Experiment, size: Size, with_webppl: bool) -> None:
    """Measure everything; figures, sections and a table go to the run."""
    worlds, threads = run.options.worlds, available_cores()
    asked = question()
    rows: list[Row] = []
    with run.stage("peers", total=size.repeats + 1) as progress:
        times, last = take_turns(contenders(asked, worlds, threads), size.repeats, said=progress)
    rows += [Row(n, t, *last[n], threads) for n, t in times.items()]
    compare(run, times)
    with run.stage("webppl"):
        rows += (
            peer_in_javascript(run, size, rows)
            if with_webppl
            else skipped(run, "left out by --no-webppl")
        )
    run.section("rejection", {row.name: row.summary() for row in rows})
    with run.stage("bounds", total=size.repeats + 1) as progress:
        bound(run, asked, {row.name: row for row in rows}, size.repeats, threads, progress)
    with run.stage("new sentences"):
        new_sentences(run, size)
    if size.starts:
        with run.stage("first command", total=size.starts) as progress:
            starts(run, size.starts, progress)
    run.show(table(rows, worlds, threads))


@dataclass(frozen=True, eq=False)
class Row:
    """A contender's measurements.

    Args:
      name: as in the table.
      times: of one run each.
      accepted: worlds that a run accepted.
      mean: Mary's strength in its last run: all of them compute the same thing.
      threads: that it was given.
    """

    name: str
    times: Times
    accepted: float
    mean: float
    threads: int

    @property
    def rate(self) -> float:
        """Accepted worlds per second, by the median time."""
        return self.accepted / self.times.median

    def summary(self) -> dict[str, object]:
        """As plain data."""
        return {
            "accepted_per_second": self.rate,
            "accepted": self.accepted,
            "mary_strength_mean": self.mean,
            "threads": self.threads,
            **self.times.summary(),
        }


def contenders(
    asked: Question, worlds: int, threads: int
) -> dict[str, Callable[[int], tuple[float, float]]]:
    """Functions of a seed that give accepted worlds and their mean, by name."""
    xla, lanes = XLA(), LaneMachine()

    def engine(backend: XLA | LaneMachine) -> Callable[[int], tuple[float, float]]:
        def work(seed: int) -> tuple[float, float]:
            answer = Importance(worlds=worlds, backend=backend).infer(jax.random.key(seed), asked)
            return answer.worlds.kept, answer.mean.value

        return work

    def raw(backend: XLA | LaneMachine) -> Callable[[int], tuple[float, float]]:
        def work(seed: int) -> tuple[float, float]:
            found = run_worlds(asked, backend, seed, worlds)
            (values,) = found.rows.values()
            return found.kept, float(values.mean())

        return work

    def by_hand(kernel: Callable, threads: int) -> Callable[[int], tuple[float, float]]:
        def work(seed: int) -> tuple[float, float]:
            found = hand_written.sample(kernel, jax.random.key(seed), worlds, threads)
            return len(found.strengths), float(found.strengths.mean())

        return work

    def moments(seed: int) -> tuple[float, float]:
        def part(key: jax.Array, count: int) -> tuple[float, float]:
            accepted, total = hand_written.moments(key, count)
            return float(accepted), float(total)

        accepted, total = np.sum(
            hand_written.on_threads(part, jax.random.key(seed), worlds, threads), axis=0
        )
        return accepted, total / accepted

    return {
        f"{OURS['XLA']}, worlds": raw(xla),
        f"{OURS['XLA']}, posterior": engine(xla),
        f"{OURS['lane machine']}, worlds": raw(lanes),
        f"{OURS['lane machine']}, posterior": engine(lanes),
        WHOLE: by_hand(hand_written.whole_array, threads),
        TILED: by_hand(hand_written.tiled, threads),
        TILED_ONE: by_hand(hand_written.tiled, 1),
        MOMENTS: moments,
    }


def compare(run: Experiment, times: Mapping[str, Times]) -> None:
    """Record ratios against the faster of the two programs that a JAX user writes."""
    peer = min(PEERS, key=lambda name: times[name].median)
    note = "above 1: ours is faster; value and quartiles of the ratio within a round"
    for backend, title in OURS.items():
        for level in ("worlds", "posterior"):
            name = f"{backend.replace(' ', '_').lower()}_{level}_over_jax"
            found = ratio(times[peer], times[f"{title}, {level}"])
            run.figure(name, found.value, peer=peer, note=note, **found.more())
    found = ratio(times[f"{OURS['XLA']}, worlds"], times[f"{OURS['lane machine']}, worlds"])
    run.figure("lane_machine_over_xla", found.value, note=note, **found.more())


def skipped(run: Experiment, why: str) -> list[Row]:
    """Record that WebPPL was not measured."""
    run.section("webppl", {"skipped": why})
    return []


def peer_in_javascript(run: Experiment, size: Size, ours: list[Row]) -> list[Row]:
    """Measure WebPPL and record how much faster ours is."""
    try:
        runs = webppl.measure(size.samples, size.repeats)
    except npm.Skipped as why:
        return skipped(run, str(why))
    seconds = np.array([r.seconds for r in runs])
    row = Row(
        f"WebPPL {webppl.VERSION}, rejection",
        Times(seconds, seconds),
        size.samples,
        runs[-1].mean,
        1,
    )
    for backend, title in OURS.items():
        for level in ("worlds", "posterior"):
            mine = next(r for r in ours if r.name == f"{title}, {level}")
            name = f"{backend.replace(' ', '_').lower()}_{level}_over_webppl"
            spread = np.quantile(mine.rate * seconds / size.samples, [0.25, 0.75])
            run.figure(
                name,
                mine.rate / row.rate,
                quartiles=spread,
                note="ratio of accepted worlds per second, medians; ours on every core, WebPPL on "
                "one, as each runs by default",
                per_processor_second=mine.accepted
                / float(np.median(mine.times.processor))
                / row.rate,
            )
    run.section(
        "webppl",
        {"version": webppl.VERSION, "samples": size.samples, "timed": "inside the program"},
    )
    return [row]


def bound(
    run: Experiment,
    asked: Question,
    rows: Mapping[str, Row],
    repeats: int,
    threads: int,
    progress: Callable[[int], None],
) -> None:
    """Record what random bits and memory allow, and how far ours is from that."""
    program, width = program_of(asked)
    worlds = run.options.worlds
    uniforms, normals = len(program.uniform_sites), len(program.normal_sites)
    draws = uniforms + normals
    bits, drawn = bounds.bits_kernel(draws, width), bounds.rows_kernel(uniforms, normals, width)
    copy = bounds.copier(threads)
    times, last = take_turns(
        {
            "bits": lambda seed: bounds.over_worlds(
                bits, jax.random.key(seed), worlds, width, threads
            ),
            "rows": lambda seed: bounds.over_worlds(
                drawn, jax.random.key(seed), worlds, width, threads
            ),
            "copy": lambda seed: copy(),
            "xla": lambda seed: run_worlds(asked, _XLA, seed, worlds).drawn,
            "lanes": lambda seed: run_worlds(asked, _LANES, seed, worlds).drawn,
        },
        repeats,
        said=progress,
    )
    held = {name: float(count) for name, count in last.items()}
    speed = {name: held[name] / times[name].median for name in times}
    run.section(
        "bounds",
        {
            "draws_per_world": draws,
            "uniforms": uniforms,
            "normals": normals,
            "instructions": len(program.instructions),
            "worlds_in_a_tile": width,
            "threads": threads,
            "random_bits_per_second": speed["bits"] * draws * bounds.BITS,
            "worlds_per_second_by_random_bits": speed["bits"],
            "worlds_per_second_by_random_rows": speed["rows"],
            "worlds_per_second_xla": speed["xla"],
            "worlds_per_second_lane_machine": speed["lanes"],
            "memory_copy_bytes_per_second": speed["copy"],
            "bytes_copied_per_world": 4 * len(program.outputs),
            "times": {name: t.summary() for name, t in times.items()},
        },
    )
    for name in ("xla", "lanes"):
        title = "xla" if name == "xla" else "lane_machine"
        for which in ("bits", "rows"):
            # A last call draws whole tiles, so that the two are not of the same number of worlds.
            factor, share = ratio(times[name], times[which]), held[which] / held[name]
            run.figure(
                f"{title}_distance_from_random_{which}",
                factor.value * share,
                note=f"how many times longer a world takes than its random {which} alone",
                quartiles=[q * share for q in factor.quartiles],
                ratio_of_processor_time=factor.processor * share,
            )


_XLA, _LANES = XLA(), LaneMachine()


def new_sentences(run: Experiment, size: Size) -> None:
    """Record time and compilations of sentences of new structure."""
    backend = LaneMachine()
    talks = [
        converse(backend, size.sentences, run.options.seed + i) for i in range(size.repeats + 1)
    ]
    first, later = talks[0], talks[1:]
    seconds = np.array([[turn.seconds for turn in talk] for talk in later])
    middle = np.median(seconds)
    run.figure(
        "new_sentence_seconds",
        float(middle),
        quartiles=np.quantile(seconds, [0.25, 0.75]),
        n=seconds.size,
        worlds=size.sentences,
        note="tell, ask and infer on the lane machine; conversations after the first",
    )
    run.figure(
        "new_sentence_seconds_first_conversation",
        float(np.median([turn.seconds for turn in first])),
        slowest=max(turn.seconds for turn in first),
        n=len(first),
    )
    run.figure(
        "new_sentence_compilations",
        max(turn.compilations for turn in first),
        note="most XLA compilations of a sentence, after the two that warm up",
        later=max(turn.compilations for talk in later for turn in talk),
    )
    run.section("new_sentences", [asdict(turn) for turn in first])


def starts(run: Experiment, times: int, progress: Callable[[int], None]) -> None:
    """Record how long the first command takes in a process of its own."""
    found = []
    for i in range(times):
        done = first_command(run.options.worlds)
        if not isinstance(done, FirstCommand):
            run.section("first_command", {"skipped": done})
            return
        found.append(done)
        progress(i + 1)
    seconds = [f.seconds for f in found]
    run.figure(
        "first_command_seconds",
        float(np.median(seconds)),
        fastest=min(seconds),
        slowest=max(seconds),
        n=times,
    )
    stages = {name: float(np.median([f.stages[name] for f in found])) for name in found[0].stages}
    run.section("first_command", {"median_seconds_by_stage": stages})


def table(rows: list[Row], worlds: int, threads: int) -> Table:
    """The rejection part, for people."""
    from rich.table import Table

    title = f"Tug-of-war, {worlds:,} worlds, {threads} threads, accepted a second"
    out = Table("", title=title, title_justify="left")
    for name in ("accepted/s", "ms", "quartiles", "CPU ms", "Mary"):
        out.add_column(name, justify="right", no_wrap=True)
    for row in sorted(rows, key=lambda r: -r.rate):
        low, high = 1000 * np.quantile(row.times.seconds, [0.25, 0.75])
        out.add_row(
            row.name,
            f"{row.rate:,.0f}",
            f"{1000 * row.times.median:.1f}",
            f"{low:.0f} to {high:.0f}",
            f"{1000 * float(np.median(row.times.processor)):.0f}",
            f"{row.mean:.2f}",
        )
    return out
