"""What a program's header expects: read by the project's reader, compared with an answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plot.data import Name, Pair, Procedure, from_list, is_number, same, show, to_list
from plot.errors import PlotError
from plot.oracle.forms import datum
from plot.reader import read
from plot.syntax import Form, Literal, Symbol, Tree
from tests.programs.answers import NOTHING, Found

SOURCES = ("closed form:", "enumeration:", "quadrature:", "published:", "by hand:")
KEYS = ("shows", "expect", "worlds", "oracle", "slow")
RATE = 1e-6  # of one comparison with a random answer to fail, were the program right
SIGMAS = 6.0  # of a mean, a standard deviation or a log evidence; their errors are estimates
FEWEST = 40  # effective worlds from which standard errors mean something
EXACT = 1e-9  # relative, of answers without sampling


@dataclass(frozen=True)
class Clause:
    """One expected fact.

    Args:
      kind: `P`, `only`, `mean`, `sd`, `quantile`, `log-evidence`, `value` or `lost`.
      number: the number expected; of `lost`, its bound.
      value: of `P` the outcome, of `value` the value, of `only` the list of all outcomes, of
        `quantile` the share below.
      source: where the number comes from, in words.
    """

    kind: str
    number: float = 0.0
    value: object = None
    source: str = ""

    @property
    def label(self) -> str:
        """The clause without its number, as the header writes it."""
        return f"{self.kind}({show(self.value)})" if self.kind in ("P", "quantile") else self.kind


@dataclass(frozen=True)
class Program:
    """A program and its header.

    Args:
      path: its file.
      text: the whole of it.
      shows: what it demonstrates.
      clauses: what is expected of its last value or query.
      worlds: how many worlds to draw.
      oracle: how many the oracle draws, where listing all choices is not worth trying.
      slow: why it runs among the slow tests; empty where it does not.
    """

    path: Path
    text: str
    shows: str
    clauses: tuple[Clause, ...]
    worlds: int | None = None
    oracle: int | None = None
    slow: str = ""

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def lost(self) -> float:
        """The bound on the mass that may be lost."""
        return max((c.number for c in self.clauses if c.kind == "lost"), default=0.0)


class HeaderError(ValueError):
    """A header that says nothing that can be checked."""


def parse(path: Path) -> Program:
    """Read a program and its header.

    Raises:
      HeaderError: where the header lacks a part or a line of it cannot be understood.
    """
    return parse_text(path.read_text(encoding="utf-8"), path)


def parse_text(text: str, path: Path) -> Program:
    """As `parse`, from the text of the file."""
    entries = _entries(text, path)
    clauses = [c for key, rest in entries if key == "expect" for c in _clauses(rest, path)]
    said = {key: rest for key, rest in entries if key != "expect"}
    if not said.get("shows"):
        raise HeaderError(f"{path}: `;; shows: …` is missing")
    if not clauses:
        raise HeaderError(f"{path}: `;; expect: …` is missing")
    worlds, oracle = (
        int(said[key].replace("_", "")) if key in said else None for key in ("worlds", "oracle")
    )
    slow = said.get("slow", "")
    return Program(path, text, said["shows"], tuple(clauses), worlds, oracle, slow)


def _entries(text: str, path: Path) -> list[tuple[str, str]]:
    """The lines `;; key: rest`, with the lines `;;   more` that continue them."""
    entries: list[tuple[str, str]] = []
    for line in text.splitlines():
        if not line.startswith(";; "):
            break
        if line.startswith(";;   ") and entries:
            key, rest = entries[-1]
            entries[-1] = key, f"{rest} {line[2:].strip()}"
            continue
        key, colon, rest = line[3:].partition(":")
        if key not in KEYS or not colon:
            raise HeaderError(f"{path}: `{line}` begins with none of {', '.join(KEYS)}")
        entries.append((key, rest.strip()))
    return entries


def _clauses(text: str, path: Path) -> list[Clause]:
    try:
        trees = read(text, str(path))
    except PlotError as error:
        raise HeaderError(f"{path}: {error}") from None
    end = trees[-1].span.end if trees and trees[-1].span else 0
    source = text[end:].strip().lstrip(";").strip()
    if not trees or not source.startswith(SOURCES) or source in SOURCES:
        raise HeaderError(f"{path}: `{text}` names no source (one of {' '.join(SOURCES)} and more)")
    out: list[Clause] = []
    rest = list(trees)
    try:
        while rest:
            out += _clause(rest, source)
    except (IndexError, ValueError) as error:
        raise HeaderError(f"{path}: `{text}`: {error}") from None
    return out


def _clause(rest: list[Tree], source: str) -> list[Clause]:
    """Take one clause off the front of a line."""
    head = rest.pop(0)
    kind = head.name if isinstance(head, Symbol) else ""
    if kind == "table":
        rows = []
        while rest and isinstance(rest[0], Form):
            value, p = rest.pop(0)  # type: ignore[misc]
            rows.append(Clause("P", number(p), datum(value), source))
        return [*rows, Clause("only", 0.0, from_list([r.value for r in rows]), source)]
    argument: object = None
    if kind in ("P", "quantile"):
        form = rest.pop(0)
        if not isinstance(form, Form) or len(form) != 1:
            raise ValueError(f"`{kind}` needs one value in brackets")
        argument = datum(form[0])
    if kind not in ("P", "quantile", "mean", "sd", "log-evidence", "value", "lost"):
        raise ValueError(f"`{kind}` is nothing that can be expected")
    sign = rest.pop(0)
    if sign != Symbol("<" if kind == "lost" else "="):
        raise ValueError(f"`{kind}` is followed by no sign")
    tree = rest.pop(0)
    if kind == "value":
        return [Clause(kind, 0.0, datum(tree), source)]
    return [Clause(kind, number(tree), argument, source)]


_ARITHMETIC: dict[str, Callable[..., float]] = {
    "+": lambda *x: math.fsum(x),
    "*": lambda *x: math.prod(x),
    "-": lambda *x: -x[0] if len(x) == 1 else x[0] - math.fsum(x[1:]),
    "/": lambda x, y: x / y,
    "expt": lambda x, y: x**y,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
}


def number(tree: Tree) -> float:
    """The number that a header writes, plain or as a formula such as `(/ 2 3)`.

    >>> from plot.reader import read_one
    >>> number(read_one("(- 1 (/ 1 4))"))
    0.75
    """
    if isinstance(tree, Literal) and is_number(tree.value):
        return float(tree.value)
    if tree == Symbol("pi"):
        return math.pi
    if isinstance(tree, Form) and tree.head in _ARITHMETIC:
        return _ARITHMETIC[tree.head](*(number(part) for part in tree.items[1:]))
    raise ValueError(f"{tree} is no number")


# ---- comparison


@dataclass
class Report:
    """The outcome of a comparison.

    Args:
      failures: what is wrong, a line each.
      compared: how many facts were compared.
      bounds: how far each number may be off, by the label of its clause.
    """

    failures: list[str] = field(default_factory=list)
    compared: int = 0
    bounds: dict[str, float] = field(default_factory=dict)

    def check(self, what: str, expected: float, found: float, bound: float) -> None:
        """Note whether two numbers are as near as they should be."""
        self.compared += 1
        self.bounds[what] = bound
        if not abs(expected - found) <= bound:
            self.failures.append(
                f"{what}: expected {expected:.10g}, found {found:.10g} ± {bound:.3g}"
            )


def compare(clauses: Sequence[Clause], found: Found) -> Report:
    """Compare an answer with what is expected of it.

    Exact answers must agree to rounding; for the others, each bound would be passed by a right
    program with probability `RATE` at most (Bernstein's inequality at the effective number of
    worlds), or is `SIGMAS` standard errors. What may be lost widens every bound.
    """
    report = Report()
    allowed = max((c.number for c in clauses if c.kind == "lost"), default=0.0)
    report.compared += 1
    if found.lost > allowed + NOTHING:
        report.failures.append(f"lost: {found.lost:.3g} of the mass, and {allowed:g} is declared")
    if found.size < FEWEST:
        report.failures.append(f"only {found.size:.0f} effective worlds: too few to compare")
    for clause in clauses:
        if clause.kind != "lost":
            _COMPARISONS[clause.kind](report, clause, found, allowed)
    return report


def bernstein(p: float, worlds: float) -> float:
    """How far a mean of indicators strays from `p` with probability `RATE` at most."""
    log_rate = math.log(2 / RATE)
    return math.sqrt(2 * max(p * (1 - p), 0) * log_rate / worlds) + 2 * log_rate / (3 * worlds)


def _probability(report: Report, clause: Clause, found: Found, lost: float) -> None:
    p = math.fsum(q for v, q in found.table if agree(clause.value, v, found.rounding))
    bound = EXACT * clause.number if found.exact else bernstein(clause.number, found.size)
    report.check(clause.label, clause.number, p, bound + lost)


def _only(report: Report, clause: Clause, found: Found, lost: float) -> None:
    report.compared += 1
    rows = to_list(clause.value)
    for value, p in found.table:
        if p > lost and not any(agree(v, value, found.rounding) for v in rows):
            report.failures.append(f"{show(value)} is in no row, and has probability {p:.3g}")


def _value(report: Report, clause: Clause, found: Found, lost: float) -> None:
    report.compared += 1
    for value, p in found.table:
        if not agree(clause.value, value, found.rounding):
            report.failures.append(
                f"value: expected {show(clause.value)}, found {show(value)} with probability {p:.3g}"
            )


def _moment(report: Report, clause: Clause, found: Found, lost: float) -> None:
    estimate = found.moments[0 if clause.kind == "mean" else 1]
    bound = SIGMAS * (0.0 if found.exact else estimate.standard_error)
    rounding = found.rounding * (abs(clause.number) + abs(found.moments[0].value))
    report.check(clause.kind, clause.number, estimate.value, bound + rounding + lost)


def _quantile(report: Report, clause: Clause, found: Found, lost: float) -> None:
    """The expected quantile lies between the quantiles of shares a bound apart."""
    assert isinstance(clause.value, int | float)
    share = float(clause.value)
    slack = lost + (EXACT if found.exact else bernstein(share, found.size))
    low, high = found.quantile(max(share - slack, 0)), found.quantile(min(share + slack, 1))
    rounding = found.rounding * abs(clause.number)
    report.compared += 1
    if not low - rounding <= clause.number <= high + rounding:
        report.failures.append(
            f"{clause.label}: expected {clause.number:g}, found {low:g} to {high:g}"
        )


def _evidence(report: Report, clause: Clause, found: Found, lost: float) -> None:
    report.check(
        clause.kind,
        clause.number,
        found.log_evidence,
        SIGMAS * found.log_evidence_error + found.rounding * max(1.0, abs(clause.number)) + lost,
    )


_COMPARISONS: dict[str, Callable[[Report, Clause, Found, float], None]] = {
    "P": _probability,
    "only": _only,
    "value": _value,
    "mean": _moment,
    "sd": _moment,
    "quantile": _quantile,
    "log-evidence": _evidence,
}


def agree(expected: object, found: object, rounding: float) -> bool:
    """Whether a value is the one expected, numbers to rounding.

    A function is expected as `(function name)`, one without a name as `(function)`.

    >>> agree(from_list([1, 0.5]), from_list([1, 0.5000001]), 1e-4)
    True
    """
    stack = [(expected, found)]
    while stack:
        a, b = stack.pop()
        if isinstance(b, Procedure):
            b = from_list([Name("function"), *([Name(b.name)] if b.name else [])])
        if isinstance(a, Pair) and isinstance(b, Pair):
            stack += [(a.first, b.first), (a.rest, b.rest)]
        elif is_number(a) and is_number(b):
            assert isinstance(a, int | float) and isinstance(b, int | float)
            if a != b and not abs(a - b) <= rounding * max(abs(a), 1e-2):
                return False
        elif not same(a, b):
            return False
    return True
