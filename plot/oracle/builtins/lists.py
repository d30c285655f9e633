"""Pairs and lists."""

from __future__ import annotations

from collections.abc import Callable

from plot.data import NIL, Pair, from_list, is_list, key, same, show, spine, to_list
from plot.errors import BudgetError, EvaluationError, TypeMismatch
from plot.oracle.values import brief, need_whole, whole

LONGEST = 1_000_000  # elements of a list that one call makes


def _half(name: str, path: str) -> Callable[[object], object]:
    """`car`, `cdr` and their compositions; the path is read from the right."""

    def take(value: object) -> object:
        node = value
        for letter in reversed(path):
            if not isinstance(node, Pair):
                raise _no_element(name, value, node)
            node = node.first if letter == "a" else node.rest
        return node

    return take


def _nth(name: str, position: int) -> Callable[[object], object]:
    def take(value: object) -> object:
        node = value
        for _ in range(position):
            node = node.rest if isinstance(node, Pair) else node
        if not isinstance(node, Pair):
            raise _no_element(name, value, node)
        return node.first

    return take


def _no_element(name: str, value: object, node: object) -> EvaluationError | TypeMismatch:
    if node is NIL:
        hint = "test the list with `null?` or `length` first"
        return EvaluationError(f"`{name}` of {brief(value)}, which has no such element", hint=hint)
    return TypeMismatch(f"`{name}` of {brief(value)}; a pair or a list is due")


def _last(values: object) -> object:
    items = to_list(values)
    if not items:
        raise _no_element("last", values, NIL)
    return items[-1]


def _but_last(values: object) -> object:
    items = to_list(values)
    if not items:
        raise _no_element("but-last", values, NIL)
    return from_list(items[:-1])


def _append(*lists: object) -> object:
    result: object = NIL
    for one in reversed(lists):
        result = from_list(to_list(one), result)
    return result


def _position_in(name: str, first: int) -> Callable[[object, object], object]:
    def take(values: object, index: object) -> object:
        items = to_list(values)
        at = need_whole(index, f"the position of `{name}`") - first
        if not 0 <= at < len(items):
            raise EvaluationError(
                f"`{name}` of position {show(index)} in a list of {len(items)}",
                hint=f"positions count from {first}",
            )
        return items[at]

    return take


def _update(values: object, index: object, value: object) -> object:
    items = to_list(values)
    at = need_whole(index, "the position of `update-list`")
    if not 0 <= at < len(items):
        raise EvaluationError(f"`update-list` of position {at} in a list of {len(items)}")
    return from_list([*items[:at], value, *items[at + 1 :]])


def _count(value: object, what: str) -> int:
    number = need_whole(value, what)
    if number < 0:
        raise EvaluationError(f"{what} is {number}; 0 or more is due")
    if number > LONGEST:
        raise BudgetError(f"{what} is {number}; lists have {LONGEST:,} elements at most")
    return number


def _take(values: object, count: object) -> object:
    return from_list(to_list(values)[: _count(count, "the count of `take`")])


def _drop(values: object, count: object) -> object:
    return from_list(to_list(values)[_count(count, "the count of `drop`") :])


def _range(low: float, high: float) -> object:
    if not high - low < LONGEST:
        raise BudgetError(
            f"`range` from {show(low)} to {show(high)}; lists have {LONGEST:,} elements at most"
        )
    found = []
    while low + len(found) <= high:
        found.append(low + len(found))
    return from_list(found)


def _iota(count: object, start: float = 0, step: float = 1) -> object:
    return from_list(whole(start + i * step) for i in range(_count(count, "the count of `iota`")))


def _rows(name: str, lists: list[object]) -> object:
    rows = []
    for one in lists:
        if not is_list(one):
            raise TypeMismatch(f"`{name}` got {brief(one)} where a list is due")
        rows.append(to_list(one))
    return from_list(from_list(column) for column in zip(*rows, strict=False))


def _flatten(value: object) -> object:
    found: list[object] = []
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, Pair):
            stack += [node.rest, node.first]
        elif node is not NIL:
            found.append(node)
    return from_list(found)


def _distinct(items: list[object]) -> object:
    found: dict[object, object] = {}
    for item in items:
        found.setdefault(key(item), item)
    return from_list(found.values())


def _member(wanted: object, values: object) -> object:
    node = values
    while isinstance(node, Pair):
        if same(node.first, wanted):
            return node
        node = node.rest
    return False


def _assoc(wanted: object, values: object) -> object:
    for entry in to_list(values):
        if not isinstance(entry, Pair):
            raise TypeMismatch(f"`assoc` looks through pairs, and met {brief(entry)}")
        if same(entry.first, wanted):
            return entry
    return False


def _intersection(left: object, right: object) -> object:
    known = {key(v) for v in to_list(right)}
    return from_list(v for v in to_list(left) if key(v) in known)


def _difference(left: object, *others: object) -> object:
    known = {key(v) for other in others for v in to_list(other)}
    return from_list(v for v in to_list(left) if key(v) not in known)


PLAIN: dict[str, Callable[..., object]] = {
    "list": lambda *values: from_list(values),
    "pair": Pair,
    "cons": Pair,
    "first": _half("first", "a"),
    "rest": _half("rest", "d"),
    "car": _half("car", "a"),
    "cdr": _half("cdr", "d"),
    **{
        f"c{path}r": _half(f"c{path}r", path)
        for path in ("aa", "ad", "da", "dd", "add", "ddd", "addd")
    },
    **{
        name: _nth(name, position)
        for position, name in enumerate(
            ["second", "third", "fourth", "fifth", "sixth", "seventh"], 1
        )
    },
    "null?": lambda value: value is NIL,
    "list?": is_list,
    "pair?": lambda value: isinstance(value, Pair),
    "last": _last,
    "but-last": _but_last,
    "length": lambda values: len(spine(values)[0]),
    "append": _append,
    "reverse": lambda values: from_list(reversed(to_list(values))),
    "list-ref": _position_in("list-ref", 0),
    "list-elt": _position_in("list-elt", 1),
    "take": _take,
    "drop": _drop,
    "make-list": lambda count, value: from_list(
        [value] * _count(count, "the count of `make-list`")
    ),
    "range": _range,
    "iota": _iota,
    "zip": lambda *lists: _rows("zip", list(lists)),
    "unzip": lambda values: _rows("unzip", to_list(values)),
    "transpose": lambda values: _rows("transpose", to_list(values)),
    "flatten": _flatten,
    "unique": lambda values: _distinct(to_list(values)),
    "member": _member,
    "member?": lambda wanted, values: _member(wanted, values) is not False,
    "assoc": _assoc,
    "union": lambda *lists: _distinct([v for one in lists for v in to_list(one)]),
    "intersection": _intersection,
    "difference": _difference,
    "update-list": _update,
}
