"""Metropolis moves of a scene under a picture: its things are moved, painted anew, come and go.

A scene is looked at on its own, so that only the things that are there are drawn; scenes follow one
another in a loop.

Source: Green, Reversible jump Markov chain Monte Carlo (1995).
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from models.worlds.scenes.others import Others, which
from models.worlds.scenes.proposal import Proposal
from models.worlds.scenes.renderer import (
    _HALF,
    _SCALE,
    DEPTH,
    PLACES,
    WIDTH,
    Layer,
    Scene,
    compose,
    log_likelihood,
    near_layer,
)
from models.worlds.scenes.rows import _UP_TO, DRAWS, FINITE, count_chances, decode

REPLACED, SHIFTED, REPAINTED, COMES, GOES = range(5)
# Shares of the kinds of moves, in this order: while the things that are seen are looked for, and
# when what else there may be is settled.
SEARCH, SETTLE = (0.15, 0.4, 0.15, 0.15, 0.15), (0.25, 0.08, 0.17, 0.25, 0.25)
LEAST_SHIFT, MOST_SHIFT = 2e-4, 0.1  # of a place, in shares of the table
LEAST_FITTING, MOST_FITTING, FITTING = (
    3e-4,
    4e-3,
    0.7,
)  # what a picture leaves open; share of the shifts
HIDDEN = 0.5  # share of the things that come which come behind another


class View(NamedTuple):
    """A picture, what the net reads off it, and how far pixels are off.

    Args:
      picture: `[height, width, 3]`.
      proposal: of the net.
      noise: standard deviation of each channel of each pixel.
      others: what other things are proposed to be, once it is known what the picture leaves open.
    """

    picture: Float[Array, "height width 3"]
    proposal: Proposal
    noise: Float[Array, ""]
    others: Others

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width, in pixels."""
        height, width, _ = self.picture.shape
        return height, width


class Scenes(NamedTuple):
    """Scenes and how well they do; all arrays have the same leading axis.

    Args:
      rows: `[scenes, 61]`.
      likelihood: log density of the picture.
      proposed: log density under the net's proposal, with respect to the prior.
    """

    rows: Float[Array, "scenes rows"]
    likelihood: Float[Array, " scenes"]
    proposed: Float[Array, " scenes"]

    def target(self, step: float | Array) -> Array:
        """Log density between the proposal (0) and the posterior (1), with respect to the prior."""
        return (1 - step) * self.proposed + step * self.likelihood


class _State(NamedTuple):
    row: Float[Array, ""]  # of the number of things
    count: Int[Array, ""]
    things: Float[Array, "places draws"]
    logs: Float[Array, " places"]  # of each thing under the net
    layers: Layer
    likelihood: Float[Array, ""]


class _Change(NamedTuple):
    """A thing that is put at a place.

    Args:
      place: where.
      thing: its rows.
      count: of things, afterwards.
      ratio: log probability density of the way back over that of the way here.
    """

    place: Int[Array, ""]
    thing: Float[Array, " draws"]
    count: Int[Array, ""]
    ratio: Float[Array, ""]


@jax.jit
def moved(
    key: PRNGKeyArray, view: View, scenes: Scenes, step: Array, moves: Array, shares: Array
) -> tuple[Scenes, Float[Array, ""]]:
    """Scenes after some moves that leave their target at a step as it is, and the share accepted.

    Args:
      key: the seed.
      view: the picture.
      scenes: before.
      step: between the proposal (0) and the posterior (1).
      moves: of each scene, one after another.
      shares: of the kinds of moves, `[5]`; things must come as often as they go.
    """

    def one(given: tuple[PRNGKeyArray, Array]) -> tuple[Scenes, Array]:
        key, rows = given

        def move(i: Array, carried: tuple[_State, Array]) -> tuple[_State, Array]:
            state, accepted = carried
            state, accept = _moved(jax.random.fold_in(key, i), view, state, step, shares)
            return state, accepted + accept

        begun = _begun(view, rows), jnp.zeros((), int)
        state, accepted = jax.lax.fori_loop(0, moves, move, begun)
        rows = jnp.concatenate([state.row[None], state.things.ravel()])
        return Scenes(rows, state.likelihood, _proposed(view, state)), accepted

    found, accepted = jax.lax.map(one, (jax.random.split(key, len(scenes.rows)), scenes.rows))
    return found, jnp.mean(accepted / jnp.maximum(moves, 1))


