"""Runs an experiment by name: `python -m experiments` lists them."""

from __future__ import annotations

import sys

from experiments.command import guarded
from experiments.registry import EXPERIMENTS, load


def listing() -> str:
    """What there is to run, a line each."""
    width = max(map(len, EXPERIMENTS))
    rows = [f"  {name:<{width}}  {entry.description}" for name, entry in EXPERIMENTS.items()]
    usage = "python -m experiments NAME [options]    (NAME --help shows the options)"
    return "\n".join([usage, "", "experiments:", *rows])


def main(argv: list[str]) -> int:
    """List the experiments, or run one.

    Args:
      argv: the command line after the program's name.

    Returns:
      The exit status: 0, 1 for a run that failed, 2 for a command that cannot be run, 130 where
      it was interrupted.
    """
    if not argv or argv[0] in ("-h", "--help"):
        print(listing())
        return 0
    name, *rest = argv
    return guarded(f"python -m experiments {name}", lambda: load(name)(rest))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
