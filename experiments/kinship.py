"""Kinship: a family told and asked about in English, answered exactly and by particles.

Source: "From Word Models to World Models" (arXiv 2306.12672), section 3.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from experiments.common import Experiment, command, make_parser, read_options
from experiments.registry import description
from experiments.tug_of_war import translation

if TYPE_CHECKING:
    from inference import Belief
    from models.conversation import Conversation, Turn
    from plot.posterior import Posterior
    from plot.world import World

DESCRIPTION = description("kinship")
WORLDS = 50_000
QUESTION = (
    "Which of Charlie's children is Dana's parent?",
    "(query (who (lambda (x) (and (child x 'charlie) (parent x 'dana)))))",
)
ANSWERS = ("avery", "blake", "other")
DEFINITION = (
    "Siblings share both parents, and grandparents are the parents of either parent. The paper's model reaches "
    "both through the first parent alone; in its trees, where each child has a couple for parents and partners "
    "come from outside, that is the same."
)


@dataclass(frozen=True)
class Round:
    """What is told before the question is asked, and what the references say of the answer.

    Args:
      given: what has been told by then, in the names of figures.
      told: sentences, and what each is meant to say.
      exact: percent by summing over all families and all ways to lay names on them, in plain Python.
      paper: percent read by eye off the paper's figure.
      sampled: percent in an independent Monte Carlo run of the paper's archived definitions.
      accepted: samples in it.
    """

    given: str
    told: tuple[tuple[str, str], ...]
    exact: tuple[float, ...]
    paper: tuple[float, ...]
    sampled: tuple[float, ...]
    accepted: int


ROUNDS = (
    Round(
        "three_sentences",
        (
            ("Blake is Avery's sister.", "(condition (sister 'blake 'avery))"),
            (
                "Charlie is the father of both Avery and Blake.",
                "(condition (and (father 'charlie 'avery) (father 'charlie 'blake)))",
            ),
            ("Charlie is Dana's grandfather.", "(condition (grandfather 'charlie 'dana))"),
        ),
        (39.736, 39.736, 20.528),
        (40, 39, 20.5),
        (39.9, 39.9, 20.2),
        4158,
    ),
    Round(
        "and_blake_has_two_children",
        (
            (
                "Blake has two children.",
                "(condition (= (how-many (lambda (x) (child x 'blake))) 2))",
            ),
        ),
        (5.000, 91.985, 3.015),
        (9, 81, 10.5),
        (4.3, 93.0, 2.6),
        460,
    ),
    Round(
        "and_dana_has_no_siblings",
        (
            (
                "Dana has no siblings.",
                "(condition (not (anyone (lambda (x) (sibling x 'dana)))))",
            ),
        ),
        (62.972, 0.0, 37.028),
        (61, 0, 39),
        (80, 0, 20),
        15,
    ),
)
EVIDENCE = 8.3187e-5  # of the first round, by the same sum
# More questions, for the pictures of what is believed at the end.
MORE = (
    "How many children does Charlie have?",
    "How is Avery related to Dana?",
    "Does Avery have a brother?",
)
MEANT = {
    QUESTION[0]: QUESTION[1],
    MORE[0]: "(query (how-many (lambda (x) (child x 'charlie))))",
    MORE[1]: "(query (relation 'avery 'dana))",
    MORE[2]: "(query (anyone (lambda (x) (brother x 'avery))))",
    **{sentence: meant for one in ROUNDS for sentence, meant in one.told},
}


@dataclass(frozen=True)
class Said:
    """A sentence of the dialogue.

    Args:
      sentence: in English.
      turn: how it was read and answered; None where it could not be said.
      refused: why, where it could not.
      exact, sampled: answers to what was meant, where it asks: exact, and by a belief.
      seconds: of the belief.
    """

    sentence: str
    turn: Turn | None
    refused: str
    exact: Posterior | None = None
    sampled: Posterior | None = None
    seconds: float = 0.0

    @property
    def as_meant(self) -> bool:
        """Whether it was read as it was meant."""
        from models.meaning.normal import same
        from plot.reader import read_one

        meant = read_one(MEANT[self.sentence])
        return self.turn is not None and same(self.turn.used[0].tree, meant)


@command("kinship")
def main(argv: list[str]) -> int:
    """Run the experiment.

    Args:
      argv: its command line.

    Returns:
      The exit status.
    """
    options = read_options(make_parser("kinship", DESCRIPTION, WORLDS), argv)
    with Experiment("kinship", options) as run:
        talk, belief = start(run)
        sentences = [s for one in ROUNDS for s in (*(t for t, _ in one.told), QUESTION[0])]
        sentences += MORE
        said: list[Said] = []
        worlds: list[World] = []
        world = belief.world
        with run.stage("read and infer", total=len(sentences)) as progress:
            for i, sentence in enumerate(sentences, start=1):
                one, world, belief = say(run, talk, world, belief, sentence)
                said.append(one)
                worlds += [world] if sentence == QUESTION[0] else []
                progress(i)
        record(run, [one for one in said if one.sentence == QUESTION[0]], belief)
        run.section("definition_of_siblings_and_grandparents", DEFINITION)
        run.section("dialogue", [entry(one) for one in said])
        run.section("reports_of_the_belief", [report.to_json() for report in belief.reports])
        with run.stage("draw", total=len(worlds)) as progress:
            draw(run, said, worlds, progress)
        run.show(transcript(said), figures(run), Text(DEFINITION))
    return 0


def start(run: Experiment) -> tuple[Conversation, Belief]:
    """The conversation, and a belief that is told what is meant."""
    with run.stage("load"):
        import jax

        from inference import Auto, Belief, Sequential
        from models.conversation import BestReading, Conversation
        from models.meaning.translate import Meaning
        from models.words.model import embedded
        from models.worlds import load

        world = load("kinship")
        meaning = Meaning(embedded(), world.vocabulary)
    engine = Auto(worlds=run.options.worlds)
    talk = Conversation(world, meaning, run.key, engine, BestReading(), name="kinship")
    options = Sequential(worlds=run.options.worlds)
    return talk, Belief.of(world, jax.random.fold_in(run.key, 1), options)


def say(
    run: Experiment, talk: Conversation, world: World, belief: Belief, sentence: str
) -> tuple[Said, World, Belief]:
    """Say a sentence in the conversation; beside it what was meant is summed, and told to the belief."""
    import time

    from inference import Exact
    from plot.errors import PlotError

    turn, refused = None, ""
    try:
        turn = talk.say(sentence)
    except PlotError as error:
        refused = error.message
    meant = MEANT[sentence]
    began = time.perf_counter()
    if meant.startswith("(query"):
        sampled = belief.ask(meant)
        seconds = time.perf_counter() - began
        exact = Exact().infer(run.key, world.ask(meant))
        return Said(sentence, turn, refused, exact, sampled, seconds), world, belief
    belief, _ = belief.tell(meant)
    seconds = time.perf_counter() - began
    return Said(sentence, turn, refused, seconds=seconds), world.tell(meant), belief


def record(run: Experiment, asked: Sequence[Said], belief: Belief) -> None:
    """The figures: exact, by particles, and as they came out in the conversation."""
    told: list[str] = []
    for one, said in zip(ROUNDS, asked, strict=True):
        assert said.exact is not None and said.sampled is not None
        told += [sentence for sentence, _ in one.told]
        for i, name in enumerate(ANSWERS):
            value = [name]
            exact, sampled = share(said.exact, value), share(said.sampled, value)
            run.figure(
                figure_name(one, name),
                sampled[0],
                sampled[1],
                exact=exact[0],
                standard_errors_apart=apart(sampled, exact[0]),
                reference_by_plain_sums=one.exact[i],
                reference_paper_by_eye=one.paper[i],
                reference_independent_run=one.sampled[i],
                reference_independent_run_samples=one.accepted,
                told=list(told),
                asked=QUESTION[0],
                from_expression=MEANT[QUESTION[0]],
            )
    first = asked[0].exact
    assert first is not None
    run.figure(
        "exact_prior_probability_of_the_first_three_sentences",
        math.exp(first.evidence.log),
        reference_by_plain_sums=EVIDENCE,
    )
    last = asked[-1].exact
    assert last is not None
    run.figure(
        "log_prior_probability_of_all_sentences",
        belief.evidence.log,
        belief.evidence.error,
        exact=last.evidence.log,
    )


def figure_name(one: Round, answer: str) -> str:
    """What the share of an answer is called in the result."""
    who = "someone_unnamed" if answer == "other" else answer
    return f"percent_that_{who}_is_danas_parent_given_{one.given}"


def share(posterior: Posterior, value: Sequence[str]) -> tuple[float, float]:
    """Percent of an answer, and its standard error; nothing where it does not occur."""
    for row in posterior.table:
        if list(map(str, row.python)) == list(value):  # type: ignore[call-overload]
            return 100 * row.probability, 100 * row.standard_error
    return 0.0, 0.0


def apart(sampled: tuple[float, float], exact: float) -> float:
    """Standard errors between an estimate and the truth; 0 where both are the same."""
    value, error = sampled
    return 0.0 if value == exact else (value - exact) / error if error else math.copysign(1e9, value - exact)  # fmt: skip


def entry(said: Said) -> dict[str, object]:
    """A sentence of the dialogue, for JSON."""
    found: dict[str, object] = {
        "sentence": said.sentence,
        "meant": MEANT[said.sentence],
        "read_as_meant": said.as_meant,
        "seconds_of_the_belief": said.seconds,
    }
    if said.turn is not None:
        found["read"] = translation(said.turn)
    if said.refused:
        found["refused"] = said.refused
    if said.exact is not None and said.sampled is not None:
        found["exact"], found["by_particles"] = said.exact.summary(), said.sampled.summary()
        if said.turn is not None and said.turn.posterior is not None:
            found["in_the_conversation"] = said.turn.posterior.summary()
    return found


def transcript(said: Sequence[Said]) -> Group:
    """What was said and how it was read."""
    table = Table(
        "sentence", "read as", "sure", "inference", "", title="The dialogue", show_lines=True
    )
    for one in said:
        if one.turn is None:
            table.add_row(one.sentence, f"not read: {one.refused}", "", "", "missing")
            continue
        mark = "" if one.as_meant else f"meant: {MEANT[one.sentence]}"
        table.add_row(one.sentence, one.turn.used[0].text, f"{one.turn.sureness:.0%}", f"{one.turn.seconds:.2f} s", mark)  # fmt: skip
    notes = [
        Text(
            "Some sentences were not read as they were meant. The figures below come from the expressions that were "
            "meant, exactly and by particles; what the conversation answered is in result.json."
        )
    ]
    return Group(table, *(notes if not all(one.as_meant for one in said) else []))


def figures(run: Experiment) -> Table:
    """The answers beside the references."""
    table = Table(
        "", "answer", "exact %", "particles %", "s.e. apart", "plain sums %", "paper ~ %", "run % (n)",
        title=f"{QUESTION[0]} (particles: {run.options.worlds:,}; run: the independent one)",
    )  # fmt: skip
    for number, one in enumerate(ROUNDS, start=1):
        for name in ANSWERS:
            found = run.figures[figure_name(one, name)]
            table.add_row(
                str(number), name, f"{found['exact']:.3f}", f"{found['value']:.2f} ± {found['standard_error']:.2f}",
                f"{found['standard_errors_apart']:+.1f}", f"{found['reference_by_plain_sums']:.3f}", f"{found['reference_paper_by_eye']:g}",
                f"{found['reference_independent_run']:g} ({found['reference_independent_run_samples']:,})",
            )  # fmt: skip
    return table


def draw(run: Experiment, said: Sequence[Said], worlds: Sequence[World], progress: Any) -> None:
    """The most probable families at each question, and the answers."""
    from models.worlds.kinship.picture import picture

    for number, world in enumerate(worlds, start=1):
        figure = picture(world, run.key, run.options.worlds)
        run.save_figure(figure, f"families_at_question_{number}.png")
        progress(number)
    run.save_figure(marginals(said), "answers.png")


def marginals(said: Sequence[Said]) -> Any:
    """A panel for each question: exact bars, and dots with two standard errors by particles."""
    import numpy as np

    from plot.data import show
    from plot.drawing import label
    from plot.figure import Picture

    before = np.cumsum([one.exact is None for one in said])
    asked = [one for one in said if one.exact is not None]
    told = [int(n) for n, one in zip(before, said, strict=True) if one.exact is not None]
    columns = 3
    rows = math.ceil(len(asked) / columns)
    figure = Picture(figsize=(4.2 * columns, 3.1 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False)
    for axes, one, statements in zip(panels.flat, asked, told, strict=False):
        assert one.exact is not None and one.sampled is not None
        table = sorted(one.exact.table, key=lambda r: show(r.value))
        places = np.arange(len(table))
        axes.bar(places, [r.probability for r in table], color="#4477aa", label="exact")
        sampled = [one.sampled.probability(r.value) for r in table]
        axes.errorbar(
            places,
            [s.value for s in sampled],
            yerr=[2 * s.standard_error for s in sampled],
            fmt="o",
            color="black",
            markersize=4,
            capsize=3,
            label=f"by {one.sampled.worlds.kept:,} worlds (± 2 s.e.)",
        )
        names = [label(r.value).strip("()") or "nobody" for r in table]
        axes.set_xticks(places, names, rotation=20)
        axes.set_ylim(0, 1.25)
        axes.set_ylabel("probability")
        axes.set_title(f"{one.sentence}\nafter {statements} statements", fontsize=9)
        axes.legend(fontsize=7, frameon=False, loc="upper right")
        axes.spines[["top", "right"]].set_visible(False)
    for axes in list(panels.flat)[len(asked) :]:
        axes.set_visible(False)
    return figure