@jax.jit
def added(view: View, row: Array, things: Array) -> Float[Array, " things"]:
    """How the log density of a picture changes where one thing more stands in a scene.

    Args:
      view: the picture.
      row: `[61]`, of the scene; one that is full gets the thing in place of its last.
      things: `[things, 5]`, their rows.
    """
    state = _begun(view, row)
    place, count = jnp.minimum(state.count, PLACES - 1), jnp.minimum(state.count + 1, PLACES)

    def gain(thing: Array) -> Array:
        depths = DEPTH * state.things.at[place].set(thing)[:, 4]
        clean = compose(state.layers, depths, count, (place, _layer_of(view, state, thing)))
        return log_likelihood(view.picture, clean, view.noise) - state.likelihood

    return jax.lax.map(gain, things)


@jax.jit
@jax.vmap
def one_more(key: PRNGKeyArray, row: Array, thing: Array) -> Array:
    """The rows of scenes with one thing more, `[scenes, 61]`.

    Args:
      key: `[scenes]`.
      row: `[scenes, 61]`; a scene that is full gets the thing in place of its last.
      thing: `[scenes, 5]`.
    """
    count = decode(row).count
    things = row[1:].reshape(PLACES, len(DRAWS)).at[jnp.minimum(count, PLACES - 1)].set(thing)
    number = _row_of(key, jnp.minimum(count + 1, PLACES))
    return jnp.concatenate([number[None], things.ravel()])


def _begun(view: View, rows: Array) -> _State:
    scene = decode(rows)
    things = rows[1:].reshape(PLACES, len(DRAWS))
    drawn = _layers(scene, view.shape)
    clean = compose(drawn, scene.away, scene.count)
    seen = log_likelihood(view.picture, clean, view.noise)
    logs = jax.vmap(view.proposal.log_thing)(things)
    return _State(rows[0], scene.count, things, logs, drawn, seen)


def _proposed(view: View, state: _State) -> Array:
    return view.proposal.log_scene(state.count, state.logs)


def _moved(
    key: PRNGKeyArray, view: View, s: _State, step: Array, shares: Array
) -> tuple[_State, Array]:
    """One move of one scene, and whether it was accepted."""
    way_key, change_key, row_key, accept_key = jax.random.split(key, 4)
    way = jax.random.categorical(way_key, jnp.log(shares))
    shifted = partial(_shifted, step)
    ways = [partial(way, view) for way in (_replaced, shifted, _repainted, _comes, _goes)]
    change = jax.lax.switch(way, ways, s, change_key)
    place, thing = change.place, change.thing
    new = jax.lax.cond(way == GOES, _layer_of_last, partial(_layer_of, view), s, thing)
    things = s.things.at[place].set(thing)
    clean = compose(s.layers, DEPTH * things[:, 4], change.count, (place, new))
    likelihood = log_likelihood(view.picture, clean, view.noise)
    logs = s.logs.at[place].set(view.proposal.log_thing(thing))
    after = s._replace(
        row=jnp.where(change.count == s.count, s.row, _row_of(row_key, change.count)),
        count=change.count,
        things=things,
        logs=logs,
        likelihood=likelihood,
    )
    gained = (1 - step) * (_proposed(view, after) - _proposed(view, s)) + step * (
        likelihood - s.likelihood
    )
    possible = jnp.where(way == COMES, s.count < PLACES, s.count > 0)
    accept = possible & (jnp.log(jax.random.uniform(accept_key)) < change.ratio + gained)
    kept = jax.tree.map(
        lambda a, b: jnp.where(accept, a, b),
        after._replace(layers=()),
        s._replace(layers=()),
    )
    drawn = jax.tree.map(
        lambda all_, one: all_.at[place].set(jnp.where(accept, one, all_[place])), s.layers, new
    )
    return kept._replace(layers=drawn), accept


