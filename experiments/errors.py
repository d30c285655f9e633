"""What can go wrong with an experiment and is told in one line."""

from __future__ import annotations


class UsageError(Exception):
    """An option or an input file that cannot be used; the message says what was expected."""


class ResultError(ValueError):
    """A result that cannot be written as strict JSON."""
