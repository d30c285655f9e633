"""How well sentences are read against the work that it takes: particle filters, best of N, beams.

    python -m experiments translation_scaling
    python -m experiments translation_scaling --most 20 --temperature 1.5

Every method searches the same distribution, the model's over the words of a sentence's grammar, and
answers by one rule: of the expressions that it found, those of one meaning are put together, each
with its exact probability, and the most probable meaning is the answer. It is right where it is
equivalent to the expression written by hand. The cost is the number of tokens that the model is run
on after the prompt; what several sequences of one search begin with is run once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

from experiments.common import Experiment, UsageError, command, make_parser, positive, read_options
from experiments.registry import description
from experiments.translation import DATA, read_pairs

if TYPE_CHECKING:
    from inference.tokens import Constraint, SmcResult

DESCRIPTION = description("translation_scaling")
SIZES = (1, 2, 4, 8, 16, 32)
MOST = 8
STYLES = {
    "particle filter": ("#4477aa", "o", "-"),
    "particle filter, all different": ("#228833", "s", "-"),
    "best of N": ("#ee6677", "^", "--"),
    "beam search": ("#777777", "D", "--"),
}
PARTICLES, OTHERS = tuple(STYLES)[:2], tuple(STYLES)[2:]


@dataclass
class Counting:
    """A language model that counts the tokens it is run on; what was run before is not run again.

    Args:
      inner: what is run.
      said: the beginnings of texts that have been run since the count began.
    """

    inner: Any
    said: set[tuple[int, ...]] = field(default_factory=set)

    @property
    def tokenizer(self) -> Any:
        """The inner model's."""
        return self.inner.tokenizer

    def prefix(self, tokens: Sequence[int], after: Any = None) -> Any:
        """Not counted: all methods have the same prompt."""
        return self.inner.prefix(tokens, after)

    def start(self, prefix: Any, tokens: Sequence[int] = (), *, particles: int) -> Any:
        """Particles that have said nothing."""
        state, logits = self.inner.start(prefix, tokens, particles=particles)
        return (state, [()] * particles), logits

    def advance(self, state: Any, tokens: Any, lengths: Any) -> Any:
        """Counts what is new."""
        inner, texts = state
        chunks = [row[:n] for row, n in zip(np.asarray(tokens).tolist(), lengths, strict=True)]
        told = [self._run(t, chunk) for t, chunk in zip(texts, chunks, strict=True)]
        inner, logits = self.inner.advance(inner, tokens, lengths)
        return (inner, told), logits

    def gather(self, state: Any, ancestors: Any) -> Any:
        """Costs nothing."""
        inner, texts = state
        return self.inner.gather(inner, ancestors), [texts[int(a)] for a in ancestors]

    def score(self, after: Any, sequences: Sequence[Sequence[int]]) -> Any:
        """Counts what was not run before; the last token of each is not run."""
        for each in sequences:
            self._run((), list(each[:-1]))
        return self.inner.score(after[0], sequences)

    def _run(self, text: tuple[int, ...], more: list[int]) -> tuple[int, ...]:
        for token in more:
            text = (*text, token)
            self.said.add(text)
        return text


@dataclass(frozen=True)
class Case:
    """A sentence, ready to be searched.

    Args:
      name, sentence: of the world; in English.
      world: where expressions are compared.
      prefix: the world's prompt, run.
      prompt: tokens of the sentence.
      constraint: its grammar.
      gold: the expressions that are right.
    """

    name: str
    sentence: str
    world: Any
    prefix: Any
    prompt: list[int]
    constraint: Constraint
    gold: list[Any]


@dataclass(frozen=True)
class Found:
    """What one search of one sentence came to.

    Args:
      right: whether its answer was; whether its single most probable expression was.
      listed: whether the right meaning was found at all.
      cost: tokens run after the prompt.
    """

    right: bool
    right_single: bool
    listed: bool
    cost: int


@command("translation_scaling")
def main(argv: list[str]) -> int:
    """Run the experiment.

    Args:
      argv: its command line.

    Returns:
      The exit status.
    """
    parser = make_parser("translation_scaling", f"{DESCRIPTION}; --worlds plays no part", 1)
    parser.add_argument("--most", type=positive, default=MOST, help="sentences of each file")
    parser.add_argument("--largest", type=positive, default=16, help="the most particles")
    parser.add_argument("--temperature", type=float, default=1.0, help="of the samplers")
    options = read_options(parser, argv)
    most, largest = int(str(options.extra["most"])), int(str(options.extra["largest"]))
    temperature = float(str(options.extra["temperature"]))
    if not 0 < temperature < 100:
        raise UsageError(f"argument --temperature: {temperature} is not between 0 and 100")
    sizes = tuple(size for size in SIZES if size <= largest)
    with Experiment("translation_scaling", options) as run:
        with run.stage("load the model and the worlds"):
            model = _model()
            cases = list(_cases(model, most))
        with run.stage("search", total=len(cases)) as progress:
            found = [_search_all(run.key, model, case, sizes, temperature, progress, i)
                     for i, case in enumerate(cases)]  # fmt: skip
        report(run, cases, found, sizes, temperature)
    return 0


