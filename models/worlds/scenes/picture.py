"""Pictures of what is believed of a table: likely scenes, drawn, and how many there are of what."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from inference import Auto, Engine
from models.worlds.likely import told_in_words
from models.worlds.scenes.renderer import (
    BOTTOM,
    COLORS,
    KINDS,
    LEFT,
    PLACES,
    RIGHT,
    SIZES,
    TOP,
    Scene,
    body,
    render,
)
from models.worlds.scenes.seeing import ALL_DRAWS
from plot.data import show, spine
from plot.weights import effective_size
from plot.world import World

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DRAWN = 1_000  # scenes that shares are taken of
SHOWN = 6
FINE = (170, 310)  # pixels of a drawn scene
SEEN = 0.1  # share of a thing that can be seen, from which on it is not taken to be hidden
OUTLINES = {"red": "#7a0f0d", "blue": "#122a70", "green": "#0c5426", "yellow": "#ffe14d"}
_NAMES = tuple({n: i for i, n in enumerate(names)} for names in (KINDS, COLORS, SIZES))

type Content = tuple[str, ...]


@dataclass(frozen=True)
class Likely:
    """Likely scenes, equally weighted.

    Args:
      scenes: one after another, without leading axes.
      effective: how many independent scenes the belief is worth; of runs, if it rests on a picture.
      told: the statements that it rests on.
      pictured: whether it rests on a picture too.
    """

    scenes: tuple[Scene, ...]
    effective: float
    told: tuple[str, ...]
    pictured: bool = False

    def contents(self) -> list[tuple[Content, float, Scene]]:
        """What stands on the table, with its share, the most frequent first, and one scene of it."""
        examples: dict[Content, Scene] = {}
        counts: Counter[Content] = Counter()
        for scene in self.scenes:
            content = content_of(scene)
            counts[content] += 1
            examples.setdefault(content, scene)
        return [(c, k / len(self.scenes), examples[c]) for c, k in counts.most_common()]


def content_of(scene: Scene) -> Content:
    """What stands on a table, in words, wherever it stands.

    >>> content_of(Scene(1, *([i] * 12 for i in (0, 1, 0)), [0.0] * 12, [0.0] * 12))
    ('big blue mug',)
    """
    return tuple(
        sorted(
            f"{SIZES[int(scene.size[i])]} {COLORS[int(scene.color[i])]} {KINDS[int(scene.kind[i])]}"
            for i in range(int(scene.count))
        )
    )


def likely(
    world: World,
    key: PRNGKeyArray,
    worlds: int = 50_000,
    engine: Engine | None = None,
    count: int = DRAWN,
) -> Likely:
    """Draw likely scenes, given all that was told (and seen, where the engine has a picture).

    Args:
      world: of static scenes, with what was told.
      key: the seed.
      worlds: that inference draws, where no engine is given.
      engine: how to infer.
      count: how many scenes.

    Raises:
      ImpossibleEvidence: where no scene fits.
    """
    infer, draw = jax.random.split(key)
    found = (engine or Auto(worlds=worlds)).infer(infer, world.ask(ALL_DRAWS))
    scenes = tuple(_scene(value) for value in found.sample(draw, count))
    pictured = hasattr(engine, "picture")
    worth = found.effective_size
    if pictured and found.worlds.families is not None:
        worth = effective_size(np.bincount(found.worlds.families, found.weights))
    return Likely(scenes, worth, world.told, pictured)


def _scene(value: Any) -> Scene:
    count, things = spine(value)[0]
    rows = [spine(thing)[0] for thing in spine(things)[0]]
    finite = [np.array([names[show(row[i])] for row in rows]) for i, names in enumerate(_NAMES)]
    places = [np.array([float(str(row[i])) for row in rows], np.float32) for i in (3, 4)]
    return Scene(int(count), *finite, *places)  # type: ignore[arg-type]


def picture(
    world: World,
    key: PRNGKeyArray,
    worlds: int = 50_000,
    engine: Engine | None = None,
    title: str = "",
) -> Figure:
    """Likely scenes given all that was told, and how many things there are of what.

    Args:
      world: of static scenes.
      key: the seed.
      worlds: that inference draws.
      engine: how to infer; where it has a picture, that is drawn too.
      title: as for `draw`.

    Raises:
      ImpossibleEvidence: where no scene fits.
    """
    return draw(likely(world, key, worlds, engine), getattr(engine, "picture", None), title)


def draw(found: Likely, observed: np.ndarray | None = None, title: str = "") -> Figure:
    """Scenes with their probability, beside the picture that was observed, and marginals.

    Args:
      found: from `likely`.
      observed: `[height, width, 3]`, where there is one.
      title: above all; how much was told, where not given.
    """
    from plot.figure import Picture

    figure = Picture(figsize=(12.5, 5.8), layout="constrained")
    panels = figure.subplot_mosaic(
        [["a", "b", "c", "n"], ["d", "e", "f", "k"]], width_ratios=[1, 1, 1, 1]
    )
    figure.suptitle(title or _said(found), fontsize=11, wrap=True)
    slots = [panels[name] for name in "abcdef"]
    if observed is not None:
        axes = slots.pop(0)
        axes.imshow(np.clip(observed, 0, 1), interpolation="nearest")
        axes.set_title("the picture that was observed", fontsize=9)
        _frame(axes)
    contents = found.contents()
    for axes, (content, share, scene) in zip(slots, contents, strict=False):
        axes.imshow(np.asarray(_drawn(scene)))
        axes.set_title(f"{_chance(share, found)}\n{_words(content)}", fontsize=8)
        _outline(axes, scene)
        _frame(axes)
    for axes in slots[len(contents) :]:
        axes.set_visible(False)
    _counts(panels["n"], found)
    _kinds(panels["k"], found)
    return figure


def _chance(share: float, found: Likely) -> str:
    if share <= 0.02:
        return "one of many, none likelier than 2 %"
    if found.pictured:  # scenes of a run err together, so draws say nothing of the error
        return f"{share:.0%} of the draws"
    return f"{share:.0%} ± {np.sqrt(share * (1 - share) / max(found.effective, 1)):.0%}"


def _outline(axes: Axes, scene: Scene) -> None:
    """Dashed, where a thing is that others hide but for an edge."""
    from matplotlib.patches import Rectangle

    shown = np.asarray(_drawn(scene))
    count = int(scene.count)
    for i in range(count):
        order = np.r_[
            np.delete(np.arange(PLACES), i), i
        ]  # behind the count, where nothing is drawn
        rest = Scene(count - 1, *(np.asarray(part)[order] for part in scene[1:]))  # type: ignore[arg-type]
        left, low, wide, high = body(scene, i)
        corner = _pixel(left, low + high)
        opposite = _pixel(left + wide, low)
        area = abs((opposite[0] - corner[0]) * (opposite[1] - corner[1]))
        seen = np.abs(shown - np.asarray(_drawn(rest))).max(-1) > 0.15
        if seen.sum() > SEEN * area:
            continue
        name = COLORS[int(scene.color[i])]
        axes.add_patch(
            Rectangle(
                corner,
                opposite[0] - corner[0],
                opposite[1] - corner[1],
                fill=False,
                linestyle="--",
                edgecolor=OUTLINES[name],
                linewidth=1.6,
            )
        )


def _pixel(x: float, y: float) -> tuple[float, float]:
    """Where a point of the picture's plane is drawn."""
    high, wide = FINE
    return (x - LEFT) / (RIGHT - LEFT) * wide - 0.5, (TOP - y) / (TOP - BOTTOM) * high - 0.5