def _any(key: PRNGKeyArray, count: Array) -> Array:
    """A place at random; 0 where nothing is there, and the move is then refused."""
    return jax.random.randint(key, (), 0, jnp.maximum(count, 1))


def _replaced(view: View, s: _State, key: PRNGKeyArray) -> _Change:
    """Another thing, as one that comes to the rest."""
    place_key, thing_key = jax.random.split(key)
    place, last = _any(place_key, s.count), jnp.maximum(s.count - 1, 0)
    rest, gone = s.things.at[place].set(s.things[last]), s.things[place]
    thing = _coming(view, rest, last, thing_key)
    way_back = _log_comes(view, rest, last, gone, s.logs[place])
    way_here = _log_comes(view, rest, last, thing, view.proposal.log_thing(thing))
    return _Change(place, thing, s.count, way_back - way_here)


def _shifted(step: Array, view: View, s: _State, key: PRNGKeyArray) -> _Change:
    """The same thing a little or far away, round the edge of the table where need be."""
    place_key, way_key, far_key, push_key = jax.random.split(key, 4)
    place = _any(place_key, s.count)
    # A picture that counts half leaves places open by a factor of the root of two more.
    wider = -0.5 * jnp.log(jnp.maximum(step, 1e-4))
    fitting = jax.random.bernoulli(way_key, FITTING)
    low = jnp.where(fitting, jnp.log(LEAST_FITTING) + wider, jnp.log(LEAST_SHIFT))
    high = jnp.where(fitting, jnp.log(MOST_FITTING) + wider, jnp.log(MOST_SHIFT))
    push = (
        jnp.exp(low + (high - low) * jax.random.uniform(far_key))
        * jnp.array([1.0, 3.0])
        * jax.random.normal(push_key, (2,))
    )
    old = s.things[place]
    there = jnp.mod(old[3:] + push, 1.0)
    there = jnp.where(there < 1, there, 0.0)
    return _Change(place, old.at[3:].set(there), s.count, jnp.zeros(()))


def _repainted(view: View, s: _State, key: PRNGKeyArray) -> _Change:
    """The same thing of another kind, color or size."""
    place_key, which_key, value_key = jax.random.split(key, 3)
    place = _any(place_key, s.count)
    which = jax.random.randint(which_key, (), 0, len(FINITE))
    thing = s.things[place].at[which].set(jax.random.uniform(value_key))
    return _Change(place, thing, s.count, jnp.zeros(()))


def _comes(view: View, s: _State, key: PRNGKeyArray) -> _Change:
    """One thing more: from the net, or behind another thing."""
    thing = _coming(view, s.things, s.count, key)
    way_here = _log_comes(view, s.things, s.count, thing, view.proposal.log_thing(thing))
    place = jnp.minimum(s.count, PLACES - 1)
    count = jnp.minimum(s.count + 1, PLACES)
    return _Change(place, thing, count, _widths(count, s.count) - way_here)


def _goes(view: View, s: _State, key: PRNGKeyArray) -> _Change:
    """One thing fewer; the last one takes its place."""
    place, last = _any(key, s.count), jnp.maximum(s.count - 1, 0)
    gone, thing = s.things[place], s.things[last]
    rest = s.things.at[place].set(thing)
    way_back = _log_comes(view, rest, last, gone, s.logs[place])
    return _Change(place, thing, last, _widths(last, s.count) + way_back)


def _coming(view: View, things: Array, count: Array, key: PRNGKeyArray) -> Array:
    """A thing that comes to others."""
    way_key, thing_key = jax.random.split(key)
    known, hides = jax.random.uniform(way_key, (2,)) < jnp.stack([view.others.share, HIDDEN])
    ways = [view.proposal.thing, partial(_behind, things, count), view.others.thing]
    return jax.lax.switch(jnp.where(known, 2, hides.astype(int)), ways, thing_key)


