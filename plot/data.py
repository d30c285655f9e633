"""Data of the language: names, pairs, the empty list; equality by value and Church notation."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator
from decimal import Decimal
from typing import ClassVar

import numpy as np

from plot.errors import BudgetError
from plot.printer import write_atom


class Name:
    """A symbol as a value (`'tom`); interned, so that equal names are the same object.

    >>> Name("tom") is Name("tom")
    True
    """

    __slots__ = ("text",)
    _known: ClassVar[dict[str, Name]] = {}
    text: str

    def __new__(cls, text: str) -> Name:
        found = cls._known.get(text)
        if found is None:
            found = super().__new__(cls)
            object.__setattr__(found, "text", text)
            found = cls._known.setdefault(text, found)
        return found

    def __setattr__(self, field: str, value: object) -> None:
        raise AttributeError("names do not change")

    def __reduce__(self) -> tuple[type[Name], tuple[str]]:
        return Name, (self.text,)  # copies and unpickled names are interned too

    def __repr__(self) -> str:
        return f"Name({self.text!r})"


class _Single:
    """A value of which there is one."""

    __slots__ = ("_label",)
    _label: str

    def __init__(self, label: str):
        object.__setattr__(self, "_label", label)

    def __setattr__(self, field: str, value: object) -> None:
        raise AttributeError("this value does not change")

    def __reduce__(self) -> str:
        return self._label

    def __repr__(self) -> str:
        return self._label


NIL = _Single("NIL")
VOID = _Single("VOID")


class Pair:
    """An immutable pair; a list is a chain of pairs that ends in `NIL`.

    Args:
      first: the first value.
      rest: the second value, for a list the list of what follows.

    >>> Pair(1, Pair(2, NIL)) == from_list([1, 2.0])
    True
    """

    __slots__ = ("first", "rest")
    first: object
    rest: object

    def __init__(self, first: object, rest: object):
        object.__setattr__(self, "first", first)
        object.__setattr__(self, "rest", rest)

    def __setattr__(self, field: str, value: object) -> None:
        raise AttributeError("pairs do not change")

    def __reduce__(self) -> tuple[object, ...]:
        items, tail = spine(self)
        return from_list, (items, tail)  # flat, so that long lists pickle

    def __eq__(self, other: object) -> bool:
        return same(self, other)

    def __hash__(self) -> int:
        return hash(key(self))

    def __iter__(self) -> Iterator[object]:
        node: object = self
        while isinstance(node, Pair):
            yield node.first
            node = node.rest

    def __repr__(self) -> str:
        return show(self)


class Procedure:
    """Base of every function value.

    Args:
      name: what the program calls it; empty for a lambda without a name.
    """

    __slots__ = ("name",)

    def __init__(self, name: str = ""):
        self.name = name

    def __repr__(self) -> str:
        return show(self)


def from_list(items: Iterable[object], tail: object = NIL) -> object:
    """The list of some values.

    Args:
      items: the values, in order.
      tail: what the last pair ends in.

    >>> show(from_list([1, 2], tail=3))
    '(1 2 . 3)'
    """
    result = tail
    for item in reversed(list(items)):
        result = Pair(item, result)
    return result


def spine(value: object) -> tuple[list[object], object]:
    """The values of a chain of pairs, and what the chain ends in.

    >>> spine(Pair(1, 2))
    ([1], 2)
    """
    items: list[object] = []
    while isinstance(value, Pair):
        items.append(value.first)
        value = value.rest
    return items, value


def is_list(value: object) -> bool:
    """Whether a value is the empty list or a chain of pairs that ends in it."""
    return spine(value)[1] is NIL


def to_list(value: object) -> list[object]:
    """The values of a list.

    Raises:
      ValueError: where the value is no list.

    >>> to_list(Pair(1, Pair(2, NIL)))
    [1, 2]
    """
    items, end = spine(value)
    if end is not NIL:
        raise ValueError(f"{show(value)} is not a list")
    return items


def is_nothing(value: object) -> bool:
    """Whether a value says nothing: that of a statement, or a list of such values.

    >>> is_nothing(VOID), is_nothing(from_list([VOID, VOID])), is_nothing(from_list([]))
    (True, True, False)
    """
    items, end = spine(value)
    return value is VOID or (bool(items) and end is NIL and all(item is VOID for item in items))


def is_boolean(value: object) -> bool:
    """Whether a value is `#t` or `#f`."""
    return isinstance(value, bool | np.bool_)


def is_number(value: object) -> bool:
    """Whether a value is a number; booleans are none."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def key(value: object) -> Hashable:
    """A key for dictionaries that is equal exactly where values are `equal?`.

    Numbers, booleans, names and strings that Python calls equal or alike stay apart, and
    procedures are equal to themselves alone.

    >>> key(1) == key(1.0), key(1) == key(True), key(Name("a")) == key("a")
    (True, False, False)
    """
    # Post-order with an explicit stack: a flat tuple of tagged atoms and the shape.
    flat: list[Hashable] = []
    stack: list[object] = [value]
    for node in parts(stack):
        if isinstance(node, Pair):
            flat.append(("pair",))
            stack += [node.rest, node.first]
        else:
            flat.append(_atom_key(node))
    return flat[0] if len(flat) == 1 else tuple(flat)


