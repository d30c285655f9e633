"""Any result in Church notation."""

from __future__ import annotations

from plot.data import from_list
from plot.data import show as show_data
from plot.outcome import Distribution


def show(value: object) -> str:
    """Write a value, or a distribution as `((values …) (probabilities …))`.

    Args:
      value: what `plot.run` returned.

    >>> from plot.data import Name
    >>> show(from_list([Name("tom"), 2.5, True]))
    '(tom 2.5 #t)'
    """
    if isinstance(value, Distribution):
        rows = value.table
        values = from_list([r.value for r in rows])
        return show_data(from_list([values, from_list([r.probability for r in rows])]))
    return show_data(value)
