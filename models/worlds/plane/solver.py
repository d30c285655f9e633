"""Discs and blocks in a vertical plane: gravity, a floor, two walls, friction, bounces, collisions.

Impulses at contacts, one after another, with semi-implicit Euler steps. A contact acts in the step in
which its gap would close, so that nothing passes through a wall however fast it is. Discs spin;
blocks keep their sides upright (an approximation: they slide and bounce but do not tip over).

A solver of our own, because a model needs to compile inside the lanes of 50,000 worlds and this takes a
few array operations a contact; MuJoCo MJX, jaxsim and Brax would bring in 19, 25 and 51 packages.

Source: Catto, "Iterative Dynamics with Temporal Coherence" (2005), and "speculative contacts".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

type Lanes = Float[Array, "bodies worlds"]
type Flags = Bool[Array, "bodies worlds"]
type Index = int | Int[Array, ""]


@dataclass(frozen=True)
class Place:
    """Where the bodies are.

    Args:
      gravity: m/s², downwards.
      left, right: m, the walls; the floor is at height 0.
      size: m, radius of a disc and half the side of a block.
      bounce: least speed of a bounce, m/s; slower contacts are resting.
      dt: s, a step of time.
    """

    gravity: float = 9.8
    left: float = -0.5
    right: float = 1.4
    size: float = 0.1
    bounce: float = 0.3
    dt: float = 1 / 60


class Bodies(NamedTuple):
    """What stays as it is.

    Args:
      mass: kg.
      disc: whether a body is a disc; else a block.
      bounciness: share of speed kept; of two bodies the larger counts.
      friction: coefficient, of all contacts.
      there: whether a body is there.
    """

    mass: Lanes
    disc: Flags
    bounciness: Lanes
    friction: Float[Array, " worlds"]
    there: Flags


class State(NamedTuple):
    """Bodies at a time, and what has happened to them.

    Args:
      x, y: m, of their centres.
      vx, vy: m/s.
      spin: rad/s times radius, m/s at the rim.
      distance, top: m moved, and the greatest height of the lowest point.
      wall, met: whether each has touched a wall, and another body.
      after: speed just after the first collision with another body.
      hits: whether the first, moving, has hit the second.
    """

    x: Lanes
    y: Lanes
    vx: Lanes
    vy: Lanes
    spin: Lanes
    distance: Lanes
    top: Lanes
    wall: Flags
    met: Flags
    after: Lanes
    hits: Bool[Array, "bodies bodies worlds"]


def start(bodies: Bodies, place: Place, x: Lanes, vx: Lanes, vy: Lanes) -> State:
    """Bodies on the floor with velocities."""
    none = jnp.zeros_like(bodies.mass)
    no = none > 0
    y = none + place.size
    hits = jnp.zeros((len(none), *none.shape), bool)
    return State(x, y, vx, vy, none, none, none, no, no, none, hits)


class Contact(NamedTuple):
    """Where two bodies, or a body and a wall, are nearest.

    Args:
      gap: m between them.
      nx, ny: unit normal, away from the first.
    """

    gap: Array
    nx: Array
    ny: Array


def between(bodies: Bodies, place: Place, s: State, i: Index, j: Index) -> Contact:
    """The contact of two bodies; a disc at a block's side touches its nearest point."""
    dx, dy = s.x[j] - s.x[i], s.y[j] - s.y[i]
    r = place.size
    # A block is its centre and a square around; a disc its centre and a circle.
    square = jnp.where(
        bodies.disc[i] & bodies.disc[j], 0.0, jnp.where(bodies.disc[i] | bodies.disc[j], r, 2 * r)
    )
    round_ = 2 * r - square
    px, py = dx - jnp.clip(dx, -square, square), dy - jnp.clip(dy, -square, square)
    length = jnp.sqrt(px**2 + py**2)
    apart = length > 1e-6
    deep_x = jnp.abs(dx) >= jnp.abs(dy)  # centres within the square: the nearer side
    inside = jnp.where(deep_x, jnp.abs(dx), jnp.abs(dy)) - square
    nx = jnp.where(apart, px / jnp.where(apart, length, 1.0), jnp.where(deep_x, jnp.sign(dx), 0.0))
    ny = jnp.where(apart, py / jnp.where(apart, length, 1.0), jnp.where(deep_x, 0.0, jnp.sign(dy)))
    return Contact(jnp.where(apart, length, inside) - round_, nx, ny)


def _impulse(
    place: Place, contact: Contact, closing: Array, bounce: Array, weight: Array
) -> tuple[Array, Array]:
    """The normal impulse of a contact, and whether it touches in this step.

    Args:
      closing: m/s, at which the gap closes.
      bounce: share of it that comes back.
      weight: kg, effective mass.
    """
    touches = (closing > 0) & (contact.gap < closing * place.dt)
    bounces = closing > place.bounce
    rest = closing - jnp.maximum(contact.gap, 0) / place.dt
    change = jnp.where(bounces, (1 + bounce) * closing, jnp.maximum(rest, 0))
    return jnp.where(touches, change * weight, 0.0), touches


