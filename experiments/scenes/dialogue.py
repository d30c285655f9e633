"""What is said in the experiment, what it means, and what it must come out at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from experiments.scenes.exact import answer
from plot.errors import PlotError

if TYPE_CHECKING:
    from jaxtyping import PRNGKeyArray

    from models.conversation import Conversation
    from plot.posterior import Posterior


@dataclass(frozen=True)
class Said:
    """A sentence.

    Args:
      sentence: in English.
      meant: the expression that it should become.
      figure: the name of the number that its answer gives, where it asks.
      exact: that number, from combinatorics.
    """

    sentence: str
    meant: str
    figure: str = ""
    exact: float | None = None


@dataclass(frozen=True)
class Line:
    """A sentence and what became of it.

    Args:
      said: what was said and meant.
      read: the expression that it became, or why it became none.
      right: whether that means what was meant; if not, the intended expression was used.
      sureness: the probability of the reading.
      answer: where it asks.
      seconds: of inference.
    """

    said: Said
    read: str
    right: bool
    sureness: float
    answer: Posterior | None
    seconds: float


def _mean(groups: list[str], told: Callable[[Any], bool], asked: Callable[[Any], float]) -> float:
    return answer(groups, told, asked)[1]


def talks() -> tuple[tuple[Said, ...], ...]:
    """The conversations, each about a table of its own, with their exact answers."""
    return (
        (
            Said("There is a blue thing.", "(condition (exists (things '(blue))))"),
            Said(
                "Is there a blue mug?",
                "(query (exists (things '(blue mug))))",
                "p_blue_mug_given_a_blue_thing",
                _mean(["blue", "blue mug"], lambda n: n["blue"] > 0, lambda n: n["blue mug"] > 0),
            ),
            Said(
                "How many things are there?",
                "(query (number-of everything))",
                "mean_number_of_things_given_a_blue_thing",
                _mean(["", "blue"], lambda n: n["blue"] > 0, lambda n: n[""]),
            ),
        ),
        (
            Said("There are at least two mugs.", "(condition (>= (number-of (things '(mug))) 2))"),
            Said("There are exactly two plates.", "(condition (= (number-of (things '(plate))) 2))"),
            Said(
                "Are there more mugs than plates?",
                "(query (> (number-of (things '(mug))) (number-of (things '(plate)))))",
                "p_more_mugs_than_plates",
                _mean(["mug", "plate"], lambda n: n["mug"] >= 2 and n["plate"] == 2, lambda n: n["mug"] > n["plate"]),
            ),
            Said(
                "How many mugs are there?",
                "(query (number-of (things '(mug))))",
                "mean_number_of_mugs",
                _mean(["mug", "plate"], lambda n: n["mug"] >= 2 and n["plate"] == 2, lambda n: n["mug"]),
            ),
        ),
        (
            Said("There are many bowls.", "(condition (>= (number-of (things '(bowl))) 5))"),
            Said(
                "There is a bowl together with a red box.",
                "(condition (and (exists (things '(bowl))) (exists (things '(red box)))))",
            ),
            Said(
                "Is there a green bowl?",
                "(query (exists (things '(green bowl))))",
                "p_green_bowl_given_many_bowls",
                _mean(["bowl", "red box", "green bowl"], lambda n: n["bowl"] >= 5 and n["red box"] > 0, lambda n: n["green bowl"] > 0),
            ),
        ),
        (
            Said("There is exactly one mug.", "(condition (= (number-of (things '(mug))) 1))"),
            Said("There is exactly one plate.", "(condition (= (number-of (things '(plate))) 1))"),
            Said("There is exactly one box.", "(condition (= (number-of (things '(box))) 1))"),
            Said(
                "Is the mug between the plate and the box?",
                "(query (exists (between (things '(mug)) (things '(plate)) (things '(box)))))",
                "p_mug_between_plate_and_box",
                1 / 3,
            ),
            Said("The mug is left of the plate.", "(condition (exists (left-of (things '(mug)) (things '(plate)))))"),
            Said(
                "Is the mug left of the box?",
                "(query (exists (left-of (things '(mug)) (things '(box)))))",
                "p_mug_left_of_box_given_left_of_plate",
                2 / 3,
            ),
        ),
    )  # fmt: skip


def converse(talk: Conversation, said: tuple[Said, ...]) -> list[Line]:
    """Say sentences; where one is read otherwise than it was meant, it is taken for what was meant.

    Args:
      talk: a conversation in which nothing was said.
      said: the sentences.
    """
    from time import perf_counter

    from models.meaning.equivalence import equivalent
    from plot.reader import read_one

    start, world, lines, all_right = talk.world, talk.world, [], True
    for one in said:
        meant = read_one(one.meant)
        try:
            turn = talk.say(one.sentence)
        except PlotError as error:
            line = Line(one, f"{error.kind}: {error.message}", False, 0.0, None, 0.0)
        else:
            right = equivalent(start, turn.used[0].tree, meant)
            line = Line(one, turn.used[0].text, right, turn.sureness, turn.posterior, turn.seconds)
            if not right:
                talk.undo()
        all_right = all_right and (line.right or bool(one.figure))
        if not one.figure:
            world = world.tell(one.meant)
        elif not (line.right and all_right):
            began = perf_counter()
            found = talk.engine.infer(talk.key, world.ask(one.meant))
            line = replace(line, answer=found, seconds=perf_counter() - began)
        lines.append(line)
    return lines


def key_of(key: PRNGKeyArray, number: int) -> PRNGKeyArray:
    """The seed of a conversation."""
    import jax

    return jax.random.fold_in(key, number)
