"""A query block answered a world at a time, where its worlds cannot share a graph.

The evaluator runs the block again and again with numbers for draws. That is slower a world than the
back ends, and bound by nothing that the compiler cannot do: recursion that branches, programs that
are made by programs.
"""

from __future__ import annotations

import math

import numpy as np

from plot.compiler import Effects, Environment, Machine, Value
from plot.compiler.machine import WORLD_ERRORS, OneWorld
from plot.compiler.queries import run_block
from plot.decode import plain
from plot.errors import BudgetError, ImpossibleEvidence, PlotError
from plot.fallback import OracleAnswer
from plot.printer import write
from plot.session import Session
from plot.shapes import Block
from plot.weights import effective_size, evidence, normalise

METHOD = "likelihood weighting, a world at a time"
ENOUGH = 5_000  # worlds that fit


def interpret(
    session: Session,
    found: Block,
    env: Environment,
    one: OneWorld,
    worlds: int,
    reason: str,
) -> OracleAnswer:
    """The distribution of a block by running it.

    Args:
      session: where it is evaluated; its budget of steps is that of all worlds together.
      found: the block.
      env: where it stands.
      one: what a world has; the generator goes on from world to world.
      worlds: to run at most.
      reason: why it is done this way.

    Raises:
      ImpossibleEvidence: where no world fits.
      PlotError: the error that all worlds end in.
    """
    values: list[object] = []
    logs: list[float] = []
    causes: list[PlotError] = []
    run = 0
    with session.machine(Effects()) as m:
        while run < worlds and len(values) < ENOUGH and m.steps < m.budget.steps:
            run += 1
            m.effects, m.inside = Effects(), {}
            m.one = OneWorld(one.rng, one.ask)
            try:
                value = run_block(m, found, env)
            except WORLD_ERRORS as error:
                causes.append(error)
                continue
            except BudgetError as error:
                if m.steps < m.budget.steps:
                    raise
                causes.append(error)
                break
            log = _log_weight(m)
            if log > -math.inf:
                values.append(plain(value, {}, session.atoms))
                logs.append(log)
        m.displayed.clear()
    if not values:
        if len(causes) == run:
            raise causes[0]
        raise ImpossibleEvidence(
            f"none of {run:,} worlds that were run satisfies what was observed",
            hint="make it more probable, or raise the budget of steps",
        )
    return _answer(found, values, np.array(logs), run, causes, reason)


def _log_weight(m: Machine) -> float:
    flat = m.effects.flatten(m.graph)
    if not all(flat.conditions):
        return -math.inf
    return math.fsum(float(f) for f in flat.factors)  # type: ignore[arg-type]


def _answer(
    found: Block,
    values: list[Value],
    logs: np.ndarray,
    run: int,
    causes: list[PlotError],
    reason: str,
) -> OracleAnswer:
    weights, total = normalise(logs), evidence(logs, run)
    lost = [{"cause": causes[0].message, "share": len(causes) / run}] if causes else []
    report: dict[str, object] = {
        "method": METHOD,
        "worlds": run,
        "worlds_kept": len(values),
        "effective_sample_size": effective_size(weights),
        "log_evidence": total.log,
        "log_evidence_standard_error": total.error,
        "lost": lost,
        "notes": [f"run a world at a time: {reason}"],
        "backend": "evaluator",
    }
    return OracleAnswer(write(found.result), values, weights, report)
