"""A picture as evidence: scenes that explain its pixels, and what was said besides.

Scenes are proposed by a net that reads the picture, and led by sequential Monte Carlo from the net's
proposal to the posterior. Between the steps things are moved, painted anew, put there and taken away.
What was told is part of the target, so that a sentence may speak of what the picture hides.

Source: Del Moral, Doucet and Jasra, Sequential Monte Carlo samplers (2006); Green, Reversible jump
Markov chain Monte Carlo (1995), for things that come and go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from inference.answer import answer
from inference.particles import Particles
from inference.resampling import systematic
from models.worlds.scenes.pictures import checked
from models.worlds.scenes.proposal import Proposal, trained
from models.worlds.scenes.renderer import NOISE, PLACES, compose, layer, layers, log_likelihood
from models.worlds.scenes.rows import _UP_TO, DRAWS, FINITE, LABELS, count_chances, decode
from plot.compiler.graph import Node
from plot.compiler.ops import UNIFORM
from plot.errors import ImpossibleEvidence, Unsupported
from plot.exports.jax_function import JaxFunction, as_jax
from plot.posterior import Posterior
from plot.world import Question, World

METHOD = "sequential Monte Carlo from a neural proposal"
ALL_DRAWS = "(list how-many (map (lambda (p) (list (kind p) (color p) (size p) (across p) (away p))) places))"  # fmt: skip
FEW = 20  # ancestors, under which errors that count each as one draw say nothing
CHARGE = 14.0  # log weight that a scene loses for breaking what was said, before the last step


@dataclass(frozen=True)
class SeeingOptions:
    """How scenes are led to a picture.

    Args:
      scenes: how many are kept.
      moves: of each scene after each resampling.
      last_moves: the same, at the end.
      keep: effective share that a step keeps.
      noise: standard deviation of each channel of each pixel.
      most_steps: steps after which it is given up.
    """

    scenes: int = 256
    moves: int = 24
    last_moves: int = 60
    keep: float = 0.5
    noise: float = NOISE
    most_steps: int = 60

    def __post_init__(self) -> None:
        if self.scenes < 2 or self.moves < 1:
            raise ValueError("seeing takes two scenes at least, and a move of each")
        if not self.noise > 0:
            raise ValueError(f"the noise of pixels is above 0, not {self.noise}")


class _State(NamedTuple):
    rows: Array  # [scenes, 61]
    covers: Array  # [scenes, 12, height, width]
    paints: Array  # [scenes, 12, height, width, 3]
    likelihood: Array  # [scenes]
    proposed: Array  # [scenes], log density under the net's proposal
    said: Array  # [scenes], log weight by what was told


@dataclass(frozen=True, eq=False)
class Seeing:
    """An engine for static scenes of which a picture was taken; for `Conversation(engine=...)`.

    Args:
      picture: `[34, 62, 3]`, from 0 to 1.
      options: how.
      params: of the net; those that come with the package where not given.

    Raises:
      PictureError: where the picture is none of a table.
    """

    picture: np.ndarray
    options: SeeingOptions = SeeingOptions()
    params: Any = None
    _seen: dict[Any, Particles] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "picture", checked(self.picture))
        if self.params is None:
            object.__setattr__(self, "params", trained())

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """The answer given the picture and what was told.

        Args:
          key: the seed.
          question: of a world of static scenes.
          progress: called with the number of scenes that have been looked at.

        Raises:
          ImpossibleEvidence: where no scene was found that fits both.
          Unsupported: where the question is about another world.
        """
        particles = self.particles(key, question, progress)
        notes = (
            f"given a picture under noise {self.options.noise:g} and what was told; "
            f"{self.options.scenes} scenes, worth {particles.effective_size:.0f}, of "
            f"{particles.ancestors} proposed",
        )
        if particles.ancestors < FEW:
            notes = (
                f"do not trust the standard errors: all scenes descend from {particles.ancestors} "
                "that the net proposed, told apart by moves alone; look again with other seeds",
                *notes,
            )
        effects = question.effects.flatten(question.world.session.graph)
        return answer(question, effects, particles, jax.random.fold_in(key, 1), METHOD, notes=notes)

    def particles(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Particles:
        """The scenes, weighted, as rows of the question's world; arguments and errors as for `infer`."""
        sites = sites_of(question.world)
        flat = question.effects.flatten(question.world.session.graph)
        evidence = (
            tuple(flat.conditions),
            tuple(flat.factors),
            tuple(d.guard for d in flat.deaths),
        )
        mark = (id(question.world.session.graph), evidence, jax.random.key_data(key).tobytes())
        if mark not in self._seen:
            self._seen[mark] = self._find(key, question, sites, progress)
        return self._seen[mark]

    def _find(
        self,
        key: PRNGKeyArray,
        question: Question,
        sites: tuple[Node, ...],
        progress: Callable[[int], None] | None,
    ) -> Particles:
        walk = _Walk(self, told_by(question))
        draw_key, key = jax.random.split(key)
        state = walk.start(jax.random.split(draw_key, self.options.scenes))
        worlds, rng = self.options.scenes, np.random.default_rng(_seed(key))
        particles = Particles.of_prior(worlds)
        step, looked = 0.0, worlds
        for _ in range(self.options.most_steps):
            following = walk.following(particles, state, step)
            gained = walk.target(state, following) - walk.target(state, step)
            particles = particles.weighed(np.asarray(gained, np.float64))
            if not particles.possible:
                break
            step = following
            last = step >= 1
            if last or particles.effective_size < self.options.keep * worlds * 1.2:
                resample_key, move_key, key = jax.random.split(key, 3)
                logs = particles.log_weights - particles.log_weights.max()
                ancestors = np.asarray(
                    systematic(resample_key, jnp.asarray(logs, jnp.float32), worlds)
                )
                particles = particles.chosen(ancestors, independent=False)
                state = walk.shuffled(state, ancestors, rng)
                moves = self.options.last_moves if last else self.options.moves
                state = walk.moved(move_key, state, step, moves)
                looked += moves * worlds
                if progress is not None:
                    progress(looked)
            if last:
                rows = _fresh(np.array(state.rows), rng)
                held = {site: rows[:, i] for i, site in enumerate(sites)}
                return particles.with_rows(held)
        raise ImpossibleEvidence(
            "no scene was found that explains the picture and agrees with what was told",
            None,
            "take back a sentence, look with more scenes, or allow more noise",
        )


