"""Generated programs in the oracle, in the compiler and on every back end: do they agree?

Discrete programs are compared exactly: the table of the compiled lanes, worked out without
sampling, against the oracle's enumeration; and the rows of the three back ends bit for bit.
The others are compared by samples: an indicator's two means differ by more than Bernstein's bound
allows once in 1/FAILURE_RATE comparisons, and differences of over five standard errors are counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import jax
import numpy as np

from experiments.bench.batches import WIDTH, batched, rows_of
from experiments.bench.compiled import Compiled, Table, canon, compiled, exact_table
from experiments.bench.exact import TooLarge
from experiments.bench.generated import continuous, discrete
from experiments.bench.samples import Sample, compare, of_oracle, of_rows, of_table
from plot import oracle
from plot.backends import LaneMachine, Reference, assemble
from plot.backends.base import TILES, nothing_given
from plot.errors import BudgetError, ImpossibleEvidence, PlotError, Unsupported
from plot.reader import read

CLOSE = 1e-6  # between exact probabilities
BUDGET = oracle.Budget(steps=200_000, depth=20_000, executions=300, tries=500, particles=100)
ORACLE_WORLDS = 300
EDGE = 0.02  # share of the worlds of a continuous program that rounding may tip over an edge


@dataclass
class Verdict:
    """What became of a program.

    Args:
      seed: it is `program(seed)`.
      outcome: `exact`, `statistical`, `too large`, `refused`, `error`, `impossible`,
        or `disagreement`.
      detail: the reason of a refusal, or what disagreed.
      rows: whether the back ends' rows were compared too.
      compared: indicators compared by samples.
      beyond: those of them that differed by more than five standard errors.
    """

    seed: int
    outcome: str
    detail: str = ""
    rows: bool = False
    compared: int = 0
    beyond: int = 0


@dataclass
class Case:
    """A program on its way to a verdict."""

    seed: int
    source: str
    verdict: Verdict
    program: Compiled | None = None
    lanes: np.ndarray | None = field(default=None, repr=False)


def is_discrete(seed: int) -> bool:
    """Seven programs of ten are discrete."""
    return seed % 10 < 7


def program(seed: int) -> str:
    """The program of a seed."""
    return discrete(seed) if is_discrete(seed) else continuous(seed)


def judge(seeds: Sequence[int], machine: LaneMachine, xla: bool = True) -> list[Verdict]:
    """Compare some programs.

    Args:
      seeds: of the programs; XLA compiles them together.
      machine: keeps what it has compiled from one call to the next.
      xla: whether to compare XLA's rows too.
    """
    cases = [Case(s, program(s), Verdict(s, "")) for s in seeds]
    for case in cases:
        try:
            _against_oracle(case, machine)
        except Exception as error:
            if not isinstance(error, PlotError | RecursionError | ArithmeticError | ValueError):
                raise
            case.verdict.outcome = "disagreement"
            case.verdict.detail = f"{type(error).__name__}: {error}"
    ready = [c for c in cases if c.program is not None and c.program.parts]
    _between_back_ends(ready, machine, xla)
    return [case.verdict for case in cases]


def _against_oracle(case: Case, machine: LaneMachine) -> None:
    verdict = case.verdict
    try:
        case.program = compiled(case.source)
    except (Unsupported, BudgetError) as refusal:
        verdict.outcome, verdict.detail = "refused", refusal.message
        return
    except PlotError as error:
        verdict.outcome, verdict.detail = "error", type(error).__name__
        reference = _enumerated(case)
        if isinstance(reference, Table) or (reference is None and _lives(case)):
            _disagree(verdict, f"the compiler says: {error.message}; the oracle finds a value")
        return
    reference = _enumerated(case)
    try:
        table = exact_table(case.program)
    except TooLarge as reason:
        _by_samples(case, machine, reference, str(reason))
        return
    except ImpossibleEvidence:
        verdict.outcome = "impossible"
        if isinstance(reference, Table) or (reference is None and _lives(case)):
            _disagree(verdict, "no world is possible, and the oracle finds one")
        return
    if isinstance(reference, PlotError):
        _disagree(verdict, f"the oracle says: {reference.message}; the compiler finds a value")
    elif reference is None:
        _compare(case, of_table(table), "the table of the lanes")
    else:
        verdict.outcome = "exact"
        wrong = differences(table, reference)
        if wrong:
            _disagree(verdict, wrong)


def differences(found: Table, wanted: Table) -> str:
    """Where two exact tables differ, in words; empty where they do not."""
    ours = _named_as(found.probabilities, wanted.probabilities)
    for value in ours.keys() | wanted.probabilities.keys():
        a, b = ours.get(value, 0.0), wanted.probabilities.get(value, 0.0)
        if abs(a - b) > CLOSE:
            return f"{value} has {a:.9g}, and {b:.9g} in the oracle"
    if abs(found.log_evidence - wanted.log_evidence) > CLOSE:
        return f"log evidence {found.log_evidence:.9g}, and {wanted.log_evidence:.9g} in the oracle"
    return ""


def _named_as(found: dict[str, float], wanted: dict[str, float]) -> dict[str, float]:
    """The probabilities under the names of those wanted, where only the last digit of one differs."""
    out: dict[str, float] = {}
    for value, p in found.items():
        alike = value if value in wanted else next((w for w in wanted if _alike(value, w)), value)
        out[alike] = out.get(alike, 0.0) + p
    return out


def _alike(a: str, b: str) -> bool:
    """Whether two values are written alike, but for the rounding of their numbers.

    >>> _alike("(a 0.546303 . x)", "(a 0.546302 . x)"), _alike("(a 0.5463)", "(b 0.5463)")
    (True, False)
    """
    ours, theirs = a.split(), b.split()
    return len(ours) == len(theirs) and all(map(_same_part, ours, theirs))


def _same_part(a: str, b: str) -> bool:
    if a == b:
        return True
    try:
        x, y = float(a.strip("()")), float(b.strip("()"))
    except ValueError:
        return False
    return math.isclose(x, y, rel_tol=1e-5, abs_tol=1e-6)


def _disagree(verdict: Verdict, detail: str) -> None:
    verdict.outcome, verdict.detail = "disagreement", detail


def enumerated(source: str) -> Table | PlotError | None:
    """The oracle's exact table; None where it is too large; an error where no world has a value."""
    try:
        exact = oracle.enumerate(read(source), BUDGET)
    except (BudgetError, oracle.NotEnumerable):
        return None
    except PlotError as error:
        return error
    if exact.lost_mass > 1e-9:
        return None
    found: dict[str, float] = {}
    for value, probability in exact.table:
        text = canon(value)
        found[text] = found.get(text, 0.0) + probability
    return Table(found, exact.log_evidence)


