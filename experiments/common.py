"""The frame of an experiment: its options, its stages, and the result that it leaves.

@command("toy")
def main(argv: list[str]) -> int:
    options = read_options(make_parser("toy", DESCRIPTION, worlds=100_000), argv)
    with Experiment("toy", options) as run:
        with run.stage("inference", total=options.worlds) as progress:
            posterior = Importance(options.worlds).infer(run.key, question, progress)
        run.figure("mean", posterior.mean.value, posterior.mean.standard_error, reference=59.36)
        run.section("posterior", posterior.summary())
        run.save_figure(figure, "posterior.png")
        run.show(table)
    return 0
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console

from experiments.command import Options as Options
from experiments.command import command as command
from experiments.command import guarded as guarded
from experiments.command import make_parser as make_parser
from experiments.command import positive as positive
from experiments.command import read_options as read_options
from experiments.errors import ResultError as ResultError
from experiments.errors import UsageError as UsageError
from experiments.progress import Stage as Stage
from experiments.result import device, encode, now, to_json, versions, write_files

if TYPE_CHECKING:
    from jaxtyping import PRNGKeyArray

DOTS_PER_INCH = 150

# Sections that the frame itself writes.
RESERVED = frozenset(
    {
        "experiment",
        "finished",
        "seed",
        "options",
        "figures",
        "pictures",
        "wall_times",
        "versions",
        "device",
    }
)


class _Output(Console):
    """Stdout, whose reader may leave (`| head`): the result is written all the same."""

    def on_broken_pipe(self) -> None:
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Experiment:
    """One run. A context manager: the result is written at the end, and only where all went well.

    Args:
      name: as in the registry.
      options: from `read_options`.

    Raises:
      UsageError: on entry, where the folder cannot be written to.
      ResultError: where a figure or a section cannot be written as strict JSON.
    """

    def __init__(self, name: str, options: Options):
        self.name, self.options = name, options
        self._figures: dict[str, dict[str, Any]] = {}
        self._sections: dict[str, object] = {}
        self._times: dict[str, float] = {}
        self._pictures: dict[str, bytes] = {}
        self._made: list[Path] = []
        self._progress = Console(stderr=True)
        self._output = self._progress if options.json else _Output()

    @cached_property
    def key(self) -> PRNGKeyArray:
        """The JAX key of the run's seed; fold in a number for each use."""
        import jax

        return jax.random.key(self.options.seed)

    def __enter__(self) -> Experiment:
        self._began = time.perf_counter()
        folder = self.options.out
        missing = [p for p in (folder, *folder.parents) if not p.exists()]
        try:
            for path in reversed(missing):
                path.mkdir(exist_ok=True)
                self._made.append(path)
        except OSError as error:
            self._unmake()
            raise UsageError(
                f"argument --out: cannot make the folder {folder}: {error.strerror}"
            ) from error
        return self

    @contextmanager
    def stage(self, title: str, total: int | None = None) -> Iterator[Stage]:
        """Time a part of the run and show that it goes on.

        Args:
          title: its name in `wall_times`; seconds of the same name add up.
          total: steps in all, where that is known.
        """
        stage = Stage(title, self._progress, total)
        try:
            with stage:
                yield stage
        finally:
            self._times[title] = self._times.get(title, 0.0) + stage.seconds

    def figure(
        self, name: str, value: float, standard_error: float | None = None, **more: object
    ) -> None:
        """Record a number.

        Args:
          name: what it is, as in `mary_strength_mean`.
          value: finite.
          standard_error: of the value, in the same unit, where it is an estimate.
          more: `reference`, `exact`, `unit`, `n`, `note`.

        Raises:
          ResultError: where a number is not finite, or the name is taken.
        """
        if name in self._figures:
            raise ResultError(f"the figure {name} is given twice")
        entry = {
            "value": value,
            **({} if standard_error is None else {"standard_error": standard_error}),
            **more,
        }
        found = to_json(entry, f"figures.{name}")
        assert isinstance(found, dict)
        self._figures[name] = found

    @property
    def figures(self) -> dict[str, dict[str, Any]]:
        """What has been recorded so far, by name."""
        return self._figures

    def section(self, name: str, content: object) -> None:
        """Record anything else that JSON can hold; raises `ResultError` where it cannot."""
        if name in RESERVED:
            raise ResultError(f"the section {name} is written by the frame itself")
        self._sections[name] = to_json(content, name)

    def save_figure(self, figure: Any, name: str) -> None:
        """Keep a picture; it is written with the result.

        Args:
          figure: a matplotlib figure.
          name: of the file, ending in `.png`.
        """
        stream = io.BytesIO()
        figure.savefig(stream, format="png", dpi=DOTS_PER_INCH)
        self.save_picture(stream.getvalue(), name)

    def save_picture(self, content: bytes, name: str) -> None:
        """Keep a picture that is made already, such as an animated GIF."""
        self._pictures[name] = content

    def show(self, *what: Any) -> None:
        """Print for people (rich tables too): to stdout, or to stderr under `--json`."""
        self._output.print(*what, highlight=False, soft_wrap=all(isinstance(w, str) for w in what))

    def result(self) -> dict[str, object]:
        """The result as it stands."""
        options = self.options
        shared = {"out": options.out, "worlds": options.worlds}
        total = time.perf_counter() - self._began
        return {
            "experiment": self.name,
            "finished": now(),
            "seed": options.seed,
            "options": shared | options.extra,
            "figures": self._figures,
            **self._sections,
            "pictures": sorted(self._pictures),
            "wall_times": {**self._times, "total": total},
            "versions": versions(),
            "device": device(),
        }

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._unmake()
            return
        try:
            encoded = encode(self.result())
            write_files(self.options.out, {**self._pictures, "result.json": encoded})
        except BaseException:
            self._unmake()
            raise
        if self.options.json:
            sys.stdout.write(encoded.decode())
            sys.stdout.flush()
        else:
            for name in (*self._pictures, "result.json"):
                self.show(f"wrote {self.options.out / name}")

    def _unmake(self) -> None:
        for path in reversed(self._made):
            with suppress(OSError):  # someone else has put a file there
                path.rmdir()
