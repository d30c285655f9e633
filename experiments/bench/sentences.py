"""What a new sentence costs in a conversation that has gone on for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import jax

from experiments.bench.compilations import counted
from experiments.bench.model import ASKED, TOLD, WORLD
from inference import Importance
from plot.backends import Backend
from plot.world import World

# None of them has the structure of what was said before it.
NEW = (
    ("(condition (won-against '(mary) '(tom)))", "(query (strength 'mary))"),
    ("(condition (> (laziness 'sue) 0.75))", "(query (> (strength 'sue) (strength 'tom)))"),
    (
        "(condition (or (won-against '(sue) '(john)) (> (strength 'john) (strength 'sue))))",
        "(query (argmax strength '(tom john mary sue)))",
    ),
    (
        "(condition (>= (count (lambda (p) (> (strength p) 75)) '(tom john mary sue)) 1))",
        "(query (won-against '(tom john) '(mary sue)))",
    ),
    (
        "(condition (not (won-against '(ben) '(mary tom))))",
        "(query (- (strength 'ben) (strength 'mary)))",
    ),
)


@dataclass(frozen=True)
class Turn:
    """One sentence told, one question asked and answered.

    Args:
      told, asked: the expressions.
      seconds: for telling, asking and drawing the worlds.
      compilations: of XLA meanwhile.
      worlds_kept: of the answer.
    """

    told: str
    asked: str
    seconds: float
    compilations: int
    worlds_kept: int


def converse(
    backend: Backend, worlds: int, seed: int, said: Callable[[str], None] | None = None
) -> list[Turn]:
    """Warm up with the first two sentences, and measure the new ones.

    Args:
      backend: what runs the worlds; it may be warm from before.
      worlds: for each answer.
      seed: of the worlds.
      said: called with each statement.
    """
    engine = Importance(worlds=worlds, backend=backend)
    world = World.from_file(WORLD)
    for statement in TOLD:
        world = world.tell(statement)
        engine.infer(jax.random.key(seed), world.ask(ASKED))
    turns = []
    for i, (told, asked) in enumerate(NEW):
        if said is not None:
            said(told)
        with counted() as found:
            began = time.perf_counter()
            world = world.tell(told)
            answer = engine.infer(jax.random.fold_in(jax.random.key(seed), i), world.ask(asked))
            seconds = time.perf_counter() - began
        turns.append(Turn(told, asked, seconds, found.count, answer.worlds.kept))
    return turns
