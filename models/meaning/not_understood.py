"""The error for a sentence that cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plot.errors import PlotError

if TYPE_CHECKING:
    from models.meaning.translate import Reading


class NotUnderstood(PlotError):
    """A sentence that says nothing about this world, or nothing that can be made out.

    Args:
      message: what is wrong.
      hint: what can be said.
      readings: the nearest readings, which were not good enough.
    """

    kind = "not understood"

    def __init__(self, message: str, hint: str | None = None, readings: tuple[Reading, ...] = ()):
        super().__init__(message, None, hint)
        self.readings = readings
