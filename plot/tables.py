"""Posteriors as other libraries hold them: pandas' tables, and ArviZ's trees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import numpy as np
import pandas as pd
from arviz_base import from_dict
from jaxtyping import PRNGKeyArray
from xarray import DataTree

from plot.decode import outcomes, to_python
from plot.weights import draw

if TYPE_CHECKING:
    from plot.posterior import Posterior

MOST_DRAWS = 10_000  # that weighted worlds are resampled to, where no number is given


def to_pandas(posterior: Posterior) -> pd.DataFrame:
    """A row for each world: its value, its weight and, of chains, where it stands.

    Worlds in which a number came out as not a number have no row, as in all else that a posterior says.

    Args:
      posterior: what to tabulate.

    >>> import jax
    >>> from plot.program import run_program
    >>> found = run_program("(query (flip 0.25))", key=jax.random.key(0))[-1].result
    >>> frame = found.to_pandas()
    >>> list(frame.columns), bool(abs(frame.weight[frame.value].sum() - 0.25) < 0.02)
    (['value', 'weight'], True)
    """
    kept = ~posterior._missing
    columns: dict[str, object] = {"value": _column(posterior)[kept], "weight": posterior.weights}
    if posterior.chains is not None:
        chain, at = np.divmod(np.arange(len(kept)), len(kept) // posterior.chains.count)
        columns = {"chain": chain[kept], "draw": at[kept], **columns}
    frame = pd.DataFrame(columns)
    frame.attrs = {"question": posterior.question, "method": posterior.method}
    return frame


def to_arviz(
    posterior: Posterior, key: PRNGKeyArray | None = None, draws: int | None = None
) -> DataTree:
    """A tree with the group `posterior`, as ArviZ's functions take it; notes are attributes.

    Chains stay chains, and what is known of their steps is in `sample_stats`. ArviZ counts all draws
    alike, so weighted worlds are drawn by weight, into one chain, and the attributes say so. The
    variable is named by the question; lists of numbers of one length have a further dimension; where
    outcomes are no numbers, the variable holds their places in the attribute `outcomes`.

    Args:
      posterior: what to convert.
      key: the seed of draws by weight; always the same where not given.
      draws: how many; as many as worlds remain, up to 10,000, where not given.

    Raises:
      ValueError: for a number of draws where chains have theirs.

    >>> import jax
    >>> from plot.program import run_program
    >>> found = run_program("(query (gaussian 0 1))", key=jax.random.key(0))[-1].result
    >>> dict(found.to_arviz(draws=500).posterior.sizes)
    {'chain': 1, 'draw': 500}
    """
    column, attributes = _numbers(posterior)
    attributes |= {
        "question": posterior.question,
        "inference_library": "plotline",
        "method": posterior.method,
        "notes": [*posterior.worlds.notes, *posterior.notes],
    }
    groups: dict[str, dict[str, np.ndarray]] = {}
    if posterior.chains is not None:
        if draws is not None:
            raise ValueError("chains have draws of their own; thin them, or ask with fewer steps")
        column = column.reshape(posterior.chains.count, -1, *column.shape[1:])
        if posterior.chains.statistics:
            groups["sample_stats"] = dict(posterior.chains.statistics)
    else:
        count = min(posterior.worlds.kept, MOST_DRAWS) if draws is None else draws
        key = jax.random.key(0) if key is None else key
        column = column[~posterior._missing][draw(key, posterior.weights, count)][None]
        attributes["resampled"] = (
            f"{count:,} draws by weight from {posterior.worlds.kept:,} worlds that are worth "
            f"{posterior.effective_size:,.0f}: errors are those of the latter"
        )
    groups["posterior"] = {posterior.question: column}
    return from_dict(groups, attrs={"posterior": attributes})


def _column(posterior: Posterior) -> np.ndarray:
    """The value in every world, `[kept]`, as Python's own data where it is no number."""
    if posterior._raw is not None:
        return posterior._raw
    worlds = posterior.worlds
    found = outcomes(posterior.value, worlds.rows, worlds.kept, worlds.atoms)
    values = [to_python(value) for value in found.values]
    if all(isinstance(value, bool) for value in values):
        return np.array(values)[found.index]
    table = np.empty(len(values), object)
    table[:] = values
    return table[found.index]


def _numbers(posterior: Posterior) -> tuple[np.ndarray, dict[str, object]]:
    """The value in every world as numbers, `[kept]` or `[kept, items]`, and what they mean."""
    if posterior._raw is not None:
        return posterior._raw, {}
    worlds = posterior.worlds
    found = outcomes(posterior.value, worlds.rows, worlds.kept, worlds.atoms)
    values = [to_python(value) for value in found.values]
    flat = [value if isinstance(value, list) else [value] for value in values]
    alike = len({len(items) for items in flat}) == 1 and len({type(v) is list for v in values}) == 1
    if alike and all(isinstance(item, (bool, int, float)) for items in flat for item in items):
        return np.array(values)[found.index], {}
    return found.index, {"outcomes": [str(value) for value in values]}
