"""Two objects on a line: a push, sliding friction, an elastic collision, a wall.

Between events (the end of the push, a stop, a collision, the wall) accelerations are constant, so each
leg from event to event is computed exactly, and the step of time matters for the length of the push
alone. The source leaves open how long the push lasts and how far apart the objects are: two steps and a
quarter of a metre give the modes that its figures show.

Source: "From Word Models to World Models" (arXiv 2306.12672), section 3.2, dynamic scenes.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from plot.modules import Module, ModuleFunction, register

STEP = 0.5  # s
PUSH = 2 * STEP  # s, how long the push lasts, if red does not meet blue before
GRAVITY = 9.8  # m/s²
GAP = 0.25  # m between red and blue before the push
WALL = 1.5  # m from where blue is at first; it holds what reaches it
END = 10.0  # s, when the scene ends
LEGS = 24  # events that are followed; a world with more is not finished

type Lane = Float[Array, " worlds"]
type Two = Float[Array, "two worlds"]  # red, then blue


class Bodies(NamedTuple):
    """What stays as it is.

    Args:
      mass: kg.
      push: N, on red, while it lasts.
      static, kinetic: coefficients of friction.
      there: whether each object is there.
    """

    mass: Two
    push: Lane
    static: Lane
    kinetic: Lane
    there: Bool[Array, "two worlds"]


class State(NamedTuple):
    """The objects at a time.

    Args:
      time: s since the push began.
      x, v: positions (m, from where blue is at first) and velocities (m/s).
      distance: m that each has moved.
      met: s until they collided, infinite as long as they have not.
      before, after: speeds at the first collision.
      wall: whether each has reached the wall, which holds it.
    """

    time: Lane
    x: Two
    v: Two
    distance: Two
    met: Lane
    before: Two
    after: Two
    wall: Bool[Array, "two worlds"]


def start(bodies: Bodies) -> State:
    """Both at rest, red on the left."""
    none = jnp.zeros_like(bodies.mass)
    x = none.at[0].set(-GAP)
    time = none[0]
    return State(time, x, none, none, time + jnp.inf, none, none, none > 0)


def elastic(mass: Two, v: Two) -> Two:
    """Velocities after an elastic collision: momentum and kinetic energy stay.

    >>> import jax.numpy as jnp
    >>> elastic(jnp.array([[1.0], [3.0]]), jnp.array([[2.0], [0.0]])).ravel().tolist()
    [-1.0, 1.0]
    """
    centre = (mass * v).sum(0) / mass.sum(0)
    return 2 * centre - v


def accelerations(bodies: Bodies, s: State) -> Two:
    """Of the objects while nothing happens, in m/s²."""
    push = jnp.where(_pushed(s) & bodies.there[0], bodies.push, 0.0)
    force = jnp.stack([push, jnp.zeros_like(push)])
    slides = ~s.wall & ((s.v != 0) | (force > bodies.static * bodies.mass * GRAVITY))
    direction = jnp.where(s.v != 0, jnp.sign(s.v), 1.0)
    return jnp.where(slides, force / bodies.mass - bodies.kinetic * GRAVITY * direction, 0.0)


def _pushed(s: State) -> Array:
    return (s.time < PUSH) & jnp.isinf(s.met)


def closing(gap: Array, rate: Array, change: Array) -> Array:
    """Seconds until a gap that grows at a rate, and the rate by `change`, is closed (again)."""
    again = jnp.where((rate > 0) & (change < 0), -2 * rate / change, jnp.inf)
    at_once = jnp.where(rate < 0, 0.0, again)
    square = rate**2 - 2 * change * gap
    speed = jnp.sqrt(jnp.maximum(square, 0)) - rate  # the stable form of the quadratic's root
    ahead = (square >= 0) & (speed > 0) & ((rate < 0) | (change < 0))
    first = jnp.where(ahead, 2 * gap / jnp.where(ahead, speed, 1.0), jnp.inf)
    return jnp.where(gap > 0, first, at_once)


def leg(bodies: Bodies, s: State, until: float | Array = END) -> State:
    """The state right after the next event, or at a time that comes before it."""
    a = accelerations(bodies, s)
    both = bodies.there.all(0)
    push_ends = jnp.where(_pushed(s), PUSH - s.time, jnp.inf)
    stops = jnp.where(s.v * a < 0, -s.v / jnp.where(a == 0, 1.0, a), jnp.inf)
    meets = jnp.where(both, closing(s.x[1] - s.x[0], s.v[1] - s.v[0], a[1] - a[0]), jnp.inf)
    walls = jnp.where(s.wall, jnp.inf, closing(WALL - s.x, -s.v, -a))
    horizon = until - s.time
    dt = jnp.minimum(jnp.minimum(push_ends, stops.min(0)), jnp.minimum(meets, walls.min(0)))
    dt = jnp.minimum(dt, horizon)
    moved = s.v * dt + a * dt**2 / 2
    x, v = s.x + moved, s.v + a * dt
    v = jnp.where(stops <= dt, 0.0, v)
    time = jnp.where(push_ends <= dt, PUSH, jnp.where(horizon <= dt, until, s.time + dt))
    bumps = walls <= dt
    x, v = jnp.where(bumps, WALL, x), jnp.where(bumps, 0.0, v)
    wall = s.wall | bumps
    hit = (meets <= dt) & (v[0] > v[1])
    x = x.at[0].set(jnp.where(hit, x[1], x[0]))
    rebound = jnp.where(wall.any(0), jnp.where(wall, 0.0, -v), elastic(bodies.mass, v))
    first = hit & jnp.isinf(s.met)
    return State(
        time,
        x,
        jnp.where(hit, rebound, v),
        s.distance + jnp.abs(moved),
        jnp.where(first, time, s.met),
        jnp.where(first, jnp.abs(v), s.before),
        jnp.where(first, jnp.abs(rebound), s.after),
        wall,
    )


@jax.jit
def run(bodies: Bodies, until: float | Array = END) -> State:
    """The state when the scene ends, or at a time before.

    Args:
      bodies: what there is.
      until: s.
    """
    return _onward(bodies, start(bodies), until)


@jax.jit
def path(bodies: Bodies, times: Float[Array, " times"]) -> State:
    """The states at some times, `[times, …]` each.

    Args:
      bodies: what there is.
      times: s, rising.
    """

    def to(state: State, time: Array) -> tuple[State, State]:
        after = _onward(bodies, state, time)
        return after, after

    return jax.lax.scan(to, start(bodies), times)[1]


def _onward(bodies: Bodies, state: State, until: float | Array) -> State:
    def goes_on(carry: tuple[int, State]) -> Array:
        return (carry[0] < LEGS) & (carry[1].time < until).any()

    def onward(carry: tuple[int, State]) -> tuple[int, State]:
        new, old = leg(bodies, carry[1], until), carry[1]
        return carry[0] + 1, jax.tree.map(lambda n, o: jnp.where(old.time < until, n, o), new, old)

    return jax.lax.while_loop(goes_on, onward, (0, state))[1]


def slide(
    red_mass: Lane,
    blue_mass: Lane,
    push: Lane,
    static: Lane,
    kinetic: Lane,
    red: Array,
    blue: Array,
) -> list[Lane]:
    """What becomes of a red object that is pushed towards a blue one at rest.

    Args:
      red_mass, blue_mass: kg.
      push: N, on red, for a second.
      static, kinetic: coefficients of friction.
      red, blue: whether each is there.

    Returns:
      Whether they collide and when; then for red and blue the speed before and after the collision,
      the distance moved, whether it reaches the wall (1 or 0) and the speed in the end; at last
      whether all was followed to the end.
    """
    there = jnp.stack([red, blue])
    bodies = Bodies(jnp.stack([red_mass, blue_mass]), push, static, kinetic, there)
    s = run(bodies)
    collided = jnp.isfinite(s.met)
    met = jnp.where(collided, s.met, END)
    per_object = (s.before, s.after, s.distance, s.wall.astype(jnp.float32), jnp.abs(s.v))
    ended = (s.time >= END).astype(jnp.float32)
    return [
        collided.astype(jnp.float32),
        met,
        *[lane for pair in per_object for lane in pair],
        ended,
    ]


register(
    Module(
        "line",
        (
            ModuleFunction(
                "slide",
                "(-> number number number number number boolean boolean (list number))",
                "a red object is pushed towards a blue one",
                slide,
            ),
        ),
        public=False,
    )
)