def _model() -> Any:
    from models.words.model import embedded

    return embedded()


def _cases(model: Any, most: int) -> Iterator[Case]:
    """Sentences of every file, spread over it."""
    from inference.tokens import Constraint, grammar, mentions, written
    from models.meaning.prompt import clean, continuation, prefix
    from models.worlds import available, load

    for name in available():
        world, files = load(name), sorted(DATA.glob(f"{name}_sentences*.tsv"))
        begun = model.prefix(model.tokenizer.encode(prefix(world.vocabulary))) if files else None
        for file in files:
            pairs = read_pairs(file, world)
            for sentence, gold in pairs[:: max(1, -(-len(pairs) // most))]:
                text = clean(sentence)
                allowed = mentions(text, world.vocabulary).allowed
                lark = grammar(world.vocabulary, allowed)
                prompt = model.tokenizer.encode(continuation(text))
                constraint = Constraint(model.tokenizer, lark, written(allowed))
                yield Case(name, sentence, world, begun, prompt, constraint, gold)


def searches(
    temperature: float,
) -> dict[str, Callable[[Any, Any, Case, int], SmcResult]]:
    """Each method as a function of a key, a model, a sentence and a number of particles.

    Args:
      temperature: of those that draw.
    """
    from inference.tokens import (
        BeamOptions,
        BestOfOptions,
        DistinctOptions,
        SmcOptions,
        beam,
        best_of,
        distinct_smc,
        smc,
    )

    t = temperature

    def of(case: Case) -> tuple[Any, Any, Any]:
        return case.prefix, case.prompt, case.constraint

    return {
        "particle filter": lambda key, model, case, n: smc(
            key, model, *of(case), SmcOptions(n, temperature=t)
        ),
        "particle filter, all different": lambda key, model, case, n: distinct_smc(
            key, model, *of(case), DistinctOptions(n, temperature=t)
        ),
        "best of N": lambda key, model, case, n: best_of(
            key, model, *of(case), BestOfOptions(n, temperature=t)
        ),
        "beam search": lambda key, model, case, n: beam(model, *of(case), BeamOptions(n)),
    }


def _search_all(
    key: Any,
    model: Any,
    case: Case,
    sizes: tuple[int, ...],
    temperature: float,
    progress: Any,
    number: int,
) -> dict[tuple[str, int], Found]:
    import jax

    known: dict[Any, bool] = {}
    out = {}
    for m, (method, search) in enumerate(searches(temperature).items()):
        for size in sizes:
            counting = Counting(model)
            own = jax.random.fold_in(jax.random.fold_in(key, number), 100 * m + size)
            result = search(own, counting, case, size)
            out[method, size] = _judge(case, result, model, len(counting.said), known)
    progress(number + 1)
    return out


def _judge(case: Case, result: SmcResult, model: Any, cost: int, known: dict[Any, bool]) -> Found:
    """Whether the most probable meaning, and the most probable expression, are right."""
    from models.meaning.normal import NormalOptions, normal
    from plot.reader import read_one

    meanings: dict[Any, tuple[float, Any]] = {}
    best, single = -np.inf, None
    for sample in result.samples:
        tree = read_one(model.tokenizer.decode(sample.tokens))
        same = normal(tree, NormalOptions())
        total, first = meanings.get(same, (0.0, tree))
        meanings[same] = (total + float(np.exp(sample.log_probability)), first)
        if sample.log_probability > best:
            best, single = sample.log_probability, same
    ranked = sorted(meanings, key=lambda same: -meanings[same][0])

    def right(same: Any) -> bool:
        from models.meaning.equivalence import equivalent

        if same not in known:
            tree = meanings[same][1]
            known[same] = any(equivalent(case.world, tree, gold) for gold in case.gold)
        return known[same]

    first = bool(ranked) and right(ranked[0])
    alone = single is not None and right(single)
    return Found(first, alone, any(right(same) for same in ranked[:5]), cost)


def report(
    run: Experiment,
    cases: list[Case],
    found: list[dict[tuple[str, int], Found]],
    sizes: tuple[int, ...],
    temperature: float,
) -> None:
    """Record the figures, and draw."""
    table = Table(show_edge=False, pad_edge=False)
    for title in ("method", "N", "right", "by one text", "in first 5", "tokens run"):
        first = title == "method"
        table.add_column(title, justify="left" if first else "right", no_wrap=not first)
    n = len(cases)
    for method in STYLES:
        for size in sizes:
            some = [each[method, size] for each in found]
            right, single, listed = (
                _mean([f.right for f in some]),
                _mean([f.right_single for f in some]),
                _mean([f.listed for f in some]),
            )
            cost = _mean([f.cost for f in some])
            name = f"{method.replace(',', '').replace(' ', '_')}_{size}"
            run.figure(f"{name}_share_right", *right, n=n)
            run.figure(f"{name}_share_single_right", *single, n=n)
            run.figure(f"{name}_share_right_in_top_5", *listed, n=n)
            run.figure(f"{name}_tokens_run", *cost, n=n, unit="tokens a sentence after its prompt")
            table.add_row(
                method, str(size), f"{right[0]:.1%} ± {right[1]:.1%}", f"{single[0]:.1%}",
                f"{listed[0]:.1%}", f"{cost[0]:.0f}",
            )  # fmt: skip
    for method in PARTICLES:
        for other in OTHERS:
            gaps = _at_equal_cost(found, method, other, sizes)
            name = f"{method} minus {other}".replace(",", "").replace(" ", "_")
            run.figure(f"{name}_at_equal_cost", *gaps, n=n, note="mean over N, pairs of sentences")
    run.section(
        "sentences",
        [
            {
                "world": case.name,
                "sentence": case.sentence,
                "right": {f"{m}, {s}": f.right for (m, s), f in each.items()},
                "tokens_run": {f"{m}, {s}": f.cost for (m, s), f in each.items()},
            }
            for case, each in zip(cases, found, strict=True)
        ],
    )
    run.show(table)
    with run.stage("draw"):
        run.save_figure(picture(found, sizes, temperature), "scaling.png")


def _mean(values: Sequence[float | bool]) -> tuple[float, float]:
    array = np.array(values, float)
    return float(array.mean()), float(array.std() / np.sqrt(len(array)))


def _at_equal_cost(
    found: list[dict[tuple[str, int], Found]], method: str, other: str, sizes: tuple[int, ...]
) -> tuple[float, float]:
    """How much more often one method is right than another that runs as many tokens.

    The other's share at a cost between two of its sizes lies on the line between them; beyond
    them it is that of the nearest size.

    Returns:
      The mean over sizes, and its standard error over sentences.
    """
    right = {
        (m, s): np.array([each[m, s].right for each in found], float)
        for m in (method, other)
        for s in sizes
    }
    cost = {k: float(np.mean([each[k].cost for each in found])) for k in right}
    grid = np.array([cost[other, s] for s in sizes])
    table = np.array([right[other, s] for s in sizes])  # [sizes, sentences]
    order = np.argsort(grid)
    gaps = []
    for size in sizes:
        at = np.interp(cost[method, size], grid[order], np.arange(len(sizes)))
        low, share = int(at), at - int(at)
        high = min(low + 1, len(sizes) - 1)
        peer = (1 - share) * table[order[low]] + share * table[order[high]]
        gaps.append(right[method, size] - peer)
    each = np.mean(gaps, axis=0)
    return float(each.mean()), float(each.std() / np.sqrt(len(each)))


def picture(
    found: list[dict[tuple[str, int], Found]], sizes: tuple[int, ...], temperature: float
) -> Any:
    """Shares right against particles, and against the tokens that were run."""
    from plot.figure import Picture

    figure = Picture(figsize=(9.2, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for i, (method, (color, marker, line)) in enumerate(STYLES.items()):
        shares, errors = zip(
            *(_mean([each[method, s].right for each in found]) for s in sizes), strict=True
        )
        costs = [float(np.mean([each[method, s].cost for each in found])) for s in sizes]
        apart = np.array(sizes) * 1.06 ** (i - 1.5)  # so that bars do not hide each other
        for axes, across in ((left, apart), (right, costs)):
            axes.errorbar(
                across, shares, yerr=errors, color=color, marker=marker, linestyle=line,
                capsize=3, markersize=5, linewidth=1.2, label=method,
            )  # fmt: skip
    for axes, text in (
        (left, "particles, samples, or width of the beam"),
        (
            right,
            "cost: tokens the model is run on, a sentence\n(after the prompt; shared beginnings once)",
        ),
    ):
        axes.set_xscale("log", base=2)
        axes.set_xlabel(text)
        axes.spines[["top", "right"]].set_visible(False)
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    left.set_xticks(sizes)
    left.set_ylabel("share of sentences whose most probable\nmeaning found is right")
    right.legend(frameon=False, loc="lower right", fontsize=8)
    figure.suptitle(
        f"Reading against work: n = {len(found)} hand-written sentences, sampling temperature "
        f"{temperature:g}, ± 1 standard error",
        fontsize=10,
    )
    return figure