def _atom_key(value: object) -> Hashable:
    if is_boolean(value):
        return ("boolean", bool(value))
    if is_number(value):
        number = value.item() if isinstance(value, np.generic) else value
        return ("number", number)
    if isinstance(value, str):
        return ("string", value)
    return ("object", _Identity(value))


class _Identity:
    """Hash and equality by identity; holds the value, so that its id is not used again."""

    __slots__ = ("value",)

    def __init__(self, value: object):
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)


def same(left: object, right: object) -> bool:
    """Equality by value, the meaning of `equal?`.

    >>> same(from_list([1, "a"]), from_list([1.0, "a"])), same(Name("a"), "a"), same(True, 1)
    (True, False, False)
    """
    stack = [(left, right)]
    for a, b in parts(stack):
        if isinstance(a, Pair) and isinstance(b, Pair):
            if a is not b:
                stack += [(a.rest, b.rest), (a.first, b.first)]
        elif is_boolean(a) or is_boolean(b):
            if not (is_boolean(a) and is_boolean(b) and bool(a) == bool(b)):
                return False
        elif (is_number(a) and is_number(b)) or (isinstance(a, str) and isinstance(b, str)):
            if a != b:
                return False
        elif a is not b:
            return False
    return True


def parts[T](stack: list[T], most: int = 2_000_000) -> Iterator[T]:
    """What lies on a stack, one after the other, and what is put there meanwhile.

    Data can share its parts: a few dozen pairs can stand for more of them than can be walked.

    Raises:
      BudgetError: past the most.

    >>> list(parts([1, 2]))
    [2, 1]
    """
    for _ in range(most):
        if not stack:
            return
        yield stack.pop()
    if stack:
        raise BudgetError(f"a value has more than {most:,} parts", hint="ask for a part of it")


def show(value: object, width: int | None = None) -> str:
    """A value in Church notation.

    Args:
      value: plain data.
      width: characters at which it is cut off, with an ellipsis.

    >>> show(from_list([True, 4.0, 0.5, Name("tom"), "text", from_list([])]))
    '(#t 4 0.5 tom "text" ())'
    """
    out: list[str] = []
    stack: list[object] = [value]  # `_Text` is ready to print
    written = 0
    for node in parts(stack):
        if isinstance(node, _Text):
            out.append(node.text)
        elif isinstance(node, Pair):
            items, end = spine(node)
            stack.append(_Text(")"))
            if end is not NIL:
                stack += [end, _Text(" . ")]
            for i, item in enumerate(reversed(items)):
                stack += [_Text(" "), item] if i else [item]
            stack.append(_Text("("))
        else:
            out.append(_show_atom(node))
            written += len(out[-1])
            if width is not None and written > width:
                break
    text = "".join(out)
    return text if width is None or len(text) <= width else text[: width - 1] + "…"


class _Text:
    __slots__ = ("text",)

    def __init__(self, text: str):
        self.text = text


def _show_atom(value: object) -> str:
    if is_boolean(value):
        return "#t" if value else "#f"
    if is_number(value):
        return _show_number(value)
    if isinstance(value, str):
        return write_atom(value)
    if isinstance(value, Name):
        return value.text
    if value is NIL:
        return "()"
    if value is VOID:
        return "#<void>"
    if isinstance(value, Procedure):
        return f"#<procedure {value.name}>" if value.name else "#<procedure>"
    return f"#<{type(value).__name__}>"


def _show_number(value: object) -> str:
    assert isinstance(value, int | float | np.integer | np.floating)
    if isinstance(value, int | np.integer):
        return str(int(value))
    number = float(value)
    if math.isnan(number):
        return "+nan.0"
    if math.isinf(number):
        return "+inf.0" if number > 0 else "-inf.0"
    # The shortest digits that read back (numpy's `str` knows its own precision), set as JavaScript
    # does: plain from 1e-6 up to 1e21, else with an exponent.
    sign, digits, exponent = Decimal(str(value)).normalize().as_tuple()
    text = "".join(map(str, digits))
    point = len(text) + int(exponent)
    if not -6 < point <= 21:
        more = f".{text[1:]}" if len(text) > 1 else ""
        text = f"{text[0]}{more}e{'+' if point > 0 else '-'}{abs(point - 1)}"
    elif point <= 0:
        text = f"0.{'0' * -point}{text}"
    else:
        text = text.ljust(point, "0")
        text = text[:point] + (f".{text[point:]}" if len(text) > point else "")
    return f"-{text}" if sign and number != 0 else text
