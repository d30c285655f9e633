"""`python -m plot FILE`: run a Church program."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import warnings
from dataclasses import fields
from pathlib import Path

import jax

from plot.backends import XLA, LaneMachine, Reference
from plot.compiler import Budget
from plot.errors import PlotError
from plot.files import write_whole
from plot.outcome import Outcome
from plot.program import Options, OracleWarning, run_program
from plot.signatures import help as help_on

BACKENDS = {"machine": LaneMachine, "xla": XLA, "numpy": Reference}


def main(argv: list[str] | None = None) -> int:
    """Run a program and print each top-level expression's value, and a query's distribution."""
    options = _parser().parse_args(argv)
    if options.help_on is not None:
        return _help_on(options.help_on)
    if options.file is None:
        _parser().print_usage(sys.stderr)
        return _fail("name a Church file, or - to read from standard input")
    try:
        name = "<stdin>" if options.file == "-" else options.file
        text = (
            sys.stdin.read()
            if options.file == "-"
            else Path(options.file).read_text(encoding="utf-8")
        )
    except (OSError, UnicodeDecodeError) as error:
        return _fail(f"cannot read {options.file}: {getattr(error, 'strerror', None) or error}")
    try:
        outcomes = _run(text, name, options)
    except PlotError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _fail("interrupted; nothing was written", 130)
    for outcome in outcomes:
        print(outcome)
    try:
        if options.json is not None:
            write_json(Path(options.json), outcomes, options.seed)
        if options.pictures is not None:
            for path in write_pictures(Path(options.pictures), outcomes):
                print(f"wrote {path}")
    except OSError as error:
        return _fail(f"cannot write {error.filename or options.json}: {error.strerror}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m plot", description="Run a Church program.")
    parser.add_argument("file", nargs="?", help="the program; - reads standard input")
    parser.add_argument(
        "--worlds", type=_positive, default=100_000, help="worlds for a query (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same answers")
    parser.add_argument("--json", metavar="PATH", help="write the results there as JSON, too")
    parser.add_argument("--pictures", metavar="DIR", help="draw queries and what `hist` asks for")
    parser.add_argument(
        "--backend", choices=BACKENDS, help="what runs the worlds; chosen by cost if not given"
    )
    parser.add_argument(
        "--budget",
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        type=_bound,
        help=f"a bound on the unfolding; may be repeated ({_budgets()})",
    )
    parser.add_argument("--help-on", metavar="NAME", help="what a built-in function or form does")
    return parser


def _budgets() -> str:
    return ", ".join(f"{f.name}={f.default:g}" for f in fields(Budget))


def _bound(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    known = {f.name: type(f.default) for f in fields(Budget)}
    value: float = 0
    with contextlib.suppress(KeyError, ValueError):
        value = float(number) if known[name] is float else int(number)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is none of {_budgets()}, with another number")
    return name, value


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return number


def _run(text: str, name: str, options: argparse.Namespace) -> list[Outcome]:
    backend = BACKENDS[options.backend]() if options.backend else None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", OracleWarning)
        key = jax.random.key(options.seed)
        try:
            budget = Budget(**dict(options.budget))
            chosen = Options(options.worlds, budget, backend)
            return run_program(text, key=key, options=chosen, name=name)
        finally:
            for warning in caught:
                print(f"warning: {warning.message}", file=sys.stderr)


def write_json(path: Path, outcomes: list[Outcome], seed: int) -> None:
    """Write outcomes to a file, all or nothing; the last query's results stand at the top level."""
    results = [outcome.to_json() for outcome in outcomes]
    queries = [r for r in results if r["kind"] == "query"]
    document = {**(queries[-1] if queries else {}), "seed": seed, "results": results}
    text = json.dumps(_finite(document), indent=2, allow_nan=False) + "\n"
    write_whole(path, text.encode())


def write_pictures(folder: Path, outcomes: list[Outcome]) -> list[Path]:
    """Draw every distribution and every picture that a program asks for; the files, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for i, outcome in enumerate(outcomes, start=1):
        if outcome.drawable:
            kind = outcome.picture.kind if outcome.picture is not None else "query"
            drawn.append(folder / f"{i:02d}-{kind}.png")
            outcome.plot().figure.savefig(drawn[-1], dpi=150)
    return drawn


def _finite(value: object) -> object:
    """JSON has no infinities: they are written as the text that Church shows."""
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_finite(v) for v in value]
    if isinstance(value, float) and value != value:
        return "+nan.0"
    if value in (float("inf"), float("-inf")):
        return "+inf.0" if value == float("inf") else "-inf.0"
    return value


def _help_on(name: str) -> int:
    try:
        print(help_on(name))
    except KeyError:
        return _fail(f"there is nothing called {name!r} in PLoT")
    return 0


def _fail(message: str, code: int = 2) -> int:
    print(f"plot: {message}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
