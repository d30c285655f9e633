"""World models: one folder a domain, with its PLoT source."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from importlib.resources import files

from plot.world import World


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