def _log_comes(view: View, things: Array, count: Array, thing: Array, log_net: Array) -> Array:
    """Log density of `_coming`, with respect to the prior."""
    hidden = _log_behind(things, count, thing)
    unknown = jnp.logaddexp(jnp.log1p(-HIDDEN) + log_net, jnp.log(HIDDEN) + hidden)
    share = view.others.share
    return jnp.logaddexp(jnp.log1p(-share) + unknown, jnp.log(share) + view.others.log_thing(thing))


def _shade(thing: Array) -> tuple[Array, Array, Array]:
    """Where things behind one thing may stand: from, to (across), from (away), in shares."""
    kind, size = (which(thing[..., i], FINITE[i]) for i in (0, 2))
    half = jnp.asarray(_HALF)[kind] * jnp.asarray(_SCALE)[size] / WIDTH
    across, away = thing[..., 3], thing[..., 4]
    return jnp.maximum(across - half, 0), jnp.minimum(across + half, 1), away


def _behind(things: Array, count: Array, key: PRNGKeyArray) -> Array:
    """Any thing, behind one that is there; anywhere where nothing is."""
    which_key, thing_key = jax.random.split(key)
    thing = jax.random.uniform(thing_key, (len(DRAWS),))
    low, high, near = _shade(things[_any(which_key, count)])
    across = low + (high - low) * thing[3]
    away = near + (1 - near) * thing[4]
    there = jnp.minimum(jnp.stack([across, away]), 1 - 1e-6)
    return jnp.where(count > 0, thing.at[3:].set(there), thing)


def _log_behind(things: Array, count: Array, thing: Array) -> Array:
    """Log density of `_behind`, with respect to the prior."""
    low, high, near = _shade(things)
    inside = (low <= thing[3]) & (thing[3] <= high) & (near <= thing[4])
    area = jnp.maximum((high - low) * (1 - near), 1e-9)
    shares = jnp.where(inside & (jnp.arange(PLACES) < count), 1 / area, 0.0)
    density = jnp.sum(shares) / jnp.maximum(count, 1)
    return jnp.where(count > 0, jnp.log(density), 0.0)


def _widths(after: Array, before: Array) -> Array:
    """Log ratio of the widths of the rows that mean these numbers of things."""
    chances = jnp.asarray(count_chances(), jnp.float32)
    return jnp.log(chances[after]) - jnp.log(chances[before])


def _row_of(key: PRNGKeyArray, count: Array) -> Array:
    """A row that means a number of things."""
    chances = jnp.asarray(count_chances(), jnp.float32)
    low = jnp.concatenate([jnp.zeros(1), jnp.asarray(_UP_TO)])[count]
    return low + chances[count] * jax.random.uniform(key, minval=1e-4, maxval=1 - 1e-4)


def _layer_of(view: View, s: _State, thing: Array) -> Layer:
    row = jnp.zeros(1 + PLACES * len(DRAWS)).at[1 : 1 + len(DRAWS)].set(thing)
    scene = decode(row)
    return near_layer(*(part[0] for part in scene[1:]), view.shape)  # type: ignore[arg-type]


def _layers(scene: Scene, shape: tuple[int, int]) -> Layer:
    """What each thing that is there puts on the picture; of others nothing."""
    nothing = Layer(jnp.zeros(shape), jnp.zeros((*shape, 3)))

    def one(place: Array) -> Layer:
        parts = [part[place] for part in scene[1:]]
        return jax.lax.cond(place < scene.count, lambda: near_layer(*parts, shape), lambda: nothing)  # type: ignore[arg-type]

    return jax.lax.map(one, jnp.arange(PLACES))


def _layer_of_last(s: _State, thing: Array) -> Layer:
    last = jnp.maximum(s.count - 1, 0)
    return jax.tree.map(lambda part: part[last], s.layers)


__all__ = ["SEARCH", "SETTLE", "Scenes", "View", "added", "moved", "one_more"]