def _against(bodies: Bodies, place: Place, s: State, gap: Lanes, nx: int, ny: int) -> State:
    """Each body against the floor or a wall; the normal points away from the bodies."""
    contact = Contact(gap, jnp.full_like(gap, nx), jnp.full_like(gap, ny))
    closing = s.vx * nx + s.vy * ny
    impulse, touches = _impulse(place, contact, closing, bodies.bounciness, bodies.mass)
    vx, vy = s.vx - impulse * nx / bodies.mass, s.vy - impulse * ny / bodies.mass
    tx, ty = -ny, nx
    slip = vx * tx + vy * ty + jnp.where(bodies.disc, s.spin, 0.0)
    share = jnp.where(bodies.disc, 1 / 3, 1.0)  # of a disc's slip, spin takes up two thirds
    limit = bodies.friction * impulse / bodies.mass
    brake = jnp.clip(slip * share, -limit, limit)
    return s._replace(
        vx=vx - brake * tx,
        vy=vy - brake * ty,
        spin=s.spin - jnp.where(bodies.disc, 2 * brake, 0.0),
        wall=s.wall | (touches & (nx != 0) & bodies.there),
    )


def _pair(bodies: Bodies, place: Place, s: State, i: Index, j: Index) -> State:
    """Two bodies against each other, without friction between them."""
    contact = between(bodies, place, s, i, j)
    mi, mj = bodies.mass[i], bodies.mass[j]
    towards_i = s.vx[i] * contact.nx + s.vy[i] * contact.ny
    towards_j = s.vx[j] * contact.nx + s.vy[j] * contact.ny
    bounce = jnp.maximum(bodies.bounciness[i], bodies.bounciness[j])
    weight = mi * mj / (mi + mj)
    impulse, touches = _impulse(place, contact, towards_i - towards_j, bounce, weight)
    here = bodies.there[i] & bodies.there[j]
    touches, impulse = touches & here, jnp.where(here, impulse, 0.0)
    vx = s.vx.at[i].add(-impulse * contact.nx / mi).at[j].add(impulse * contact.nx / mj)
    vy = s.vy.at[i].add(-impulse * contact.ny / mi).at[j].add(impulse * contact.ny / mj)
    speed = jnp.sqrt(vx**2 + vy**2)
    after, met = s.after, s.met
    for k in (i, j):
        after = after.at[k].set(jnp.where(touches & ~met[k], speed[k], after[k]))
        met = met.at[k].set(met[k] | touches)
    hits = s.hits
    for a, b, faster in ((i, j, towards_i > -towards_j), (j, i, towards_i <= -towards_j)):
        hits = hits.at[a, b].set(hits[a, b] | (touches & faster))
    return s._replace(vx=vx, vy=vy, after=after, met=met, hits=hits)


def step(bodies: Bodies, place: Place, s: State) -> State:
    """One step of time."""
    n = len(bodies.mass)
    s = s._replace(vy=s.vy - place.gravity * place.dt)
    # A loop over pairs, and bodies side by side at the walls: a third as much to compile.
    pairs = jnp.array(list(combinations(range(n), 2)), int).reshape(-1, 2)
    s = jax.lax.fori_loop(
        0, len(pairs), lambda k, s: _pair(bodies, place, s, pairs[k, 0], pairs[k, 1]), s
    )
    s = _against(bodies, place, s, s.x - place.size - place.left, -1, 0)
    s = _against(bodies, place, s, place.right - place.size - s.x, 1, 0)
    s = _against(bodies, place, s, s.y - place.size, 0, -1)
    moved = jnp.sqrt(s.vx**2 + s.vy**2) * place.dt
    y = s.y + s.vy * place.dt
    return s._replace(
        x=s.x + s.vx * place.dt,
        y=y,
        distance=s.distance + jnp.where(bodies.there, moved, 0.0),
        top=jnp.maximum(s.top, y - place.size),
    )


@partial(jax.jit, static_argnames="place")
def run(bodies: Bodies, place: Place, s: State, steps: int | Array) -> State:
    """The state after some steps."""
    return jax.lax.fori_loop(0, steps, lambda _, now: step(bodies, place, now), s)


@partial(jax.jit, static_argnames=("place", "frames", "steps"))
def path(bodies: Bodies, place: Place, s: State, frames: int, steps: int) -> State:
    """States after each so many steps; arrays with one more axis of `frames` in front."""

    def onwards(now: State, _: None) -> tuple[State, State]:
        now = jax.lax.fori_loop(0, steps, lambda _, now: step(bodies, place, now), now)
        return now, now

    return jax.lax.scan(onwards, s, None, frames)[1]
