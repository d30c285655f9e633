"""The world, the evidence and the question that all peers are measured on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from plot.backends import Backend, LaneMachine, Program
from plot.simulate import Worlds, simulate
from plot.world import Question, World

WORLD = Path(__file__).parents[2] / "models" / "worlds" / "tug_of_war" / "world.church"
TOLD = (
    "(condition (won-against '(tom) '(john)))",
    "(condition (won-against '(john mary) '(tom sue)))",
)
ASKED = "(query (strength 'mary))"


def question() -> Question:
    """Mary's strength, given that Tom beat John, and that John and Mary beat Tom and Sue."""
    world = World.from_file(WORLD)
    for statement in TOLD:
        world = world.tell(statement)
    return world.ask(ASKED)


def run_worlds(asked: Question, backend: Backend, seed: int, worlds: int) -> Worlds:
    """Draw worlds and keep those that fit, without the statistics of a posterior."""
    session, effects = asked.world.session, asked.effects
    return simulate(
        session.graph, session.atoms, effects, [asked.value], jax.random.key(seed), worlds, backend
    )


@dataclass
class _Watch:
    """A back end that remembers what it was given."""

    inner: Backend
    seen: list[tuple[Program, int]] = field(default_factory=list)
    name: str = "watch"
    devices: int = 1
    ordered: bool = False

    def prepare(
        self, program: Program, width: int
    ) -> Callable[[PRNGKeyArray, int, int, np.ndarray], jax.Array | np.ndarray]:
        self.seen.append((program, width))
        return self.inner.prepare(program, width)


def program_of(asked: Question) -> tuple[Program, int]:
    """The lane program that answers a question, and the worlds of one of its tiles."""
    watch = _Watch(LaneMachine())
    run_worlds(asked, watch, 0, 4096)
    return watch.seen[0]