_drawn = jax.jit(lambda scene: render(jax.tree.map(jnp.asarray, scene), FINE))


def _said(found: Likely) -> str:
    seen = "a picture seen" if found.pictured else ""
    told = "" if seen and not found.told else told_in_words(len(found.told))
    return f"What is believed: {'; '.join(part for part in (seen, told) if part)}"


def _words(content: Content) -> str:
    """`2 big red mugs, a small plate`, cut where it is long."""
    from models.worlds.scenes.words import listed

    lines = wrap(listed(content), 46, max_lines=2, placeholder=" …")
    return "\n".join(lines)


def _frame(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])


def _counts(axes: Axes, found: Likely) -> None:
    worth = f"{found.effective:,.0f} independent worlds; dashed: hidden"
    if found.pictured:
        worth = f"{found.effective:.1f} independent runs; dashed: hidden"
    counts = np.bincount([int(s.count) for s in found.scenes], minlength=PLACES + 1)
    axes.bar(np.arange(PLACES + 1), counts / counts.sum(), color="#4477aa")
    axes.set_xlabel("things on the table")
    axes.set_ylabel("probability")
    axes.set_xticks(range(0, PLACES + 1, 2))
    axes.set_title(f"n = {len(found.scenes)} draws of a belief\nworth {worth}", fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def _kinds(axes: Axes, found: Likely) -> None:
    table = np.zeros((len(COLORS), len(KINDS)))
    for scene in found.scenes:
        here = slice(0, int(scene.count))
        np.add.at(table, (np.asarray(scene.color)[here], np.asarray(scene.kind)[here]), 1)
    table /= len(found.scenes)
    axes.imshow(table, cmap="Blues", vmin=0)
    for (i, j), value in np.ndenumerate(table):
        dark = value > 0.6 * table.max()
        axes.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=8, color="white" if dark else "black")  # fmt: skip
    axes.set_xticks(range(len(KINDS)), KINDS, fontsize=8, rotation=30)
    axes.set_yticks(range(len(COLORS)), COLORS, fontsize=8)
    axes.set_title("expected number of each", fontsize=8)


__all__ = ["Likely", "draw", "likely", "picture"]
