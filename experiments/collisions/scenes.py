"""The scenes of the experiment: sentences, what they are meant to say, and the figures to meet.

References: the figures of "From Word Models to World Models" (arXiv 2306.12672), section 3.2, by eye.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from experiments.collisions.quadrature import Scene

ANY = (0.0, math.inf)


@dataclass(frozen=True)
class Said:
    """A sentence and the expression that it is meant to become."""

    sentence: str
    meant: str


@dataclass(frozen=True)
class Told:
    """A scene in English.

    Args:
      name: as in the names of figures.
      title: for people.
      statements: what is told.
      exact: the same for quadrature.
      references: figures of blue's speed after the collision, by name.
      note: where these differ from what the model says.
    """

    name: str
    title: str
    statements: tuple[Said, ...]
    exact: Scene
    references: dict[str, float] = field(default_factory=dict)
    note: str = ""


BALLS = Said("Both objects are balls.", "(condition (all (lambda (x) (ball? x)) objects))")
BLOCKS = Said("Both objects are blocks.", "(condition (all (lambda (x) (block? x)) objects))")
SPEED = Said(
    "How fast does the blue {kind} move after the collision?", "(query (speed-after 'blue))"
)
COLLIDE = Said("Does the red {kind} hit the blue {kind}?", "(query (hits? 'red 'blue))")

SCENES = (
    Told(
        "scene_a",
        "A: a heavy red ball, a light blue ball, pushed hard",
        (
            BALLS,
            Said("The red ball is pretty heavy.", "(condition (> (mass 'red) 2))"),
            Said("The blue ball is fairly light.", "(condition (< (mass 'blue) 2))"),
            Said("The red ball was pushed hard.", "(condition (> (push 'red) 6))"),
        ),
        Scene(True, (2, math.inf), (0, 2), (6, math.inf)),
        {"mode": 1.3, "low": 1.0, "high": 2.0},
    ),
    Told(
        "scene_b",
        "B: a light red ball, a heavy blue ball, pushed gently",
        (
            BALLS,
            Said("The red ball is fairly light.", "(condition (< (mass 'red) 2))"),
            Said("The blue ball is pretty heavy.", "(condition (> (mass 'blue) 2))"),
            Said("The red ball was pushed gently.", "(condition (< (push 'red) 2))"),
        ),
        Scene(True, (0, 2), (2, math.inf), (0, 2)),
        {"mode": 0.25, "high": 1.0},
        "the reference is the mode of one run's broad distribution, read off a figure by eye; pushes of "
        "0.5 to 2 s over gaps of 0.15 to 0.6 m were tried, and where B comes up to 0.25, A is at 2 rather "
        "than at 1.3; Euler steps of 0.5 s, as in the source, would give modes of 0.24 in B and 0.19 in C, "
        "but 1.52 in A, whose 99th percentile would be 6.5 where the figure ends at 2",
    ),
    Told(
        "scene_c",
        "C: a light red block, a heavy blue block, pushed lightly",
        (
            BLOCKS,
            Said("The red block is fairly light.", "(condition (< (mass 'red) 2))"),
            Said("The blue block is quite heavy.", "(condition (> (mass 'blue) 3.5))"),
            Said("The red block was pushed lightly.", "(condition (< (push 'red) 2))"),
        ),
        Scene(False, (0, 2), (3.5, math.inf), (0, 2)),
        {"mode": 0.18, "low": 0.05, "high": 0.38},
    ),
)

# What would have been: the red ball is pushed, the blue one reaches the wall.
WHAT_IF = (
    BALLS,
    Said("The red ball hits the blue ball.", "(condition (hits? 'red 'blue))"),
    Said("The blue ball hits the wall.", "(condition (hits-wall? 'blue))"),
)
WHAT_IF_EXACT = Scene(True, ANY, ANY, ANY)
WHAT_IF_ASKED = (
    (
        "p_red_would_have_reached_the_wall_without_blue",
        Said(
            "Would the red ball have reached the wall if the blue ball had not been there?",
            "(query (hits-wall-without? 'red 'blue))",
        ),
    ),
    (
        "p_red_caused_blue_to_hit_the_wall",
        Said(
            "Did the red ball cause the blue ball to hit the wall?",
            "(query (and (hits-wall? 'blue) (not (hits-wall-without? 'blue 'red))))",
        ),
    ),
    (
        "p_blue_kept_red_from_the_wall",
        Said(
            "Did the blue ball keep the red ball from reaching the wall?",
            "(query (and (not (hits-wall? 'red)) (hits-wall-without? 'red 'blue)))",
        ),
    ),
)