def _enumerated(case: Case) -> Table | PlotError | None:
    return enumerated(case.source)


def _lives(case: Case) -> bool:
    """Whether the oracle, by sampling, finds a world that has a value."""
    sample = of_oracle(read(case.source), case.seed, ORACLE_WORLDS, BUDGET)
    return sample is not None


def _by_samples(
    case: Case, machine: LaneMachine, reference: Table | PlotError | None, reason: str
) -> None:
    """Compare worlds of the lane machine with the oracle."""
    assert case.program is not None
    p = case.program
    lanes = machine.prepare(assemble(p.asked, p.clamps, p.graph.loops), WIDTH)
    tiles = np.asarray(lanes(jax.random.key(case.seed), 0, TILES, nothing_given(WIDTH)))[
        :, : len(p.asked)
    ]
    ours = of_rows(p, np.moveaxis(tiles, 1, 0).reshape(len(p.asked), -1))
    if isinstance(reference, PlotError):
        case.verdict.outcome = "impossible"
        if ours is not None:
            _disagree(case.verdict, f"the oracle says: {reference.message}; the lanes have a value")
        return
    if ours is None:
        case.verdict.outcome, case.verdict.detail = "too large", "no world fits the evidence"
        return
    _compare(case, ours, reason)


def _compare(case: Case, ours: Sample, reason: str) -> None:
    theirs = of_oracle(read(case.source), case.seed, ORACLE_WORLDS, BUDGET)
    verdict = case.verdict
    if theirs is None or not theirs.telling or not ours.telling:
        verdict.outcome, verdict.detail = "too large", "too few worlds fit the evidence"
        return
    verdict.outcome, verdict.detail = "statistical", reason
    found = compare(ours, theirs)
    verdict.compared, verdict.beyond = found.compared, found.beyond
    if found.wrong:
        _disagree(verdict, found.wrong)


def _between_back_ends(cases: list[Case], machine: LaneMachine, xla: bool) -> None:
    """The same rows of randomness must give the same rows of values."""
    key = jax.random.key(7)
    for case in cases:
        assert case.program is not None
        case.lanes = rows_of(machine, [case.program], key)[0]
        _same_rows(case, rows_of(Reference(), [case.program], key)[0], "NumPy")
    if not xla:
        return
    for case, rows in zip(cases, batched([c.source for c in cases], key), strict=True):
        _same_rows(case, rows, "XLA")
        case.verdict.rows = True


def _same_rows(case: Case, other: np.ndarray, name: str) -> None:
    assert case.lanes is not None
    wrong = rows_differ(case.lanes, other, is_discrete(case.seed))
    if wrong:
        _disagree(case.verdict, f"the lane machine and {name} differ: {wrong}")


def rows_differ(ours: np.ndarray, other: np.ndarray, exactly: bool) -> str:
    """Where two back ends differ, in words; empty where they do not.

    Args:
      ours, other: log weights, then lanes, of the same worlds.
      exactly: whether lanes have to be identical; weights are sums of logarithms and never do.
    """
    if ours.shape != other.shape:
        return f"{ours.shape} and {other.shape} values"
    with np.errstate(all="ignore"):
        close = np.isclose(ours, other, rtol=1e-3, atol=1e-3, equal_nan=True)
    if exactly:
        close[1:] = (ours[1:] == other[1:]) | (np.isnan(ours[1:]) & np.isnan(other[1:]))
    # In worlds that are impossible anything may stand.
    close |= np.isneginf(ours[0]) & np.isneginf(other[0])
    allowed = 0 if exactly else math.ceil(EDGE * WIDTH)
    bad = (~close).sum(axis=1)
    if bad.max() <= allowed:
        return ""
    row = int(bad.argmax())
    world = int(np.flatnonzero(~close[row])[0])
    return f"lane {row} in {bad[row]} of {ours.shape[1]} worlds, {ours[row, world]} and {other[row, world]}"
