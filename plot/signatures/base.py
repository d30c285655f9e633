"""What is known about a built-in function or a special form before any program runs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from plot.reader import read_one
from plot.syntax import Form, without_spans
from plot.types import Function, parse_type

_ARROW = " ; => "


@dataclass(frozen=True)
class Example:
    """An expression and the value it prints as."""

    program: str
    value: str

    def __str__(self) -> str:
        return f"{self.program}{_ARROW}{self.value}"


@dataclass(frozen=True)
class Signature:
    """A built-in function.

    Args:
      name: the canonical name.
      types: its type; several where different numbers of arguments mean different things.
      meaning: what it does, one to three lines.
      example: a tested example; None for functions with no value to show.
      aliases: other names for the same function.
      random: whether a call may draw.
      definition: a `lambda` where the function is written in the language; without spans, so that
        errors in it are located where it is called.
    """

    name: str
    types: tuple[Function, ...]
    meaning: str
    example: Example | None
    aliases: tuple[str, ...] = ()
    random: bool = False
    definition: Form | None = None

    @property
    def type(self) -> Function:
        """The first of the types."""
        return self.types[0]

    def accepts(self, count: int) -> bool:
        """Whether the function can be called with this many arguments."""
        return any(
            len(t.parameters) <= count and (t.most is None or count <= t.most) for t in self.types
        )


@dataclass(frozen=True)
class FormDoc:
    """A special form.

    Args:
      name: its keyword.
      syntax: the ways to write it.
      meaning: what it does, one to three lines.
      example: a tested example; None where there is no value to show.
    """

    name: str
    syntax: tuple[str, ...]
    meaning: str
    example: Example | None


def function(
    name: str, types: str | tuple[str, ...], text: str, *aliases: str, random: bool = False
) -> Signature:
    """A signature from its written type and its documentation.

    Args:
      name: the canonical name.
      types: the type, or several.
      text: the meaning; a last line `expression ; => value` is the example.
      aliases: other names.
      random: whether a call may draw.
    """
    texts = (types,) if isinstance(types, str) else types
    parsed = [parse_type(read_one(t)) for t in texts]
    functions = tuple(t for t in parsed if isinstance(t, Function))
    assert len(functions) == len(parsed), name
    meaning, example = _split(text)
    return Signature(name, functions, meaning, example, aliases, random)


def defined(
    name: str,
    types: str | tuple[str, ...],
    text: str,
    code: str,
    *aliases: str,
    random: bool = False,
) -> Signature:
    """A signature of a function that is written in the language; arguments as for `function`.

    Args:
      code: the function, a `lambda`.
    """
    tree = without_spans(read_one(code))
    assert isinstance(tree, Form) and tree.head == "lambda", name
    return replace(function(name, types, text, *aliases, random=random), definition=tree)


def form(name: str, syntax: str | tuple[str, ...], text: str) -> FormDoc:
    """A special form from its syntax and its documentation, written as for `function`."""
    meaning, example = _split(text)
    return FormDoc(name, (syntax,) if isinstance(syntax, str) else syntax, meaning, example)


def _split(text: str) -> tuple[str, Example | None]:
    lines = [line.strip() for line in text.strip().splitlines()]
    if _ARROW not in lines[-1]:
        return "\n".join(lines), None
    program, value = lines[-1].split(_ARROW)
    return "\n".join(lines[:-1]), Example(program, value)
