"""Programs that the compiler refuses, run by the oracle a world at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from plot import oracle
from plot.compiler.queries import Table
from plot.data import VOID, is_number, show, to_list
from plot.decode import to_json
from plot.errors import BudgetError, ImpossibleEvidence, PlotError
from plot.outcome import Outcome
from plot.pictures import PICTURES
from plot.posterior import QUANTILES, Row
from plot.printer import write
from plot.shapes import Block, Declare, Define, EntityList, Evidence, Import, shape
from plot.signatures import canonical
from plot.syntax import Form, Symbol, Tree
from plot.weights import draw, effective_size, evidence, moments, normalise, quantile

MOST_WORLDS = 2_000  # a world in the oracle takes up to milliseconds
CALLS = 2_000_000  # of an enumeration
CALLS_SAMPLED = 3_000_000  # of all worlds
SHOWING = frozenset({"display", *PICTURES})
MOST_LOST = 1e-3  # mass past the budget above which an enumeration is no answer


class OracleWarning(UserWarning):
    """What the compiler refuses is run a world at a time, by the oracle or by the evaluator."""


def why(refusal: PlotError) -> str:
    """A refusal of the compiler in a few words: what, and where."""
    place = f" at {refusal.span!r}" if refusal.span is not None else ""
    return f"{refusal.message}{place}"


def hopeless(refusal: PlotError) -> bool:
    """Whether no other way of running the program gets further."""
    return isinstance(refusal, BudgetError) and refusal.everywhere


@dataclass(frozen=True, eq=False)
class OracleAnswer:
    """The distribution of a query over worlds that the oracle ran.

    Args:
      question: the expression, as text.
      values: plain data, `[kept]`.
      weights: `[kept]`, sum to one.
      run: what else is reported.
      exact: whether the weights are probabilities without error.
    """

    question: str
    values: list[object]
    weights: np.ndarray
    run: dict[str, object]
    exact: bool = False

    @property
    def table(self) -> list[Row]:
        """Every outcome with its probability, the most probable first."""
        found: dict[str, tuple[object, list[float]]] = {}
        for value, weight in zip(self.values, self.weights, strict=True):
            found.setdefault(show(value), (value, []))[1].append(float(weight))
        rows = [
            Row(v, math.fsum(ws), 0.0 if self.exact else self._error(math.fsum(ws), ws))
            for v, ws in found.values()
        ]
        return sorted(rows, key=lambda r: (-r.probability, show(r.value)))

    def _error(self, share: float, parts: list[float]) -> float:
        inside = math.fsum(w * w for w in parts)
        return math.sqrt(
            max(0.0, (1 - 2 * share) * inside + share**2 * float(np.sum(self.weights**2)))
        )

    def sample(self, key: PRNGKeyArray, count: int) -> list[object]:
        """Independent draws of the value."""
        return [self.values[i] for i in draw(key, self.weights, count)]

    def summary(self) -> dict[str, object]:
        """The result as plain data for JSON."""
        out: dict[str, object] = {"question": self.question}
        if all(is_number(v) for v in self.values):
            x = np.array(self.values, np.float64)
            mean, sd = moments(x, self.weights)
            out |= {
                "mean": mean.value,
                "mean_standard_error": 0.0 if self.exact else mean.standard_error,
                "sd": sd.value,
                "sd_standard_error": 0.0 if self.exact else sd.standard_error,
                "quantiles": {f"{q:g}": quantile(x, self.weights, q) for q in QUANTILES},
            }
        if "mean" not in out or len(self.table) <= 40:
            out["table"] = [
                {
                    "value": to_json(r.value),
                    "probability": r.probability,
                    "standard_error": r.standard_error,
                }
                for r in self.table
            ]
        return out | self.run

    def __str__(self) -> str:
        out = self.summary()
        lines = [self.question]
        if "mean" in out:
            lines.append(
                f"mean {out['mean']:.5g} ± {out['mean_standard_error']:.2g}, sd {out['sd']:.5g}"
            )
        if "table" in out:
            lines += [f"{show(r.value)}: {r.probability:.4f}" for r in self.table[:20]]
        lines.append(
            f"{self.run['method']}: {self.run['worlds_kept']} of {self.run['worlds']} worlds remain"
        )
        return "\n".join(lines)

    __repr__ = __str__


def run_in_oracle(
    trees: Sequence[Tree], key: PRNGKeyArray, worlds: int, refusal: PlotError
) -> list[Outcome]:
    """The outcome of each top-level expression, each by runs of the whole program up to it.

    Args:
      trees: the program.
      key: the seed.
      worlds: worlds wanted for a query; the oracle runs at most `MOST_WORLDS`.
      refusal: why the compiler did not run it.
    """
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)).tolist())
    kinds = [_kind(tree) for tree in trees]
    values = _together(trees, kinds, rng)
    out = []
    for i, (tree, kind) in enumerate(zip(trees, kinds, strict=True)):
        if kind == "block":
            before = [t for t, k in zip(trees[:i], kinds[:i], strict=True) if k == "statement"]
            found = shape(tree)  # type: ignore[arg-type]
            assert isinstance(found, Block)
            out.append(_ask(before, found, tree, rng, min(worlds, MOST_WORLDS), refusal))
        elif kind == "display":
            assert isinstance(tree, Form) and tree.head is not None
            out.append(Outcome.shown(tree, canonical(tree.head) or "display", values[i]))
        elif kind == "value" and values[i] is not VOID:
            out.append(Outcome(tree, kind, values[i]))
    return out


def _kind(tree: Tree) -> str:
    """What a top-level expression is: a statement, a block, a value, or a request to show one."""
    if is_statement(tree):
        return "statement"
    if isinstance(tree, Form) and isinstance(shape(tree), Block):
        return "block"
    name = canonical(tree.head) if isinstance(tree, Form) and tree.head else None
    return "display" if name in SHOWING else "value"


def _together(trees: Sequence[Tree], kinds: list[str], rng: np.random.Generator) -> dict:
    """The value of each expression in one world, by its place; pictures show their arguments."""
    program: list[Tree] = []
    names: dict[int, Symbol] = {}
    for i, (tree, kind) in enumerate(zip(trees, kinds, strict=True)):
        if kind == "statement":
            program.append(tree)
        elif kind != "block":
            names[i] = Symbol(f"%value{i}", tree.span)  # the reader makes no such name
            if kind == "display" and isinstance(tree, Form):
                tree = Form((Symbol("list", tree.span), *tree.items[1:]), tree.span)
            program.append(Form((Symbol("define", tree.span), names[i], tree), tree.span))
    if not program:
        return {}
    program.append(Form((Symbol("list"), *names.values())))
    return dict(zip(names, to_list(_one(program, rng)), strict=True))


def is_statement(tree: Tree) -> bool:
    """Whether a top-level expression defines, declares or observes."""
    found = shape(tree) if isinstance(tree, Form) else None
    return isinstance(found, (Define, Evidence, EntityList, Declare, Import))


def enumerate_block(statements: Sequence[Tree], found: Block, tree: Tree) -> Outcome | None:
    """The exact outcome of a block whose choices are finite and few, else None.

    Args:
      statements: the definitions and conditions around it.
      found: the block.
      tree: the block as it was written.
    """
    try:
        exact = oracle.enumerate([*statements, tree], oracle.Budget(calls=CALLS, lost=MOST_LOST))
    except (oracle.NotEnumerable, BudgetError):
        return None
    if exact.lost_mass > MOST_LOST:
        return None
    return _exact(found, tree, exact.table, exact.log_evidence, exact.lost_mass, "oracle")


def exact_outcome(found: Block, tree: Tree, known: Table) -> Outcome:
    """The outcome of a block whose table is the same in every world."""
    total = float(known.total)  # type: ignore[arg-type]
    if total <= 0:
        raise ImpossibleEvidence("what the query observes never holds", tree.span)
    rows = [(v, float(w) / total) for v, w in known.rows]  # type: ignore[arg-type]
    log_evidence = math.log(total) + float(known.log_scale)  # type: ignore[arg-type]
    return _exact(found, tree, rows, log_evidence, known.lost, "compiler")


def _exact(
    found: Block,
    tree: Tree,
    table: list[tuple[object, float]],
    log_evidence: float,
    lost: float,
    backend: str,
) -> Outcome:
    run: dict[str, object] = {
        "method": "exact enumeration",
        "worlds": len(table),
        "worlds_kept": len(table),
        "log_evidence": log_evidence,
        "lost": [{"cause": "past the budget of enumeration", "share": lost}] if lost else [],
        "notes": [],
        "backend": backend,
    }
    weights = np.array([p for _, p in table])
    answer = OracleAnswer(write(found.result), [v for v, _ in table], weights, run, exact=True)
    return Outcome(tree, "query", answer, found.kind)


def _one(trees: list[Tree], rng: np.random.Generator) -> object:
    program = oracle.Program(trees)
    for _ in range(MOST_WORLDS):
        world = program.sample(rng)
        if world.cause is not None:
            raise world.cause
        if world.log_weight > -math.inf:
            return world.value
    raise ImpossibleEvidence(f"none of {MOST_WORLDS} worlds of the oracle satisfies the conditions")


def _ask(
    statements: list[Tree],
    found: Block,
    tree: Tree,
    rng: np.random.Generator,
    worlds: int,
    refusal: PlotError,
) -> Outcome:
    exact = enumerate_block(statements, found, tree)
    if exact is not None:
        return exact
    program = [*statements, tree]
    run: dict[str, object] = {
        "notes": [f"run by the oracle: {refusal.message}"],
        "backend": "oracle",
    }
    samples = 1
    if found.kind == "mh-query":
        samples = int(oracle.Program([found.counts[0]]).sample(rng).value)  # type: ignore[arg-type]
    weighted = oracle.importance(program, rng, worlds, oracle.Budget(calls=CALLS_SAMPLED))
    worlds = len(weighted.worlds)
    kept = [w for w in weighted.worlds if w.log_weight > -math.inf]
    logs = np.array([w.log_weight for w in kept])
    estimate = evidence(logs, worlds)
    weights = normalise(logs)
    run |= {
        "method": "likelihood weighting in the oracle",
        "worlds": worlds,
        "worlds_kept": len(kept),
        "effective_sample_size": effective_size(weights),
        "log_evidence": estimate.log,
        "log_evidence_standard_error": estimate.error,
        "lost": [{"cause": "errors or budgets", "share": weighted.lost_share}],
    }
    answer = OracleAnswer(write(found.result), [w.value for w in kept], weights, run)
    return Outcome(tree, "query", answer, found.kind, samples)
