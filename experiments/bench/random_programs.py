"""Programs made at random: well-typed ones in every engine, malformed ones up to their error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from typing import TYPE_CHECKING

from experiments.bench.agreement import Verdict, judge
from experiments.bench.fuzz import MEMORY, as_json, endings
from experiments.bench.generated import malformed
from plot.backends import LaneMachine
from plot.backends.base import available_cores

if TYPE_CHECKING:
    from experiments.common import Experiment

BATCH = 50  # programs that XLA compiles together
WORKER_BATCHES = 20  # batches of one process, whose memory grows with what JAX compiles
WORST = 50  # programs that are shown of each kind


def measure(run: Experiment, programs: int, spoilt: int) -> None:
    """Compare well-typed programs, then run malformed ones; figures go to the run.

    Args:
      run: where figures go.
      programs: well-typed ones.
      spoilt: malformed ones.
    """
    if programs:
        with run.stage("random programs", total=programs) as progress:
            verdicts = []
            for verdict in judged(range(programs), available_cores()):
                verdicts.append(verdict)
                progress(len(verdicts))
        _report_agreement(run, verdicts)
    if spoilt:
        with run.stage("malformed programs", total=spoilt) as progress:
            ended = []
            for ending in endings(range(spoilt), malformed, available_cores()):
                ended.append(ending)
                progress(len(ended))
        bad = [e for e in ended if e.bad]
        run.figure("malformed_programs", len(ended), bad=len(bad), wanted=0)
        run.figure("malformed_slowest_seconds", max(e.seconds for e in ended))
        run.figure(
            "malformed_most_memory_bytes", 2**20 * max(e.megabytes for e in ended), wanted=MEMORY
        )
        kinds = Counter(e.error or e.kind for e in ended)
        run.section(
            "malformed_programs", {"endings": dict(kinds), "bad": [as_json(e) for e in bad[:WORST]]}
        )


def judged(seeds: Sequence[int], processes: int) -> Iterator[Verdict]:
    """Verdicts on the programs of some seeds, in order, by processes of their own."""
    batches = [seeds[i : i + BATCH] for i in range(0, len(seeds), BATCH)]
    rounds = processes * WORKER_BATCHES
    for first in range(0, len(batches), rounds):
        # A pool for each round: one that replaces its workers itself may wait for ever for the next
        # (Python 3.12, issue 115634).
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            for verdicts in pool.map(_judge, batches[first : first + rounds]):
                yield from verdicts


def _judge(seeds: Sequence[int]) -> list[Verdict]:
    return judge(seeds, _machine())


@cache
def _machine() -> LaneMachine:
    """The lane machine of this process."""
    return LaneMachine()


def _report_agreement(run: Experiment, verdicts: list[Verdict]) -> None:
    found = Counter(v.outcome for v in verdicts)
    wrong = [v for v in verdicts if v.outcome == "disagreement"]
    run.figure("random_programs", len(verdicts), disagreements=len(wrong), wanted=0)
    run.figure("random_programs_exact", found["exact"], note="tables agree to 1e-6")
    run.figure(
        "random_programs_by_samples",
        found["statistical"],
        compared=sum(v.compared for v in verdicts),
        beyond_five_standard_errors=sum(v.beyond for v in verdicts),
    )
    run.figure(
        "random_programs_on_three_back_ends",
        sum(v.rows for v in verdicts),
        note="the same rows of NumPy, lane machine and XLA; the others ended in an error",
    )
    refused = Counter(v.detail for v in verdicts if v.outcome == "refused")
    run.section(
        "random_programs",
        {
            "outcomes": dict(found),
            "refused": dict(refused),
            "disagreements": [{"seed": v.seed, "detail": v.detail} for v in wrong[:WORST]],
        },
    )
