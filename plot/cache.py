"""World models that took long to evaluate, kept on disk by their content."""

from __future__ import annotations

import hashlib
import platform
import warnings
from functools import lru_cache
from pathlib import Path

import numpy as np

from plot.cached.folder import SWITCH, cache_folder, caching, read_file, write_file
from plot.cached.rows import Uncacheable
from plot.cached.worlds import Damaged, dump, load
from plot.compiler import Budget, Environment, Graph
from plot.compiler.passes import Passes
from plot.compiler.values import Value

SLOW = 0.2  # seconds of evaluation from which on a world is kept


class CacheWarning(UserWarning):
    """An evaluated world model could not be kept."""


def cache_path() -> Path | None:
    """The folder of evaluated worlds, or None where the environment switches it off."""
    return cache_folder("graphs") if caching() else None


def world_key(text: str, name: str, budget: Budget, passes: Passes) -> bytes:
    """32 bytes that differ where an evaluated world may differ.

    Args:
      text: its source.
      name: of the source, as errors show it.
      budget, passes: how it is evaluated.
    """
    parts = (text, name, repr(budget), repr(passes), _version())
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
    return digest.digest()


@lru_cache(maxsize=1)
def _version() -> str:
    """What the compiler is made of: its own sources, Python and NumPy."""
    digest = hashlib.sha256(f"{platform.python_version()} {np.__version__}".encode())
    home = Path(__file__).parent
    for path in sorted(home.rglob("*.py")):
        digest.update(str(path.relative_to(home)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def recall(folder: Path, key: bytes) -> tuple[Graph, dict[str, Value]] | None:
    """The graph and the values kept under a key, or None; a file that is not whole is no file."""
    content = read_file(folder / f"{key.hex()}.graph")
    if content is None:
        return None
    try:
        return load(key, content)
    except Damaged:
        return None


def keep(
    folder: Path, key: bytes, graph: Graph, scope: Environment, parts: dict[str, Value]
) -> None:
    """Keep a graph and values under a key; warns where the folder cannot be written."""
    try:
        content = dump(key, graph, scope, parts)
    except Uncacheable:
        return
    try:
        write_file(folder / f"{key.hex()}.graph", content)
    except OSError as error:
        warnings.warn(
            f"the world model cannot be kept in {folder}: {error.strerror}; "
            f"it is evaluated again next time ({SWITCH}=off ends this warning)",
            CacheWarning,
            stacklevel=4,
        )
