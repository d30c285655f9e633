"""Counts what XLA compiles, so that a recompilation nobody meant is seen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import jax.monitoring

EVENT = "/jax/core/compile/backend_compile_duration"


class Compilations:
    """What was compiled within a `with counted()`.

    Args:
      count: programs compiled, or loaded from a cache on disk.
      seconds: spent on that.
    """

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0


_lock = threading.Lock()
_open: list[Compilations] = []
_listening = False


def _listen(event: str, duration_secs: float, **_: str | int) -> None:
    if event == EVENT:
        with _lock:
            for record in _open:
                record.count += 1
                record.seconds += duration_secs


@contextmanager
def counted() -> Iterator[Compilations]:
    """Count the compilations of this process, on any thread, while the block runs.

    >>> import jax
    >>> with counted() as found:
    ...     _ = jax.jit(lambda x: x * 3 + 1)(2.0)
    >>> found.count
    1
    """
    global _listening
    record = Compilations()
    with _lock:
        if not _listening:  # JAX keeps a listener for good, so there is one for all blocks
            jax.monitoring.register_event_duration_secs_listener(_listen)
            _listening = True
        _open.append(record)
    try:
        yield record
    finally:
        with _lock:
            _open[:] = [other for other in _open if other is not record]
