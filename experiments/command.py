"""Command lines of experiments: the options that all share, and errors of one line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import NoReturn

from experiments.errors import ResultError, UsageError

INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C ended
LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True)
class Options:
    """What every experiment is told.

    Args:
      out: folder of the result.
      worlds: worlds to draw for each question.
      seed: of every random choice.
      json: whether stdout carries the result as JSON and nothing else.
      extra: the experiment's own options, by name.
    """

    out: Path
    worlds: int
    seed: int
    json: bool
    extra: dict[str, object]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (--help shows the options)")


def positive(text: str) -> int:
    """A whole number above zero, as an option's type.

    >>> positive("1_000_000")
    1000000
    """
    return _whole(text, 1, None, "a whole number above zero, such as 100_000")


def natural(text: str) -> int:
    """A whole number from 0 on, as an option's type."""
    return _whole(text, 0, None, "a whole number from 0 on")


def seed_number(text: str) -> int:
    """A seed, as an option's type."""
    return _whole(text, 0, LARGEST_SEED, f"a whole number from 0 to {LARGEST_SEED}")


def _whole(text: str, low: int, high: int | None, expected: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = None
    if number is None or number < low or (high is not None and number > high):
        raise argparse.ArgumentTypeError(f"expected {expected}, and got {text!r}")
    return number


def make_parser(name: str, description: str, worlds: int) -> argparse.ArgumentParser:
    """A parser with the options that all experiments share.

    Args:
      name: of the experiment; its default folder is `results/NAME`.
      description: one line.
      worlds: default of `--worlds`.

    >>> parser = make_parser("toy", "a toy", 1000)
    >>> read_options(parser, ["--worlds", "20"]).worlds
    20
    """
    parser = _Parser(
        prog=f"python -m experiments {name}",
        description=description,
        allow_abbrev=False,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    default = Path("results") / name.replace(" ", "_")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", default=default, help="folder of the result"
    )
    parser.add_argument(
        "--worlds", type=positive, metavar="N", default=worlds, help="worlds for each question"
    )
    parser.add_argument(
        "--seed", type=seed_number, metavar="S", default=0, help="of every random choice"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON alone")
    return parser


def read_options(parser: argparse.ArgumentParser, argv: list[str]) -> Options:
    """Parse a command line and check that the result can be written.

    Raises:
      UsageError: for an option that cannot be used; what lies in the folder is untouched.
    """
    found = vars(parser.parse_args(argv))
    shared = {name: found.pop(name) for name in ("out", "worlds", "seed", "json")}
    options = Options(**shared, extra=found)
    check_folder(options.out)
    return options


def check_folder(out: Path) -> None:
    """Raise `UsageError` where a result cannot be written to a folder; makes nothing."""
    nearest = out
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise UsageError(f"argument --out: {nearest} is a file, and a folder was expected")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise UsageError(f"argument --out: {nearest} cannot be written to")
    if (out / "result.json").is_dir():
        raise UsageError(
            f"argument --out: {out / 'result.json'} is a folder, and a file was expected"
        )


def guarded(title: str, run: Callable[[], int]) -> int:
    """Run an experiment; what a user can mend, and Ctrl-C, become one line and an exit status.

    Args:
      title: what to call the command in the line.
      run: what to do.

    Returns:
      Its status, or 2 for a command that cannot be run, 1 for a program or a result that is
      wrong, 130 where it was interrupted.
    """
    try:
        return run()
    except UsageError as error:
        print(f"{title}: error: {error}", file=sys.stderr)
        return 2
    except ResultError as error:
        print(f"{title}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{title}: interrupted; an earlier result is as it was", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        from plot.errors import PlotError  # only here: it brings JAX, and a listing needs none

        if not isinstance(error, PlotError):
            raise
        print(f"{title}: {error}", file=sys.stderr)
        return 1


def command(name: str) -> Callable[[Callable[[list[str]], int]], Callable[[list[str]], int]]:
    """Make a `main(argv)` report its errors in one line, however it is called.

    Args:
      name: of the experiment.

    >>> @command("toy")
    ... def main(argv: list[str]) -> int:
    ...     raise KeyboardInterrupt
    >>> main([])
    130
    """

    def decorate(main: Callable[[list[str]], int]) -> Callable[[list[str]], int]:
        @wraps(main)
        def wrapped(argv: list[str]) -> int:
            return guarded(f"python -m experiments {name}", lambda: main(argv))

        return wrapped

    return decorate
