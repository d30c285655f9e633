"""Whole programs: each top-level expression's value, and a distribution for each query."""

from __future__ import annotations

import warnings
from dataclasses import replace

from jaxtyping import PRNGKeyArray

from plot.check import check
from plot.compiler.budget import TooWide
from plot.compiler.graph import TooMuchWork
from plot.data import VOID
from plot.data import show as show
from plot.errors import BudgetError, PlotError, Unsupported
from plot.fallback import OracleWarning as OracleWarning
from plot.fallback import hopeless, run_in_oracle, why
from plot.options import Options as Options
from plot.outcome import Outcome
from plot.reader import read
from plot.running import Observes, Run, asks_of_many_worlds
from plot.syntax import Tree


def run(source: str, *, key: PRNGKeyArray, options: Options = Options()) -> object:
    """The value of a program's last expression, in one world that fits its conditions.

    Args:
      source: PLoT source.
      key: the seed.
      options: how to run it.

    Returns:
      Plain data (`plot.show` writes it), or a distribution where the last expression is a query.

    Raises:
      PlotError: located, where the program is wrong or its conditions cannot hold.

    >>> import jax
    >>> show(run("(map (lambda (x) (* x x)) '(1 2 3))", key=jax.random.key(0)))
    '(1 4 9)'
    """
    outcomes = run_program(source, key=key, options=options)
    for outcome in reversed(outcomes):
        if outcome.kind != "display":
            return outcome.as_value(key)
    return VOID


def run_program(
    source: str, *, key: PRNGKeyArray, options: Options = Options(), name: str = "<program>"
) -> list[Outcome]:
    """The outcome of each top-level expression, in order; arguments and errors as for `run`.

    Args:
      name: what to call the source in error messages.
    """
    trees = read(source, name)
    check(trees)
    try:
        return _compiled(trees, key, options)
    except (Unsupported, BudgetError) as refusal:
        if hopeless(refusal):
            raise
        refusal = refusal.with_traceback(None)  # whose frames hold all that was compiled
        warnings.warn(
            f"the compiler cannot run this program ({why(refusal)}); "
            "the oracle runs it, a world at a time, over fewer worlds",
            OracleWarning,
            stacklevel=2,
        )
        return run_in_oracle(trees, key, options.worlds, refusal)


def _compiled(trees: list[Tree], key: PRNGKeyArray, options: Options) -> list[Outcome]:
    """The outcomes by the compiler: in one world where that is enough, else in many."""
    refusal: PlotError | None = None
    if not asks_of_many_worlds(trees):
        try:
            return _narrowed(trees, key, options, single=True)
        except Observes:
            pass
        except (Unsupported, BudgetError) as error:
            if hopeless(error):
                raise
            refusal = error.with_traceback(None)  # whose frames hold all that was compiled
    try:
        return _narrowed(trees, key, options, single=False)
    except (Unsupported, BudgetError) as error:
        if hopeless(error):
            raise
        refusal = refusal or error.with_traceback(None)
        if isinstance(error, TooMuchWork):
            raise refusal from None
    # Merged arguments and rounds of a loop hold less than a call for each: try without.
    plainer = replace(options, passes=replace(options.passes, fusion=False, loops=False))
    if plainer == options:
        raise refusal
    try:
        return Run(trees, key, plainer, single=False).outcomes()
    except (Unsupported, BudgetError):
        raise refusal from None


def _narrowed(
    trees: list[Tree], key: PRNGKeyArray, options: Options, single: bool
) -> list[Outcome]:
    """The outcomes, with as many paths of a recursion that branches as can be followed."""
    while True:
        try:
            return Run(trees, key, options, single).outcomes()
        except TooWide:
            budget = options.budget.narrower()
            if budget is None:
                raise
            options = replace(options, budget=budget)
