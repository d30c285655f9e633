"""Speed beside peers, measured side by side in one run; ratios are reported, nothing is asserted.

python -m experiments bench plot
python -m experiments bench inference
python -m experiments bench worlds --only lunch
python -m experiments bench vi
python -m experiments bench words
"""

from __future__ import annotations

from collections.abc import Callable

from experiments.command import natural, positive
from experiments.common import Experiment, Options, UsageError, command, make_parser, read_options
from experiments.registry import description

DESCRIPTION = description("bench")
WORLDS = 1_000_000
PROGRAMS, MALFORMED = 200, 1_000
SUBJECTS = {
    "plot": "the language: its back ends, JAX written by hand, WebPPL, random bits, new sentences",
    "worlds": "domains: seconds for a sentence, and planners and physics beside WebPPL",
    "vi": "gradient steps beside JAX written by hand, NumPyro's SVI, and Pyro if it is there",
    "words": "the language model: a sentence, tokens a second beside llama.cpp, masks",
    "inference": "beliefs in conversations, families and state space models, and their peers",
}
DOMAINS = ("kinship", "scenes", "collisions", "plane", "lunch", "talks")
DOMAIN_WORLDS = 50_000
VARIATIONAL = ("hand", "numpyro", "air")
INFERENCE = ("conversations", "kinship", "filters", "contests", "samplers")
BELIEF_WORLDS = 100_000
SENTENCES = 20


@command("bench")
def main(argv: list[str]) -> int:
    """Run a benchmark.

    Args:
      argv: its subject, and options.

    Returns:
      The exit status.
    """
    if not argv or argv[0] in ("-h", "--help"):
        print("python -m experiments bench SUBJECT [options]\n\nsubjects:")
        print("\n".join(f"  {name}  {line}" for name, line in SUBJECTS.items()))
        return 0
    subject, *rest = argv
    if subject not in SUBJECTS:
        raise UsageError(
            f"there is nothing called {subject!r} to measure; there is {', '.join(SUBJECTS)}"
        )
    if subject == "worlds":
        parser = make_parser("bench worlds", SUBJECTS[subject], DOMAIN_WORLDS)
        parser.add_argument(
            "--only", action="append", choices=DOMAINS, help="a part, several times for more"
        )
        return measure_worlds(read_options(parser, rest))
    if subject == "inference":
        parser = make_parser("bench inference", SUBJECTS[subject], BELIEF_WORLDS)
        parser.add_argument(
            "--only", action="append", choices=INFERENCE, help="a part, several times for more"
        )
        return measure_inference(read_options(parser, rest))
    if subject == "vi":
        parser = make_parser("bench vi", f"{SUBJECTS[subject]}; --worlds plays no part", 1)
        parser.add_argument("--quick", action="store_true", help="two batches, fewer repeats")
        parser.add_argument(
            "--only", action="append", choices=VARIATIONAL, help="a part, several times for more"
        )
        return measure_vi(read_options(parser, rest))
    if subject == "words":
        parser = make_parser("bench words", f"{SUBJECTS[subject]}; --worlds plays no part", 1)
        parser.add_argument(
            "--most", type=positive, default=SENTENCES, metavar="N", help="sentences of each domain"
        )
        return measure_words(read_options(parser, rest))
    parser = make_parser("bench plot", SUBJECTS[subject], WORLDS)
    parser.add_argument("--quick", action="store_true", help="fewer repeats, and no first command")
    parser.add_argument("--no-webppl", action="store_true", help="leave WebPPL out")
    for name, count, what in (
        ("programs", PROGRAMS, "random programs, compared on every engine (10,000 take an hour)"),
        ("malformed", MALFORMED, "malformed programs, each run to its error"),
    ):
        parser.add_argument(f"--{name}", type=natural, default=count, metavar="N", help=what)
    return measure_plot(read_options(parser, rest))


def _count(options: Options, name: str) -> int:
    found = options.extra[name]
    assert isinstance(found, int)
    return found


def measure_plot(options: Options) -> int:
    """Run `bench plot`."""
    from experiments.bench import family, nested, random_programs
    from experiments.bench.language import FULL, QUICK, measure

    with Experiment("bench plot", options) as run:
        size, with_webppl = (
            QUICK if options.extra["quick"] else FULL,
            not options.extra["no_webppl"],
        )
        measure(run, size, with_webppl)
        with run.stage("queries inside models"):
            nested.measure(run, size.repeats, with_webppl)
        with run.stage("a family tree"):
            family.measure(run, size.repeats)
        random_programs.measure(run, _count(options, "programs"), _count(options, "malformed"))
        _show(run)
    return 0


def measure_inference(options: Options) -> int:
    """Run `bench inference`."""
    from experiments.bench import conversations, filters, kinship, posterior_sampling

    parts = {
        "conversations": conversations.measure,
        "kinship": kinship.measure,
        "filters": filters.measure,
        "contests": filters.beside_blackjax,
        "samplers": posterior_sampling.measure,
    }
    return _measure_parts("bench inference", parts, options)


def measure_worlds(options: Options) -> int:
    """Run `bench worlds`."""
    from experiments.bench import (
        worlds_collisions,
        worlds_conversations,
        worlds_kinship,
        worlds_lunch,
        worlds_plane,
        worlds_scenes,
    )

    parts = {
        "kinship": worlds_kinship.measure,
        "scenes": worlds_scenes.measure,
        "collisions": worlds_collisions.measure,
        "plane": worlds_plane.measure,
        "lunch": worlds_lunch.measure,
        "talks": worlds_conversations.measure,
    }
    return _measure_parts("bench worlds", parts, options)


def measure_vi(options: Options) -> int:
    """Run `bench vi`."""
    from experiments.bench.vi import QUICK, Sizes, measure

    wanted = options.extra["only"] or VARIATIONAL
    assert isinstance(wanted, (list, tuple))
    with Experiment("bench vi", options) as run:
        measure(run, QUICK if options.extra["quick"] else Sizes(), tuple(wanted))
    return 0


def measure_words(options: Options) -> int:
    """Run `bench words`."""
    from experiments.bench.words import measure

    with Experiment("bench words", options) as run:
        measure(run, _count(options, "most"))
        _show(run)
    return 0


def _measure_parts(
    title: str, parts: dict[str, Callable[[Experiment], None]], options: Options
) -> int:
    """Run the parts of a subject that `--only` names, or all."""
    wanted = options.extra["only"] or list(parts)
    assert isinstance(wanted, list)
    with Experiment(title, options) as run:
        for name in wanted:
            parts[name](run)
        _show(run)
    return 0


def _show(run: Experiment) -> None:
    for name, entry in run.figures.items():
        spread = entry.get("quartiles")
        quartiles = (
            f"  (quartiles {spread[0]:.3g} to {spread[1]:.3g})" if isinstance(spread, list) else ""
        )
        run.show(f"  {name}: {entry['value']:.4g}{quartiles}")
