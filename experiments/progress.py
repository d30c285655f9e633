"""What a person sees while an experiment runs; on stderr, so that stdout stays for results."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

QUIET_SECONDS = 2.0  # what is done within this time is not talked about
LINE_SECONDS = 10.0  # between plain lines, where stderr is no terminal


class Stage:
    """A part of a run: it is timed, and shows how far it has come. A context manager.

    Calling it with the number of steps that are done moves the display on, so that it can be
    given to an engine as `progress`.

    Args:
      title: what is being done.
      console: of stderr.
      total: steps in all, where that is known.
    """

    def __init__(self, title: str, console: Console, total: int | None = None):
        self.title, self.total = title, total
        self.seconds = 0.0
        self._console = console
        self._done = 0
        self._display: Progress | None = None
        self._task = None

    def __enter__(self) -> Stage:
        self._began = self._spoke = time.perf_counter()
        if self._console.is_terminal:
            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
            )
            self._display = Progress(*columns, console=self._console, transient=True)
            self._task = self._display.add_task(self.title, total=self.total)
            self._display.start()
        return self

    def __call__(self, done: int) -> None:
        self._done = done
        if self._display is not None and self._task is not None:
            self._display.update(self._task, completed=done)
            return
        now = time.perf_counter()
        wait = LINE_SECONDS if self._spoke > self._began else QUIET_SECONDS
        if now - self._spoke >= wait:
            self._spoke = now
            of = f" of {self.total:,}" if self.total else ""
            self._line(f"{self.title}: {done:,}{of} after {now - self._began:.0f} s")

    def note(self, text: str) -> None:
        """Say what is being done within the stage."""
        if self._display is not None and self._task is not None:
            self._display.update(self._task, description=f"{self.title}: {text}")
        else:
            self._line(f"{self.title}: {text}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.seconds = time.perf_counter() - self._began
        if self._display is not None:
            self._display.stop()
        if kind is None and self.seconds >= QUIET_SECONDS:
            self._line(f"{self.title}: {self.seconds:.1f} s")

    def _line(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
