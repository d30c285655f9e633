"""Words and a picture together: the picture shows three things, the sentence says what hides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from experiments.common import Experiment
    from plot.world import World

SENTENCE = "There is a mug behind the box."
MEANT = "(condition (exists (behind (things '(mug)) (things '(box)))))"
SHOWN = (("box", "red", "big", 52.0, 18.0), ("plate", "green", "big", 84.0, 30.0), ("glass", "blue", "big", 18.0, 8.0))  # fmt: skip
ASKED = (
    ("mean_number_of_things", "(query (number-of everything))"),
    ("p_three_things", "(query (= (number-of everything) 3))"),
    ("p_the_three_that_are_shown", "(query (and (= (number-of (things '(big red box))) 1) (= (number-of (things '(big green plate))) 1) (= (number-of (things '(big blue glass))) 1)))"),
    ("p_a_mug", "(query (exists (things '(mug))))"),
    ("p_a_small_mug", "(query (exists (things '(small mug))))"),
    ("p_a_red_mug", "(query (exists (things '(red mug))))"),
)  # fmt: skip


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
    """Look at the picture, then hear the sentence; figures and pictures go to the run.

    Args:
      run: of the experiment.
      world: of static scenes, of which nothing was told.
      scenes: that are followed.
    """
    import jax

    from models.worlds.scenes.picture import draw, likely
    from models.worlds.scenes.seeing import Seeing, SeeingOptions

    picture_key, infer_key, draw_key = jax.random.split(jax.random.fold_in(run.key, 77), 3)
    picture = taken(picture_key)
    engine = Seeing(picture, SeeingOptions(scenes=scenes))
    for name, told in (("seen", world), ("seen_and_told", world.tell(MEANT))):
        with run.stage(f"the picture, {name.replace('_', ' ')}"):
            for figure, question in ASKED:
                found = engine.infer(infer_key, told.ask(question))
                value = found.mean if figure.startswith("mean") else found.probability(True)
                warned = [note for note in found.notes if note.startswith("do not trust")]
                error = None if warned else value.standard_error
                run.figure(f"{name}_{figure}", value.value, error, n=scenes, note="; ".join(warned))
            evidence = found.evidence
            run.figure(f"{name}_log_evidence", evidence.log, evidence.error, n=scenes)
        with run.stage("draw"):
            title = "A picture alone" if told is world else f"The picture, and: {SENTENCE}"
            # The engine's seed is kept, so the scenes are those of the figures.
            shown = likely(told, draw_key, engine=_Fixed(engine, infer_key))  # type: ignore[arg-type]
            run.save_figure(draw(shown, picture, title), f"{name}.png")


class _Fixed:
    """An engine with its seed given, so that what it has found is found again at once."""

    def __init__(self, engine: Any, key: Any):
        self.engine, self.key, self.picture = engine, key, engine.picture

    def infer(self, key: Any, question: Any, progress: Any = None) -> Any:
        return self.engine.infer(self.key, question, progress)
