"""Results on disk: strict JSON, written so that a reader finds the old file or the new one."""

from __future__ import annotations

import json
import math
import os
import platform
import signal
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from experiments.errors import ResultError, UsageError

PACKAGES = ("plotline", "jax", "jaxlib", "numpy", "scipy", "matplotlib")


def to_json(value: object, where: str = "result") -> object:
    """A value as JSON can hold it: dictionaries, lists, text, truth values, finite numbers, null.

    Args:
      value: numpy scalars and arrays, tuples and paths are converted.
      where: what to call it in an error.

    Raises:
      ResultError: for a number that is not finite, or a kind of value that JSON lacks.

    >>> to_json({"a": np.float32(1.5), "b": (1, None)})
    {'a': 1.5, 'b': [1, None]}
    """
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ResultError(
                f"{where} is {value}, which JSON cannot hold; leave it out or say why"
            )
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise ResultError(f"{where} has the key {key!r}, and JSON keys are text")
        return {key: to_json(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item, f"{where}[{i}]") for i, item in enumerate(value)]
    raise ResultError(f"{where} is a {type(value).__name__}, which JSON cannot hold")


def encode(value: object) -> bytes:
    """A value as the bytes of an indented, strictly valid JSON file; raises what `to_json` does."""
    return (
        json.dumps(to_json(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    ).encode()


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write some files, all of them or none where Ctrl-C falls in between.

    Args:
      folder: where, and it exists.
      files: contents by name.

    Raises:
      UsageError: where the folder cannot be written to; no file is changed then.
    """
    waiting: list[tuple[str, Path]] = []
    try:
        for name, content in files.items():
            handle, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=".new", dir=folder)
            waiting.append((temporary, folder / name))
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(temporary, 0o644)
        with uninterrupted():
            while waiting:
                os.replace(*waiting[0])
                waiting.pop(0)
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}") from error
    finally:
        for temporary, _ in waiting:
            Path(temporary).unlink(missing_ok=True)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait until a short piece of work is done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if came:
        raise KeyboardInterrupt


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that a figure can depend on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def cpu_model() -> str:
    """The processor's name, as well as the system tells it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def device() -> dict[str, object]:
    """What the figures were computed on."""
    import jax

    from plot.backends.base import available_cores

    devices = jax.devices()
    return {
        "platform": devices[0].platform,
        "kind": devices[0].device_kind,
        "count": len(devices),
        "cpu": cpu_model(),
        "cores": available_cores(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