def _fresh(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows in which those of places without a thing are drawn anew; moves leave anything there."""
    count = np.asarray(decode(jnp.asarray(rows)).count)
    gone = np.repeat(np.arange(PLACES) >= count[:, None], len(DRAWS), axis=1)
    rows[:, 1:] = np.where(gone, rng.random(gone.shape, np.float32), rows[:, 1:])
    return rows


def _seed(key: PRNGKeyArray) -> list[int]:
    return np.asarray(jax.random.key_data(key)).tolist()


def sites_of(world: World) -> tuple[Node, ...]:
    """The rows of a world of static scenes, in the order of `LABELS`.

    Raises:
      Unsupported: where the world is another.
    """
    names = {sort.type for sort in world.vocabulary.entities}
    if not {"feature", "group"} <= names:
        raise Unsupported(
            "pictures are evidence about static scenes, and this is another world",
            None,
            'ask of models.worlds.load("scenes")',
        )
    world.ask(ALL_DRAWS)  # draws are sites once something has asked for them
    graph = world.session.graph
    found = {node.label: node for node in graph.nodes if node.op == UNIFORM}
    return tuple(found[label] for label in LABELS)


def told_by(question: Question) -> Callable[[Array], Array]:
    """A function from rows `[..., 61]` to the log weight of what a question's world was told."""
    function: JaxFunction = as_jax(question)
    columns = np.array([LABELS.index(label) for label in function.uniforms], int)

    def log_weight(rows: Array) -> Array:
        found = function.of_rows(
            jnp.moveaxis(rows[..., columns], -1, 0), jnp.zeros((0,))
        ).log_weight
        return jnp.broadcast_to(found, rows.shape[:-1])

    return log_weight


@dataclass(frozen=True, eq=False)
class _Walk:
    """Compiled steps for one picture and one set of sentences."""

    engine: Seeing
    told: Callable[[Array], Array]

    def __post_init__(self) -> None:
        proposal = Proposal.of(self.engine.params, jnp.asarray(self.engine.picture))
        object.__setattr__(self, "proposal", jax.tree.map(jnp.asarray, proposal.__dict__))
        object.__setattr__(self, "start", jax.jit(jax.vmap(self._start)))
        object.__setattr__(self, "moved", jax.jit(self._moved, static_argnums=3))

    proposal: Any = field(init=False)
    start: Any = field(init=False)
    moved: Any = field(init=False)

    def _start(self, key: PRNGKeyArray) -> _State:
        rows = Proposal(**self.proposal).draw(key)
        scene = decode(rows)
        height, width = self.engine.picture.shape[:2]
        covers, paints = layers(scene, (height, width))
        return self._of(rows, covers, paints)

    def _of(self, rows: Array, covers: Array, paints: Array) -> _State:
        scene = decode(rows)
        clean = compose(covers, paints, scene.away, scene.count)
        seen = log_likelihood(jnp.asarray(self.engine.picture), clean, self.engine.options.noise)
        return _State(
            rows, covers, paints, seen, Proposal(**self.proposal).log_density(rows), self.told(rows)
        )

    def target(self, state: _State, step: float | Array) -> Array:
        """Log density of scenes between the proposal (0) and the posterior (1)."""
        charge = jnp.where(jnp.isfinite(state.said), state.said, -CHARGE)
        said = jnp.where(step >= 1, state.said, step * charge)
        return (1 - step) * state.proposed + step * state.likelihood + said

    def following(self, particles: Particles, state: _State, step: float) -> float:
        """The next step, that keeps a share of the scenes."""
        before = np.asarray(self.target(state, step), np.float64)
        wanted = self.engine.options.keep * particles.effective_size

        def worth(following: float) -> float:
            after = np.asarray(self.target(state, following), np.float64)
            moved = particles.weighed(after - before)
            return moved.effective_size if moved.possible else 0.0

        if worth(1.0) >= wanted:
            return 1.0
        low, high = step, 1.0
        for _ in range(24):
            middle = (low + high) / 2
            low, high = (middle, high) if worth(middle) >= wanted else (low, middle)
        return low if low > step else high

    def shuffled(self, state: _State, ancestors: np.ndarray, rng: np.random.Generator) -> _State:
        """The scenes that go on, with their things in another order, which changes nothing."""
        rows = np.asarray(state.rows)[ancestors]
        count = np.asarray(decode(jnp.asarray(rows)).count)
        mixed = rng.random((len(rows), PLACES))
        mixed[np.arange(PLACES) >= count[:, None]] += 1  # what is not there stays behind
        order = np.argsort(mixed, axis=1)
        things = rows[:, 1:].reshape(-1, PLACES, len(DRAWS))
        things = np.take_along_axis(things, order[..., None], 1)
        picked = jnp.asarray(ancestors)[:, None], jnp.asarray(order)
        return state._replace(
            rows=jnp.asarray(np.concatenate([rows[:, :1], things.reshape(len(rows), -1)], 1)),
            covers=state.covers[picked],
            paints=state.paints[picked],
            likelihood=state.likelihood[ancestors],
            proposed=state.proposed[ancestors],
            said=state.said[ancestors],
        )

    def _moved(self, key: PRNGKeyArray, state: _State, step: Array, moves: int) -> _State:
        def once(state: _State, key: PRNGKeyArray) -> tuple[_State, None]:
            keys = jax.random.split(key, len(state.rows))
            return jax.vmap(self._move, (0, 0, None))(keys, state, step), None

        return jax.lax.scan(once, state, jax.random.split(key, moves))[0]

    def _move(self, key: PRNGKeyArray, state: _State, step: Array) -> _State:
        """A Metropolis move of one scene: one thing changes, comes or goes."""
        keys = jax.random.split(key, 8)
        proposal = Proposal(**self.proposal)
        chances = jnp.asarray(count_chances(), jnp.float32)
        lower = jnp.concatenate([jnp.zeros(1), jnp.asarray(_UP_TO)])
        count = decode(state.rows).count
        way = jax.random.categorical(keys[0], jnp.log(jnp.array([0.3, 0.3, 0.15, 0.125, 0.125])))
        comes, goes = way == 3, way == 4
        place = jnp.where(
            comes,
            count,
            jnp.where(goes, count - 1, jax.random.randint(keys[1], (), 0, jnp.maximum(count, 1))),
        )
        place = jnp.clip(place, 0, PLACES - 1)
        things = state.rows[1:].reshape(PLACES, len(DRAWS))
        old = things[place]
        drawn = proposal.thing(keys[2])
        wide = jax.random.bernoulli(keys[7])
        push = jnp.where(wide, 0.06, 0.01) * jax.random.normal(keys[3], (2,))
        shifted = old.at[3:].set(jnp.mod(old[3:] + push, 1.0))
        repainted = jnp.where(
            jnp.arange(len(DRAWS)) == jax.random.randint(keys[4], (), 0, len(FINITE)),
            jax.random.uniform(keys[5], (len(DRAWS),)),
            old,
        )
        thing = jnp.select([way == 1, way == 2, goes], [shifted, repainted, old], drawn)
        after = jnp.clip(count + comes - goes, 0, PLACES)
        row = lower[after] + chances[after] * jax.random.uniform(
            keys[6], minval=1e-4, maxval=1 - 1e-4
        )
        row = jnp.where(comes | goes, row, state.rows[0])
        rows = jnp.concatenate([row[None], things.at[place].set(thing).ravel()])
        scene = decode(rows)
        height, width = self.engine.picture.shape[:2]
        kind, color, size = (part[place] for part in (scene.kind, scene.color, scene.size))
        cover, paint = layer(
            kind, color, size, scene.across[place], scene.away[place], (height, width)
        )
        new = self._of(rows, state.covers.at[place].set(cover), state.paints.at[place].set(paint))
        log_old, log_new = proposal.log_thing(old), proposal.log_thing(thing)
        widths = jnp.log(chances[after]) - jnp.log(chances[count])
        ratio = jnp.select(
            [way == 0, comes, goes], [log_old - log_new, widths - log_new, widths + log_old], 0.0
        )
        possible = jnp.where(comes, count < PLACES, count > 0)
        ratio = ratio + self.target(new, step) - self.target(state, step)
        accept = possible & (jnp.log(jax.random.uniform(jax.random.fold_in(key, 9))) < ratio)
        return jax.tree.map(lambda a, b: jnp.where(accept, a, b), new, state)


__all__ = ["METHOD", "Seeing", "SeeingOptions", "sites_of", "told_by"]
