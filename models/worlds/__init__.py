"""World models: one folder a domain, with its PLoT source."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from plot.errors import PlotError
from plot.world import World

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from inference import Engine


def available() -> tuple[str, ...]:
    """The names of the world models that come with the package.

    >>> "tug_of_war" in available()
    True
    """
    folders = (f for f in files(__name__).iterdir() if f.is_dir())
    return tuple(sorted(f.name for f in folders if f.joinpath("world.church").is_file()))


def load(name: str) -> World:
    """Evaluate a world model that comes with the package.

    Args:
      name: one of `available()`.

    Raises:
      KeyError: where there is no such world model.

    >>> load("tug_of_war").vocabulary.entities[0].listing
    'people'
    """
    if name not in available():
        near = get_close_matches(name, available(), 1)
        meant = f"; did you mean {near[0]}?" if near else ""
        raise KeyError(
            f"there is no world model called {name!r}{meant} (there are: {', '.join(available())})"
        )
    import_module(f"{__name__}.{name}")  # registers the modules that its source imports
    source = files(__name__).joinpath(name, "world.church").read_text(encoding="utf-8")
    return World.from_source(source, f"{name}/world.church")


def picture_of(name: str | None) -> Callable[..., Figure]:
    """What draws likely worlds of a world model: `picture(world, key, worlds=...)`.

    Args:
      name: of the world model; where it has no picture of its own, or is not given, what each of its
        public functions comes to is drawn.

    >>> picture_of("tug_of_war").__name__
    'picture'
    """
    if name in available() and files(__name__).joinpath(str(name), "picture.py").is_file():
        return import_module(f"{__name__}.{name}.picture").picture
    return import_module(f"{__name__}.marginals").picture


def eye_of(name: str | None) -> Callable[[str | Path], Engine]:
    """What makes a picture evidence about a world model: from an image file to an engine.

    Args:
      name: of the world model.

    Raises:
      PlotError: where pictures say nothing about it.

    >>> eye_of("scenes").__name__
    'look_at'
    """
    if name in available() and files(__name__).joinpath(str(name), "seeing.py").is_file():
        return import_module(f"{__name__}.{name}.seeing").look_at
    raise PlotError(
        f"a picture says nothing about {name or 'this world'}", None, "`scenes` can be looked at"
    )


def check_of(name: str | None) -> Callable[[str], None]:
    """What refuses sentences that a world model's words are too few to contradict.

    Args:
      name: of the world model; where it refuses none, or is not given, nothing is refused.

    >>> check_of("tug_of_war")("Tom walks through a wall.")
    """
    if name in available() and files(__name__).joinpath(str(name), "refusing.py").is_file():
        return import_module(f"{__name__}.{name}.refusing").check
    return lambda sentence: None


def sentences(name: str) -> tuple[tuple[str, str], ...]:
    """Example sentences of a world model and what each means; none where it has no such file.

    Args:
      name: one of `available()`.
    """
    return _table(name, "sentences.tsv")


def phrases(name: str) -> dict[str, str]:
    """How the functions of a world model are spoken of; empty where it does not say.

    Args:
      name: one of `available()`.

    >>> phrases("tug_of_war")["won-against"]
    '{0} beat {1}'
    """
    return dict(_table(name, "phrases.tsv"))


def _table(name: str, file: str) -> tuple[tuple[str, str], ...]:
    """The first two columns of a table of a world model's folder; none where it is not there."""
    path = files(__name__).joinpath(name, file)
    if name not in available() or not path.is_file():
        return ()
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if "\t" in line)
    return tuple((first, second) for first, second, *_ in pairs)
