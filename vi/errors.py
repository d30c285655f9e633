"""What can go wrong in variational inference, told before a step is taken where that is possible."""

from __future__ import annotations

from plot.errors import PlotError


class StrategyError(PlotError):
    """A draw whose gradient cannot be estimated in the way that was asked for."""

    kind = "gradient strategy"


class GuideError(PlotError):
    """A guide and a model that do not make the same choices."""

    kind = "guide"


class ObjectiveError(PlotError):
    """An objective that is not one: no scalar, a draw where none can be followed."""

    kind = "objective"


class LossError(PlotError):
    """A value or a gradient that is not finite, with the address that made it so."""

    kind = "not finite"


def at(address: str | None) -> str:
    """` at "x"`, or nothing where the address is not known.

    >>> at("x"), at(None)
    (' at "x"', '')
    """
    return "" if address is None else f' at "{address}"'
