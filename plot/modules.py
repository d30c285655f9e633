"""Functions that Python gives to world models: a physics step, a renderer, a planner.

Each has a name, a type, a meaning, and a JAX function of arrays over worlds. A world model imports
a module by name, and from then on its functions look like any others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from plot.data import NIL, Pair, from_list, is_boolean, is_number, spine
from plot.errors import Span, TypeMismatch, UnboundError
from plot.reader import read_one
from plot.types import Function, Type, parse_type
from plot.vocabulary import Entry


@dataclass(frozen=True)
class ModuleFunction:
    """A function of a module.

    Args:
      name: as programs call it.
      type: PLoT type, as text: numbers, truth values, and lists of them.
      meaning: one line for people and language models.
      run: takes an array `[worlds]` for each number (float32) or truth value (bool), and a list of
        such arrays for a list; gives the same. Pure, and made of JAX operations; each world's
        result must depend on that world alone.
    """

    name: str
    type: str
    meaning: str
    run: Callable[..., Any]

    def parsed(self) -> Type:
        """The type.

        Raises:
          FormError: where it is no type of a function.
        """
        return parse_type(read_one(self.type))


@dataclass(frozen=True)
class Module:
    """Functions that a world model imports together.

    Args:
      name: as in `(import name)`.
      functions: by which it is used.
      public: whether sentences may use them too; if not, only the world model that imports them.

    >>> import jax.numpy as jnp
    >>> step = ModuleFunction("hypotenuse", "(-> number number number)", "length", jnp.hypot)
    >>> register(Module("geometry", (step,)))
    >>> import jax
    >>> from plot import run
    >>> run("(import geometry) (hypotenuse 3 4)", key=jax.random.key(0))
    5
    """

    name: str
    functions: tuple[ModuleFunction, ...] = field(default=())
    public: bool = True

    def __post_init__(self) -> None:
        names = [f.name for f in self.functions]
        for function in self.functions:
            if not isinstance(function.parsed(), Function):
                raise ValueError(
                    f"`{function.name}` of module `{self.name}` is not of function type"
                )
        if len(set(names)) < len(names):
            raise ValueError(f"module `{self.name}` has two functions of one name")


_KNOWN: dict[str, Module] = {}


def register(module: Module) -> None:
    """Make a module known to world models; one of the same name is replaced."""
    _KNOWN[module.name] = module


def known() -> list[str]:
    """The names of all modules."""
    return sorted(_KNOWN)


def module_of(name: str, span: Span | None) -> Module:
    """A registered module.

    Raises:
      UnboundError: where there is none of the name.
    """
    module = _KNOWN.get(name)
    if module is None:
        hint = f"registered are {', '.join(known())}" if _KNOWN else "none is; see plot.modules"
        raise UnboundError(f"no module called `{name}` is registered", span, hint)
    return module


def imported(name: str, span: Span | None) -> list[Entry]:
    """What a module adds to a vocabulary; raises what `module_of` does."""
    return [Entry(f.name, f.parsed(), f.meaning) for f in module_of(name, span).functions]


def call_once(function: ModuleFunction, arguments: Sequence[object]) -> object:
    """The result in one world, on plain data.

    Raises:
      TypeMismatch: where an argument is neither a number, a truth value nor a list of them, or
        the result is no number a world.
    """
    result = function.run(*[_to_arrays(function, a) for a in arguments])
    return _from_arrays(result)


def _to_arrays(function: ModuleFunction, value: object) -> Any:
    if is_boolean(value):
        return np.array([value])
    if is_number(value):
        return np.array([value], np.float32)
    if isinstance(value, Pair) or value is NIL:
        items, tail = spine(value)
        if tail is NIL:
            return [_to_arrays(function, x) for x in items]
    raise TypeMismatch(f"`{function.name}` takes numbers, truth values and lists of them")


def check_shape(shape: tuple[int, ...], worlds: int, span: Span | None = None) -> None:
    """Refuse a result that is not one number a world; raises `TypeMismatch`."""
    if shape != (worlds,):
        raise TypeMismatch(
            f"a function of a module gave an array of shape {shape}; one number a world is due",
            span,
            "give a list of arrays [worlds] where it has several results",
        )


def _from_arrays(result: Any) -> object:
    if isinstance(result, (list, tuple)):
        return from_list([_from_arrays(x) for x in result])
    found = np.asarray(result)
    check_shape(found.shape, 1)
    single = found[0]
    if single.dtype == bool:
        return bool(single)
    number = float(str(single))  # the shortest decimal that reads back as it
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def results_of(function: ModuleFunction, arguments: Sequence[Any]) -> Any:
    """The shapes of what a function gives, without running it.

    Args:
      arguments: `jax.ShapeDtypeStruct`s, in lists where the function takes lists.
    """
    return jax.eval_shape(function.run, *arguments)
