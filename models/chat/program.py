"""The command line of `plotline`."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from models.conversation import Conversation

INTERRUPTED = 130  # what a shell reports for a program that Ctrl-C ended


def main(argv: Sequence[str] | None = None) -> int:
    """Run `plotline`.

    Args:
      argv: the command line after the program's name; the process's own where not given.

    Returns:
      The exit status: 0, 1 where lines from a file or a pipe could not all be said, 2 for a command
      that cannot be run, 130 where it was interrupted before the conversation began.
    """
    args = _parser().parse_args(argv)
    if args.command == "worlds":
        return _worlds()
    try:
        return _chat(args)
    except KeyboardInterrupt:
        return INTERRUPTED


def _chat(args: argparse.Namespace) -> int:
    from rich.console import Console

    from models.chat.terminal import Terminal
    from plot.errors import PlotError

    console = Console(highlight=False)
    try:
        with console.status("opening the conversation"):
            talk = _opened(args)
    except (PlotError, KeyError, OSError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        print(f"plotline chat: {message}", file=sys.stderr)
        return 2
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # a damaged byte is a letter that nobody knows
    return Terminal(talk, console, args.pictures).run(sys.stdin)


def _opened(args: argparse.Namespace) -> Conversation:
    import jax

    from inference import Auto, Sequential
    from models.conversation import load, open_talk
    from models.meaning.possible import PossibleWorlds
    from models.meaning.pragmatics import Pragmatic

    options: dict[str, Any] = {
        "engine": Sequential(worlds=args.worlds) if args.carry else Auto(worlds=args.worlds),
        "least_sure": args.least_sure,
        "possible": PossibleWorlds() if args.possible else None,
        "pragmatic": Pragmatic() if args.pragmatic else None,
    }
    if args.load is not None:
        return load(args.load, **options)
    return open_talk(args.world, jax.random.key(args.seed), **options)


def _worlds() -> int:
    from importlib import import_module

    from models.worlds import available

    width = max(map(len, available()))
    for name in available():
        line = (import_module(f"models.worlds.{name}").__doc__ or "").strip().splitlines()
        print(f"{name:<{width}}  {line[0] if line else ''}".rstrip())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plotline", description="Say in plain English what happened, and ask what follows."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("worlds", help="list the world models that come with plotline")
    chat = commands.add_parser(
        "chat",
        help="talk about a world",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    chat.add_argument(
        "world",
        nargs="?",
        default="tug_of_war",
        metavar="WORLD",
        help="one of `plotline worlds`, or a PLoT file",
    )
    chat.add_argument(
        "--worlds", type=_count, default=100_000, metavar="N", help="worlds for each answer"
    )
    chat.add_argument("--seed", type=int, default=0, metavar="S", help="of every random choice")
    chat.add_argument(
        "--least-sure",
        type=_share,
        default=0.5,
        metavar="P",
        help="ask back where no reading is as probable as this",
    )
    chat.add_argument(
        "--carry",
        action="store_true",
        help="carry worlds from sentence to sentence instead of choosing an engine for each answer",
    )
    chat.add_argument(
        "--possible",
        action="store_true",
        help="readings that no world satisfies any more lose, from the first closed bracket on",
    )
    chat.add_argument(
        "--pragmatic",
        action="store_true",
        help="take speakers to choose their words: `some` comes to say `not all`",
    )
    chat.add_argument("--load", type=Path, metavar="FILE", help="go on with a saved conversation")
    chat.add_argument(
        "--pictures", type=Path, default=Path(), metavar="DIR", help="where `show` draws"
    )
    return parser


def _count(text: str) -> int:
    if not text.replace("_", "").isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number above zero was expected, not {text!r}")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"a number from 0 to 1 was expected, not {text!r}")
    return share
