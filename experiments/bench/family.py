"""A world of the size of a family tree: 26 people at most, names laid at random."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import jax

from experiments.bench.timing import take_turns
from plot.backends import LaneMachine
from plot.simulate import Worlds, simulate
from plot.world import Question, World

if TYPE_CHECKING:
    from experiments.common import Experiment

PROGRAM = Path(__file__).parent / "programs" / "family.church"
SENTENCES = (
    "(condition (sister-of? (who 'blake) (who 'avery)))",
    "(condition (father-of? (who 'charlie) (who 'avery)))",
    "(condition (father-of? (who 'charlie) (who 'blake)))",
    "(condition (grandfather-of? (who 'charlie) (who 'dana)))",
)
QUESTION = """
(cond ((parent-of? (who 'avery) (who 'dana)) 'avery)
      ((parent-of? (who 'blake) (who 'dana)) 'blake)
      (else 'other))
"""
WORLDS = 1_000_000
WANTED_SECONDS, WANTED_CACHED, WANTED_RATE = 3.0, 0.5, 250_000


def measure(run: Experiment, repeats: int) -> None:
    """Evaluate the world, start it again from the cache, and run it; figures go to the run."""
    text = PROGRAM.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        fresh, _ = _timed(lambda: World.from_source(text, cache=False))
        World.from_source(text, cache=Path(folder))
        cached, world = _timed(lambda: World.from_source(text, cache=Path(folder)))
    telling, asked = _timed(lambda: converse(world))
    run.figure("family_evaluation_seconds", fresh, wanted=WANTED_SECONDS)
    run.figure("family_second_start_seconds", cached, wanted=WANTED_CACHED)
    run.figure("family_four_sentences_seconds", telling)
    run.figure("family_operations", len(world.session.graph.nodes))
    backend = LaneMachine()
    times, _ = take_turns({"worlds": lambda seed: draw(asked, seed, backend)}, max(3, repeats // 3))
    rate = WORLDS / times["worlds"].median
    run.figure("family_worlds_per_second", rate, wanted=WANTED_RATE, note="with four sentences")


def converse(world: World) -> Question:
    """Tell the sentences and ask the question."""
    for sentence in SENTENCES:
        world = world.tell(sentence)
    return world.ask(QUESTION)


def draw(asked: Question, seed: int, backend: LaneMachine, worlds: int = WORLDS) -> Worlds:
    """Run the question's worlds."""
    session = asked.world.session
    key = jax.random.key(seed)
    return simulate(
        session.graph, session.atoms, asked.effects, [asked.value], key, worlds, backend
    )


def _timed(work):
    began = time.perf_counter()
    result = work()
    return time.perf_counter() - began, result
