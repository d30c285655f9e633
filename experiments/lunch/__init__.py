"""Agents and lunch: where someone goes, what a walk says, and what people believe, told in English.

Source: "From Word Models to World Models" (arXiv 2306.12672), section 3.3; Baker, Saxe and Tenenbaum,
Action understanding as inverse planning (2009).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from experiments.common import Experiment, command, make_parser, read_options
from experiments.registry import description

if TYPE_CHECKING:
    from experiments.lunch.dialogue import Episode, Figure
    from models.conversation import Conversation, Turn
    from models.meaning.translate import Meaning, Readings
    from plot.posterior import Posterior
    from plot.weights import Estimate

DESCRIPTION = description("lunch")
WORLDS = 200_000
LOOKS = 20_000  # worlds of a picture


@dataclass(frozen=True)
class Read:
    """How a sentence was read.

    Args:
      sentence: as it was said.
      intended: the fragment that is meant.
      readings: what is told or asked: what was read, or else what is meant.
      found: the best reading, or why there is none.
      right: whether that is what is meant.
      sure: its probability.
    """

    sentence: str
    intended: str
    readings: Readings
    found: str
    right: bool
    sure: float


@dataclass
class Answer:
    """An episode, how its sentences were read, and what came out."""

    episode: Episode
    read: list[Read]
    turn: Turn
    estimates: dict[str, Estimate] = field(default_factory=dict)

    @property
    def misread(self) -> list[Read]:
        """Sentences for which the intended expression was used."""
        return [r for r in self.read if not r.right]

    @property
    def posterior(self) -> Posterior:
        """The answer."""
        assert self.turn.posterior is not None
        return self.turn.posterior


@command("lunch")
def main(argv: list[str]) -> int:
    """Run the experiment.

    Args:
      argv: its command line.

    Returns:
      The exit status.
    """
    options = read_options(make_parser("lunch", DESCRIPTION, WORLDS), argv)
    with Experiment("lunch", options) as run:
        with run.stage("load"):
            import jax

            from experiments.lunch.dialogue import episodes
            from experiments.lunch.picture import answers_picture
            from inference import Importance
            from models.conversation import BestReading, Conversation
            from models.meaning.translate import Meaning
            from models.words.model import embedded
            from models.worlds import load
            from models.worlds.lunch.picture import picture

            world = load("lunch")
            meaning = Meaning(embedded(), world.vocabulary)
            scenes = episodes()
        lines = list(dict.fromkeys(line for e in scenes for line in (*e.told, e.asked)))
        with run.stage("translate", total=len(lines)) as progress:
            read = {}
            for i, line in enumerate(lines):
                read[line] = read_line(meaning, jax.random.fold_in(run.key, i), *line)
                progress(i + 1)
        answers, talks = [], []
        with run.stage("infer", total=len(scenes)) as progress:
            for i, episode in enumerate(scenes):
                engine = Importance(worlds=run.options.worlds)
                talk = Conversation(world, meaning, run.key, engine, BestReading(), name="lunch")
                answers.append(
                    converse(talk, episode, [read[x] for x in (*episode.told, episode.asked)])
                )
                talks.append(talk)
                progress(i + 1)
        for answer in answers:
            record(run, answer)
        missing = {
            f"{figure.name}_as_read": reason(answer.misread)
            for answer in answers
            if answer.misread
            for figure in answer.episode.figures
        }
        run.section("missing", missing)
        run.section("translations", [translation(r) for r in read.values()])
        with run.stage("draw"):
            run.save_figure(answers_picture(answers), "answers.png")
            for name, place in (
                ("ways_a.png", 0),
                ("ways_c.png", 3),
                ("ways_d.png", 5),
                ("ways_f.png", 8),
            ):
                run.save_figure(picture(talks[place].world, run.key, LOOKS), name)
        run.show(transcript(answers, list(read.values())))
    return 0


def read_line(meaning: Meaning, key: Any, sentence: str, intended: str) -> Read:
    """Read a sentence; where it is read otherwise than intended, what is meant is kept beside it."""
    from models.meaning.normal import same
    from models.meaning.translate import Kind, NotUnderstood, Reading, Readings
    from plot.reader import read_one

    tree = read_one(intended)
    kind = Kind.QUESTION if intended.startswith("(query") else Kind.STATEMENT
    meant = Readings(sentence, (Reading(kind, tree, intended, 1.0),), 0.0, 0.0, 0.0)
    try:
        readings = meaning.translate(key, sentence)
    except NotUnderstood as error:
        return Read(sentence, intended, meant, error.message, False, 0.0)
    best = readings.best
    right = same(best.tree, tree)
    return Read(
        sentence, intended, readings if right else meant, best.text, right, best.probability
    )


def converse(talk: Conversation, episode: Episode, read: list[Read]) -> Answer:
    """Tell and ask an episode."""
    turn = None
    for r in read:
        turn = talk.read_as(r.sentence, r.readings, r.readings.readings[:1])
    assert turn is not None
    answer = Answer(episode, read, turn)
    for figure in episode.figures:
        answer.estimates[figure.name] = estimate(answer.posterior, figure)
    return answer


def estimate(posterior: Posterior, figure: Figure) -> Estimate:
    """The probability that a figure is about."""
    from plot.data import Name

    value = Name(figure.value) if isinstance(figure.value, str) else figure.value
    return posterior.probability(value)


def record(run: Experiment, answer: Answer) -> None:
    """Write the figures of an episode, and what they were computed from."""
    for figure in answer.episode.figures:
        found = answer.estimates[figure.name]
        more: dict[str, object] = {
            "told": [sentence for sentence, _ in answer.episode.told],
            "asked": answer.episode.asked[0],
            "computed_from": "intended expressions" if answer.misread else "readings",
            "effective_worlds": answer.posterior.effective_size,
        }
        if answer.misread:
            more["note"] = reason(answer.misread)
        for key, value in (("reference", figure.reference), ("exact", figure.exact)):
            if value is not None:
                more[key] = value
        run.figure(figure.name, found.value, found.standard_error, **more)


def reason(misread: list[Read]) -> str:
    """Why a figure is not that of what was read."""
    return "; ".join(f"`{r.sentence}` was read as {r.found}" for r in misread)


def translation(r: Read) -> dict[str, object]:
    """A sentence, its best reading and what is meant, for JSON."""
    return {
        "sentence": r.sentence,
        "read_as": r.found,
        "intended": r.intended,
        "read_as_intended": r.right,
        "probability": r.sure,
    }


def transcript(answers: list[Answer], read: list[Read]) -> Group:
    """What was read and what was answered, for people."""
    sentences = Table(show_edge=False, pad_edge=False)
    for title in ("sentence", "read as", "sure"):
        sentences.add_column(title, overflow="fold", justify="right" if title == "sure" else "left")
    for r in read:
        mark = r.found if r.right else f"{r.found}  (not what is meant: {r.intended} is used)"
        sentences.add_row(*map(Text, (r.sentence, mark, f"{r.sure:.0%}")))
    figures = Table(show_edge=False, pad_edge=False)
    for title in ("episode", "figure", "probability (± s.e.)", "exact", "reference", "from"):
        least = 32 if title == "figure" else None
        figures.add_column(title, overflow="fold", justify="left", min_width=least)
    for answer in answers:
        for i, figure in enumerate(answer.episode.figures):
            found = answer.estimates[figure.name]
            cells = (
                answer.episode.title if i == 0 else "",
                figure.name,
                f"{found.value:.3f} ± {found.standard_error:.3f}",
                "" if figure.exact is None else f"{figure.exact:.4f}",
                "" if figure.reference is None else f"{figure.reference:.3f}",
                "what is meant" if answer.misread else "what was read",
            )
            figures.add_row(*map(Text, cells))
    return Group(sentences, Text(""), figures)
