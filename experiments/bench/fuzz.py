"""Malformed programs in processes of their own: each ends in a value or in a located error.

A worker reads, checks, compiles and runs one program after another, and says how each ended. The
parent watches the clock and the memory; a worker that exceeds either is killed, and that is a
finding like any other.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, Queue

MEMORY = 1 << 30  # bytes that one program may take
LIMIT = 60.0  # seconds of processor time after which a program counts as hung
TICKS = os.sysconf("SC_CLK_TCK")
RECYCLE = 5_000  # programs of one worker
WORLDS = 64
# Errors that are about a whole program, and so have no place in it.
PLACELESS = ("ImpossibleEvidence",)


@dataclass(frozen=True)
class Ending:
    """How a program ended.

    Args:
      seed: it is `malformed(seed)`.
      kind: `value`, `error`, `crash` (another exception), `unplaced` (an error without a span where
        there should be one), `hang` or `memory`.
      error: class of the exception.
      detail: its message.
      seconds: processor time, so that a busy machine does not count.
      megabytes: how far memory grew.
    """

    seed: int
    kind: str
    error: str
    detail: str
    seconds: float
    megabytes: float

    @property
    def bad(self) -> bool:
        return self.kind not in ("value", "error") or self.megabytes * 2**20 > MEMORY


def run(source: str) -> tuple[str, str, str]:
    """Run a program as a user does; how it ends, the class and the message of its error."""
    import jax

    from plot.backends import Reference
    from plot.errors import PlotError
    from plot.program import Options, run_program

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            options = Options(worlds=WORLDS, backend=Reference())
            for outcome in run_program(source, key=jax.random.key(0), options=options):
                str(outcome)
    except PlotError as error:
        str(error)
        name = type(error).__name__
        placed = error.span is not None or name in PLACELESS
        return "error" if placed else "unplaced", name, error.message[:200]
    except Exception as error:
        return "crash", type(error).__name__, str(error)[:200]
    return "value", "", ""


def _worker(pipe: Connection, maker: Callable[[int], str]) -> None:
    while True:
        try:
            seed = pipe.recv()
        except EOFError:
            return
        source = maker(seed)
        before = _resident()
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
        began = time.process_time()
        ended = run(source)
        seconds = time.process_time() - began
        pipe.send((*ended, seconds, (_status(os.getpid(), "VmHWM") - before) / 2**20))


def _status(process: int, field: str) -> int:
    """A field of /proc/PID/status in bytes; 0 where there is none."""
    with suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    return 0


def _processor_time(process: int) -> float:
    """Seconds that a process has used; 0 where it is gone."""
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS
    return 0.0


def _resident() -> int:
    return _status(os.getpid(), "VmRSS")


class _Worker:
    """A process that runs programs, under a watchdog."""

    def __init__(self, maker: Callable[[int], str]):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_worker, args=(theirs, maker), daemon=True)
        self.process.start()
        theirs.close()
        self.pid = self.process.pid or 0
        self.done = 0
        self.pipe.send(-1)  # the first program pays for the imports
        self.pipe.recv()
        self.base = _status(self.pid, "VmRSS")

    def end(self, seed: int) -> Ending:
        """Run a program; how it ended."""
        began = _processor_time(self.pid)
        self.pipe.send(seed)
        while not self.pipe.poll(0.1):
            taken = _processor_time(self.pid) - began
            memory = _status(self.pid, "VmRSS")
            if taken > LIMIT:
                return self._killed(seed, "hang", taken, memory)
            if memory > self.base + MEMORY + (256 << 20):
                return self._killed(seed, "memory", taken, memory)
            if not self.process.is_alive() and not self.pipe.poll(0.1):
                return self._killed(seed, "crash", taken, memory)
        try:
            kind, error, detail, seconds, megabytes = self.pipe.recv()
        except EOFError:
            return self._killed(seed, "crash", 0.0, 0)
        self.done += 1
        return Ending(seed, kind, error, detail, seconds, megabytes)

    def _killed(self, seed: int, kind: str, seconds: float, memory: int) -> Ending:
        self.stop()
        grown = max(0, memory - self.base) / 2**20
        return Ending(seed, kind, "", "the worker was ended", seconds, grown)

    @property
    def usable(self) -> bool:
        return self.process.is_alive() and self.done < RECYCLE

    def stop(self) -> None:
        self.process.kill()
        self.process.join()


def endings(
    seeds: Sequence[int], maker: Callable[[int], str], processes: int = 1
) -> Iterator[Ending]:
    """Run programs in worker processes; how each ended, as they end.

    Args:
      seeds: of the programs.
      maker: the program of a seed; importable by its name.
      processes: workers at a time.
    """
    waiting: Queue[int] = Queue()
    for seed in seeds:
        waiting.put(seed)
    ended: Queue[Ending | None] = Queue()
    stop = threading.Event()

    def work() -> None:
        worker = None
        try:
            while not stop.is_set():
                try:
                    seed = waiting.get_nowait()
                except Empty:
                    return
                if worker is not None and not worker.usable:
                    worker.stop()
                    worker = None
                worker = worker or _Worker(maker)
                ended.put(worker.end(seed))
        finally:
            if worker is not None:
                worker.stop()
            ended.put(None)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(processes)]
    for thread in threads:
        thread.start()
    try:
        running = processes
        while running:
            found = ended.get()
            if found is None:
                running -= 1
            else:
                yield found
    finally:
        stop.set()
        for thread in threads:
            thread.join(LIMIT + 5)


def as_json(ending: Ending) -> dict[str, object]:
    """An ending as a line of a log."""
    return asdict(ending)
