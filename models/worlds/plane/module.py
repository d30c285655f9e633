"""What world models call: a red body launched at a blue and a green one."""

from __future__ import annotations

import jax.numpy as jnp
from jaxtyping import Array

from models.worlds.plane.solver import Bodies, Place, State, run, start
from plot.modules import Module, ModuleFunction, register

PLACE = Place()
SECONDS = 3.0
PUSHED = 1.0  # s, how long the push lasts before red is on its way
AT = (0.0, 0.4, 0.8)  # m, red, blue, green


def scene(
    mass: list[Array],
    disc: list[Array],
    bounciness: list[Array],
    push: Array,
    angle: Array,
    friction: Array,
    there: list[Array],
) -> tuple[Bodies, State]:
    """The bodies and how they begin; arguments as for `launch`."""
    here = jnp.stack(there)
    bodies = Bodies(jnp.stack(mass), jnp.stack(disc), jnp.stack(bounciness), friction, here)
    still = jnp.zeros_like(bodies.mass)
    speed = jnp.where(here[0], PUSHED * push / bodies.mass[0], 0.0)
    radians = jnp.deg2rad(angle)
    x = still + jnp.array(AT)[:, None]
    vx, vy = still.at[0].set(speed * jnp.cos(radians)), still.at[0].set(speed * jnp.sin(radians))
    return bodies, start(bodies, PLACE, x, vx, vy)


def launch(
    mass: list[Array],
    disc: list[Array],
    bounciness: list[Array],
    push: Array,
    angle: Array,
    friction: Array,
    there: list[Array],
) -> list[Array]:
    """What becomes of a red, a blue and a green body when the red one is launched.

    Args:
      mass: kg, of each, `[worlds]`.
      disc: whether each is a disc; else a block.
      bounciness: share of speed that each keeps in a bounce.
      push: N, on red, for a second before it starts.
      angle: degrees above the floor.
      friction: coefficient.
      there: whether each is there.

    Returns:
      For red, blue and green: whether red has hit it, blue has, green has; whether it has touched a
      wall; metres moved; greatest height; speed after the first collision; speed in the end; whether
      it has met another body.
    """
    bodies, begun = scene(mass, disc, bounciness, push, angle, friction, there)
    s = run(bodies, PLACE, begun, round(SECONDS / PLACE.dt))
    speed = jnp.sqrt(s.vx**2 + s.vy**2)
    rows = [*s.hits, s.wall, s.distance, s.top, s.after, speed, s.met]
    return [row[k].astype(jnp.float32) for row in rows for k in range(len(AT))]


register(
    Module(
        "plane",
        (
            ModuleFunction(
                "launch",
                "(-> (list number) (list boolean) (list number) number number number (list boolean)"
                " (list number))",
                "a red body is launched at a blue and a green one",
                launch,
            ),
        ),
        public=False,
    )
)
