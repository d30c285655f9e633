"""Errors that teach: what went wrong, where (line and caret), why, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

MAX_SHOWN_LINE = 160


@dataclass(frozen=True)
class Source:
    """A piece of program text and the name it is known by (a path, or `<fragment>`)."""

    text: str
    name: str = "<program>"

    def __repr__(self) -> str:
        return f"Source({self.name!r}, {len(self.text)} characters)"


@dataclass(frozen=True)
class Span:
    """Half-open range of characters `[start, end)` of a source; lines and columns count from 1.

    >>> span = Span(Source("(f\\n  x)"), 5, 6)
    >>> span.line, span.column, span.text
    (2, 3, 'x')
    """

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        return self.source.text.count("\n", 0, self.start) + 1

    @property
    def column(self) -> int:
        return self.start - (self.source.text.rfind("\n", 0, self.start) + 1) + 1

    @property
    def end_line(self) -> int:
        return self.source.text.count("\n", 0, max(self.end, self.start)) + 1

    @property
    def end_column(self) -> int:
        return self.end - (self.source.text.rfind("\n", 0, self.end) + 1) + 1

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def __repr__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"

    def excerpt(self) -> str:
        """The source line with a caret under the span."""
        text = self.source.text
        begin = text.rfind("\n", 0, self.start) + 1
        stop = text.find("\n", self.start)
        stop = len(text) if stop < 0 else stop
        line, column = text[begin:stop], self.start - begin
        if len(line) > MAX_SHOWN_LINE:  # keep the caret in view on very long lines
            left = max(0, min(column - 40, len(line) - MAX_SHOWN_LINE))
            cut = line[left : left + MAX_SHOWN_LINE]
            column -= left
            if left:
                cut, column = "…" + cut, column + 1
            line = cut + ("…" if left + MAX_SHOWN_LINE < stop - begin else "")
        width = max(1, min(self.end - self.start, len(line) - column))
        line = "".join(c if c.isprintable() else " " for c in line)
        number = str(self.line)
        return f"{number} | {line}\n{' ' * len(number)} | {' ' * column}{'^' * width}"


class PlotError(Exception):
    """A located error in a PLoT program.

    Args:
      message: what is wrong, in one sentence.
      span: where, or None where no place can be named.
      hint: what to do about it.
    """

    kind = "error"

    def __init__(self, message: str, span: Span | None = None, hint: str | None = None):
        super().__init__(message)
        self.message, self.span, self.hint = message, span, hint

    def at(self, span: Span | None) -> PlotError:
        """Give the error a place, unless it already has one."""
        if self.span is None:
            self.span = span
        return self

    def __str__(self) -> str:
        head = f"{self.kind}: {self.message}"
        if self.span is not None:
            head = f"{self.span!r}: {head}\n{self.span.excerpt()}"
        return head + (f"\n  hint: {self.hint}" if self.hint else "")


class ReadError(PlotError):
    """The text is not a sequence of well-formed expressions."""

    kind = "syntax error"


class FormError(PlotError):
    """A special form is not written as it should be."""

    kind = "syntax error"


class UnboundError(PlotError):
    """A name means nothing here."""

    kind = "unbound name"


class ArityError(PlotError):
    """A function got too few or too many arguments."""

    kind = "wrong number of arguments"


class TypeMismatch(PlotError):
    """A value of one type stands where another is due."""

    kind = "type error"


class ParameterError(PlotError):
    """A distribution got a parameter that it cannot have."""

    kind = "bad parameter"


class EvaluationError(PlotError):
    """An operation has no value: `first` of an empty list, a division by zero, `(error …)`."""

    kind = "evaluation error"


class BudgetError(PlotError):
    """The program needs more nodes, steps or recursion than it was given.

    Args:
      message, span, hint: as for `PlotError`.
      everywhere: whether every world does, so that none is worth trying.
    """

    kind = "budget exceeded"

    def __init__(
        self,
        message: str,
        span: Span | None = None,
        hint: str | None = None,
        everywhere: bool = False,
    ):
        super().__init__(message, span, hint)
        self.everywhere = everywhere


class Unsupported(PlotError):
    """The compiler has no translation for this construct (the oracle may still run it)."""

    kind = "not supported by the compiler"


class ImpossibleEvidence(PlotError):
    """No simulated world satisfies what was observed."""

    kind = "impossible evidence"
