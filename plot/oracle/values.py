"""Values that only the oracle has, its signals, and checks of arguments."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from plot.data import NIL, VOID, Name, Pair, Procedure, is_boolean, is_number, show, spine
from plot.errors import EvaluationError, PlotError, Span, TypeMismatch
from plot.shapes import Lambda
from plot.signatures import Signature
from plot.signatures.messages import builtin_arity_error, due_text
from plot.types import ANY, NUMBER, Base, Function, ListOf, PairOf, Type

if TYPE_CHECKING:
    from plot.oracle.choosers import Scope

type Routine = Generator[Any, Any, Any]  # yields routines to run first, returns a value

_EXACT = 2**53  # whole numbers up to here are exact in a float; larger ones become floats
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Budget:
    """What one run may use.

    Args:
      steps: function calls in one world.
      depth: pending calls at any time.
      executions: runs of the program in an enumeration.
      calls: function calls of all runs together; what an enumeration leaves over is lost.
      lost: prior probability that an enumeration may lose; one that is sure to lose more is given up.
      smallest: paths of less prior probability are not followed in an enumeration.
      tries: runs of a nested query until its condition holds.
      particles: runs that stand for a nested query with continuous draws and soft evidence.
    """

    steps: int = 2_000_000
    depth: int = 100_000
    executions: int = 20_000
    calls: int = 20_000_000
    lost: float = 1.0
    smallest: float = 1e-15
    tries: int = 10_000
    particles: int = 1_000


class NotEnumerable(PlotError):
    """Exact enumeration met a continuous draw whose value the program needs."""

    kind = "cannot enumerate"

    def __init__(self, message: str, span: Span | None, hint: str | None, scope: Scope | None):
        super().__init__(message, span, hint)
        self.scope = scope


class Rejected(Exception):
    """The evidence does not hold in this world."""


class Lost(Exception):
    """This path ran past a budget."""


class Clamp(Exception):
    """A continuous draw must be run again with this value, weighed by its density."""

    def __init__(self, site: int, value: float):
        super().__init__(site, value)
        self.site, self.value = site, value


class Env:
    """Names and values, and the surrounding names."""

    __slots__ = ("parent", "table")

    def __init__(self, table: dict[str, object], parent: Env | None):
        self.table, self.parent = table, parent


class Closure(Procedure):
    """A function of the program and the names it sees."""

    __slots__ = ("env", "shape")

    def __init__(self, shape: Lambda, env: Env, name: str):
        super().__init__(name)
        self.shape, self.env = shape, env


class Primitive(Procedure):
    """A built-in function.

    Args:
      signature: its entry in the table.
      function: takes the arguments; a control function takes the machine, the arguments and the
        span of the call, and is a routine.
      control: whether it calls other functions or draws.
    """

    __slots__ = ("_due", "control", "function", "signature")

    def __init__(self, signature: Signature, function: Callable[..., Any], control: bool):
        super().__init__(signature.name)
        self.signature, self.function, self.control = signature, function, control
        self._due: dict[int, tuple[Type, ...]] = {}  # types of the arguments, by their number

    def check(self, arguments: list[object]) -> None:
        """Check arguments against the type of the function.

        Raises:
          ArityError: where there are too few or too many.
          TypeMismatch: names the argument and the type that is due.
          NotEnumerable: where a continuous draw of an enumeration stands for a number.
        """
        due = self._due.get(len(arguments))
        if due is None:
            due = self._due[len(arguments)] = _due_types(self.signature, len(arguments))
        for position, (value, wanted) in enumerate(zip(arguments, due, strict=True)):
            if not _fits(value, wanted):
                raise TypeMismatch(
                    f"argument {position + 1} of `{self.name}` is {brief(value)}; "
                    f"{due_text(wanted)} is due"
                )


class Wrapped(Procedure):
    """A function made by a built-in function: by `mem`, `compose`, `curry` and such.

    Args:
      name: what it prints as.
      call: takes the machine, the arguments and the span, and is a routine.
    """

    __slots__ = ("call",)

    def __init__(self, name: str, call: Callable[..., Routine]):
        super().__init__(name)
        self.call = call


class Drawn(float):
    """A continuous draw that knows its site, so that an equality can condition on it."""

    __slots__ = ("scope", "site")
    site: int
    scope: Scope

    def __new__(cls, value: float, site: int, scope: Scope) -> Drawn:
        made = super().__new__(cls, value)
        made.site, made.scope = site, scope
        return made


@dataclass(frozen=True, slots=True, eq=False)
class Unset:
    """A continuous draw in an enumeration: only its density can be used."""

    site: int
    scope: Scope
    span: Span | None
    what: str


@dataclass(slots=True)
class Tail:
    """A call that a routine leaves to the machine, so that loops need no stack."""

    function: object
    arguments: list[object] = field(default_factory=list)


def whole(number: float) -> int | float:
    """A number as the oracle keeps it: whole numbers that a float cannot hold become floats."""
    if isinstance(number, int) and not -_EXACT <= number <= _EXACT:
        try:
            return float(number)
        except OverflowError:
            return float("inf") if number > 0 else float("-inf")
    return number


def brief(value: object) -> str:
    """A value in a message: what sort it is, and how it prints."""
    if isinstance(value, Unset):
        return "a continuous draw"
    text = show(value, _SHOWN)
    if value is NIL:
        return "the empty list"
    if value is VOID:
        return "nothing (no value)"
    if isinstance(value, Procedure):
        return f"the function {value.name}" if value.name else "a function"
    for sort, test in _SORTS:
        if test(value):
            return f"the {sort} {text}"
    return text


_SORTS: tuple[tuple[str, Callable[[object], bool]], ...] = (
    ("boolean", is_boolean),
    ("number", is_number),
    ("string", lambda v: isinstance(v, str)),
    ("symbol", lambda v: isinstance(v, Name)),
    ("list", lambda v: isinstance(v, Pair) and spine(v)[1] is NIL),
    ("pair", lambda v: isinstance(v, Pair)),
)
_BASES = {
    "number": is_number,
    "boolean": is_boolean,
    "string": lambda v: isinstance(v, str),
    "symbol": lambda v: isinstance(v, Name),
    "void": lambda v: v is VOID,
}


def need_number(value: object, what: str) -> float:
    """The number that a value is.

    Raises:
      TypeMismatch: where it is none.
      NotEnumerable: where it is a continuous draw in an enumeration.
    """
    if isinstance(value, Unset):
        raise refuse(value)
    if not is_number(value):
        raise TypeMismatch(f"{what} is {brief(value)}; a number is due")
    return value  # type: ignore[return-value]


def need_whole(value: object, what: str) -> int:
    """The whole number that a value is.

    Raises:
      TypeMismatch: where it is no number.
      EvaluationError: where it has a fraction or is not finite.
    """
    number = need_number(value, what)
    if number != number or number in (float("inf"), float("-inf")) or number != int(number):
        raise EvaluationError(f"{what} is {show(number)}; a whole number is due")
    return int(number)


def refuse(value: Unset) -> NotEnumerable:
    """The error of an enumeration that needs the value of a continuous draw."""
    return NotEnumerable(
        f"the value of a continuous `{value.what}` is needed, and cannot be listed",
        value.span,
        "use an engine that samples, or a discrete distribution",
        value.scope,
    )


def _due_types(signature: Signature, given: int) -> tuple[Type, ...]:
    for kind in signature.types:
        if len(kind.parameters) <= given and (kind.most is None or given <= kind.most):
            due = [*kind.parameters, *kind.optional][:given]
            return (*due, *([kind.rest or ANY] * (given - len(due))))
    raise builtin_arity_error(signature, given)


def _fits(value: object, wanted: Type) -> bool:
    if wanted == NUMBER and (type(value) is int or type(value) is float):
        return True
    if isinstance(wanted, Base) and wanted.name in _BASES:
        if isinstance(value, Unset):
            raise refuse(value)
        return _BASES[wanted.name](value)
    if isinstance(wanted, ListOf):
        if isinstance(value, Unset):
            raise refuse(value)
        items, end = spine(value)
        if end is not NIL:
            return False
        inner = wanted.element
        return not isinstance(inner, Base | ListOf) or all(_fits(item, inner) for item in items)
    if isinstance(wanted, PairOf):
        if isinstance(value, Unset):
            raise refuse(value)
        return isinstance(value, Pair) or value is NIL  # the empty list is an error of its own
    if isinstance(wanted, Function):
        return isinstance(value, Procedure)
    return True
