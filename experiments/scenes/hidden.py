"""Words and a picture together: the picture shows three things, the sentence says what hides."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.scenes.blind import compare, worth

if TYPE_CHECKING:
    from experiments.common import Experiment
    from experiments.scenes.quadrature import Holds, Others, Sums
    from models.worlds.scenes.seeing import Seeing
    from plot.posterior import Posterior
    from plot.world import World

SENTENCE = "There is a mug behind the box."
MEANT = "(condition (exists (behind (things '(mug)) (things '(box)))))"
SHOWN = (("box", "red", "big", 52.0, 18.0), ("plate", "green", "big", 84.0, 30.0), ("glass", "blue", "big", 18.0, 8.0))  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A question about the table, and its answer as sums give it.

    Args:
      figure: its name.
      query: as it is asked.
      exact: from the sums, and what the sentence says of another thing, where one was said: the value and
        its standard error.
    """

    figure: str
    query: str
    exact: Callable[[Sums, Holds | None], tuple[float, float]]


def _some(holds: Holds) -> Callable[[Sums, Holds | None], tuple[float, float]]:
    return lambda found, told: (found.some(holds, told), found.some_error(holds, told))


def _a_mug(others: Others) -> np.ndarray:
    return others["kind"] == "mug"


def _behind_the_box(others: Others) -> np.ndarray:
    return _a_mug(others) & (others["away"] > SHOWN[0][4])


def _number(found: Sums, told: Holds | None) -> tuple[float, float]:
    number = found.number(told)
    sure = found.seen + (told is not None)
    return number, (number - sure) * found.others_error


def _none(found: Sums, told: Holds | None) -> tuple[float, float]:
    """That there is no other thing."""
    if told is not None:
        return 0.0, 0.0
    none = float(found.chances[0])
    return none, none * (1 - none) * found.others_error


ASKED = (
    Asked("mean_number_of_things", "(query (number-of everything))", _number),
    Asked("p_three_things", "(query (= (number-of everything) 3))", _none),
    Asked("p_a_mug", "(query (exists (things '(mug))))", _some(_a_mug)),
    Asked("p_a_small_mug", "(query (exists (things '(small mug))))", _some(lambda o: _a_mug(o) & (o["size"] == "small"))),
    Asked("p_a_red_mug", "(query (exists (things '(red mug))))", _some(lambda o: _a_mug(o) & (o["color"] == "red"))),
    Asked("p_a_mug_behind_the_box", MEANT.replace("condition", "query"), _some(_behind_the_box)),
)  # fmt: skip
# What is told besides the picture: a name, the statement, and what it says of another thing.
TOLD: tuple[tuple[str, str, Holds | None], ...] = (
    ("seen", "", None),
    ("seen_and_told_what_hides", MEANT, _behind_the_box),
)


def taken(key: Any) -> np.ndarray:
    """A noisy picture of the three things."""
    import jax
    import jax.numpy as jnp

    from models.worlds.scenes.renderer import COLORS, KINDS, NOISE, PLACES, SIZES, Scene, render

    def row(values: list[float], dtype: Any) -> Any:
        return jnp.array(values + [0] * (PLACES - len(values)), dtype)

    kinds, colors, sizes = (
        row([float(names.index(thing[i])) for thing in SHOWN], jnp.int32)
        for i, names in enumerate((KINDS, COLORS, SIZES))
    )
    across, away = (row([float(thing[i]) for thing in SHOWN], jnp.float32) for i in (3, 4))
    scene = Scene(jnp.array(len(SHOWN)), kinds, colors, sizes, across, away)
    clean = render(scene)
    return np.asarray(clean + NOISE * jax.random.normal(key, clean.shape))


def measure(run: Experiment, world: World, scenes: int) -> None:
    """Look at the picture, then hear of a mug; figures and pictures go to the run.

    Args:
      run: of the experiment.
      world: of static scenes, of which nothing was told.
      scenes: of each run.
    """
    import jax

    from experiments.scenes.quadrature import sums
    from models.worlds.scenes.picture import draw, likely
    from models.worlds.scenes.seeing import Seeing, SeeingOptions

    keys = jax.random.split(jax.random.fold_in(run.key, 77), 4)
    picture = taken(keys[0])
    engine = Seeing(picture, SeeingOptions(scenes=scenes))
    with run.stage("the picture, summed"):
        exact = sums(picture, SHOWN, run.options.seed)
    for name, statement, says in TOLD:
        told = world.tell(statement) if statement else world
        with run.stage(f"the picture, {name.replace('_', ' ')}"):
            found = record(run, name, engine, keys[1], told, exact, says)
        if name == "seen":
            run.section("picture", {"notes": list(found.notes)})
        with run.stage("draw"):
            title = "A picture alone" if told is world else f"The picture, and: {SENTENCE}"
            # The engine's seed is kept, so the scenes are those of the figures.
            shown = likely(told, keys[2], engine=_Fixed(engine, keys[1]))  # type: ignore[arg-type]
            run.save_figure(draw(shown, picture, title), f"{name}.png")
    question = world.ask(ASKED[0].query)
    compare(run, picture, scenes, keys[1], question, exact, engine.seen(keys[1], question))
    with run.stage("the picture, another seed"):
        began = time.perf_counter()
        other = engine.infer(keys[3], question).evidence
        run.figure("seen_seconds", time.perf_counter() - began, unit="s")
        first = run.figures["seen_log_evidence"]
        apart = (other.log - first["value"]) / float(np.hypot(other.error, first["standard_error"]))
        run.figure(
            "seen_log_evidence_another_seed",
            other.log,
            other.error,
            exact=exact.log_evidence,
            exact_standard_error=exact.error,
        )
        run.figure("seen_log_evidence_standard_errors_between_seeds", apart)


def record(
    run: Experiment,
    name: str,
    engine: Seeing,
    key: Any,
    told: World,
    exact: Sums,
    says: Holds | None,
) -> Posterior:
    """Ask all that is asked, beside the sums."""
    for asked in ASKED:
        found = engine.infer(key, told.ask(asked.query))
        mean = asked.figure.startswith("mean")
        value = found.mean if mean else found.probability(True)
        warned = [note for note in found.notes if note.startswith("do not trust")]
        error = None if warned else value.standard_error
        sums, unsure = asked.exact(exact, says)
        more = {"exact": sums, "exact_standard_error": unsure, "note": "; ".join(warned)}
        run.figure(f"{name}_{asked.figure}", value.value, error, **more)
    seen = engine.seen(key, told.ask(ASKED[0].query))
    log, error = exact.log_evidence, exact.error
    if says is not None:
        log, error = (
            log + float(np.log(exact.some(says))),
            float(np.hypot(error, exact.others_error)),
        )
    run.figure(
        f"{name}_log_evidence",
        seen.evidence.log,
        seen.evidence.error,
        exact=log,
        exact_standard_error=error,
    )
    worth(run, name, seen)
    return found


class _Fixed:
    """An engine with its seed given, so that what it has found is found again at once."""

    def __init__(self, engine: Any, key: Any):
        self.engine, self.key, self.picture = engine, key, engine.picture

    def infer(self, key: Any, question: Any, progress: Any = None) -> Any:
        return self.engine.infer(self.key, question, progress)
