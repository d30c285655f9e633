"""Exact figures of the line world, by quadrature over the masses and the push.

For a red mass and a push, the speed at which red reaches blue has a closed form, and blue's speed falls
with blue's mass; so its distribution is an integral over two variables of a normal distribution's
function of the third.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

import numpy as np
from scipy.special import ndtr

MEAN, SD = 5.0, 3.0  # of the normal distributions whose absolute values are the masses and the push
PUSH, GRAVITY, GAP, WALL = 1.0, 9.8, 0.25, 1.5  # s, m/s², m, m from where blue is at first
FRICTION = {True: (0.02, 0.01), False: (0.05, 0.02)}  # static and kinetic, of balls and of blocks
MOST = MEAN + 9 * SD
NODES, POINTS = 100, 120


@dataclass(frozen=True)
class Scene:
    """What was told of a scene.

    Args:
      balls: whether they are balls, or blocks.
      red, blue, push: from and to, kg and N.
    """

    balls: bool
    red: tuple[float, float]
    blue: tuple[float, float]
    push: tuple[float, float]


def below(x: np.ndarray) -> np.ndarray:
    """The distribution function of |normal(5, 3)|."""
    x = np.maximum(x, 0)
    return ndtr((x - MEAN) / SD) - ndtr((-x - MEAN) / SD)


def density(x: np.ndarray) -> np.ndarray:
    """The density of |normal(5, 3)|."""
    both = np.exp(-(((x - MEAN) / SD) ** 2) / 2) + np.exp(-(((x + MEAN) / SD) ** 2) / 2)
    return both * (x >= 0) / (SD * math.sqrt(2 * math.pi))


@dataclass(frozen=True)
class Exact:
    """Blue's speed after the collision.

    Args:
      told: probability of what was told.
      collide: probability of a collision, given that.
      red, arrives: kg and m/s, nodes: red's mass, and the speed at which it reaches blue.
      alone: at the nodes, whether red would reach the wall if blue were not there.
      weights: of the nodes; they sum to `told` times `collide` over the probability of blue's mass.
      blue: from and to, kg.
    """

    told: float
    collide: float
    red: np.ndarray
    arrives: np.ndarray
    alone: np.ndarray
    weights: np.ndarray
    blue: tuple[float, float]
    slow: float  # m/s², what friction takes

    def below(self, speed: float) -> float:
        """Probability that blue is at most so fast, given that they collide."""
        least = self.red * (2 * self.arrives / speed - 1)  # of blue's mass
        low, high = self.blue
        inside = below(np.full_like(least, high)) - below(np.clip(least, low, high))
        return float(np.sum(self.weights * inside)) / (self.told * self.collide)

    def density(self, speed: float) -> float:
        """Its density around a speed, over a window of 2 % of the mean."""
        near = self.average / 100
        return (self.below(speed + near) - self.below(max(speed - near, 1e-9))) / (2 * near)

    @cached_property
    def average(self) -> float:
        """Its mean."""
        mass, share = _nodes(*self.blue)
        weights = share * density(mass)
        speeds = 2 * self.red[:, None] / (self.red[:, None] + mass) * self.arrives[:, None]
        total = np.sum(self.weights[:, None] * weights * speeds)
        return float(total) / (self.told * self.collide)

    @cached_property
    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Speeds, and the density there."""
        points = np.linspace(1e-3, self.quantile(0.999), POINTS)
        return points, np.array([self.density(v) for v in points])

    @property
    def mode(self) -> float:
        """Where the curve is highest."""
        points, densities = self.curve
        return float(points[np.argmax(densities)])

    def error_of_quantile(self, q: float, worlds: float) -> float:
        """Standard error of a quantile of so many independent worlds; 0 where there is no density."""
        density = self.density(self.quantile(q))
        return math.sqrt(q * (1 - q) / worlds) / density if density > 0 else 0.0

    @cached_property
    def what_if(self) -> tuple[float, float]:
        """Given that blue reaches the wall: would red have done so without it, and did blue keep it away?

        Both are slowed alike after the collision and blue is ahead, so they meet no second time.
        """
        least = math.sqrt(2 * self.slow * WALL)  # m/s after the collision to reach the wall
        low, high = self.blue

        def lighter(than: np.ndarray) -> np.ndarray:
            return below(np.clip(than, low, high)) - below(np.full_like(than, low))

        v = self.arrives
        blue_there = lighter(self.red * (2 * v / least - 1))
        red_there = lighter(self.red * (v - least) / (v + least))
        told = np.sum(self.weights * blue_there)
        would = np.sum(self.weights * self.alone * blue_there)
        kept = np.sum(self.weights * self.alone * (blue_there - red_there))
        return float(would / told), float(kept / told)

    def quantile(self, q: float) -> float:
        """The speed below which a share of the worlds is, by bisection."""
        low, high = 0.0, 50.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if self.below(middle) < q else (low, middle)
        return (low + high) / 2


def exact(scene: Scene) -> Exact:
    """Quadrature for a scene.

    >>> anything = Scene(True, (0, math.inf), (0, math.inf), (0, math.inf))
    >>> round(exact(anything).told, 6)
    1.0
    """
    static, kinetic = FRICTION[scene.balls]
    slow = kinetic * GRAVITY
    # Least acceleration at which red gets to blue, and that at which it does while it is pushed.
    least = (math.sqrt((slow * PUSH) ** 2 + 8 * slow * GAP) - slow * PUSH) / (2 * PUSH)
    during = 2 * GAP / PUSH**2
    # Least acceleration at which red gets to the wall alone, pushed all the time.
    root = math.sqrt((slow * PUSH) ** 2 + 8 * slow * (GAP + WALL))
    alone = (root - slow * PUSH) / (2 * PUSH)
    red, arrives, reaches, weights = [], [], [], []
    for mass, share in zip(*_nodes(*scene.red), strict=True):
        begins = mass * max(least + slow, static * GRAVITY)
        cuts = (mass * (a + slow) for a in sorted((during, alone)))
        for low, high in pairwise((begins, *cuts, math.inf)):
            force, part = _nodes(max(low, begins, scene.push[0]), min(high, scene.push[1]))
            a = force / mass - slow
            x = np.minimum(a * PUSH**2 / 2, GAP)
            square = np.where(x >= GAP, 2 * a * GAP, (a * PUSH) ** 2 - 2 * slow * (GAP - x))
            arrives.append(np.sqrt(np.maximum(square, 0)))
            weights.append(share * density(np.array(mass)) * part * density(force))
            red.append(np.full_like(force, mass))
            reaches.append(a >= alone)
    total = np.concatenate(weights)
    blue = _probability(scene.blue)
    told = _probability(scene.red) * blue * _probability(scene.push)
    hits = float(np.sum(total)) * blue
    nodes = np.concatenate(red), np.concatenate(arrives), np.concatenate(reaches)
    return Exact(told, hits / told, *nodes, total, scene.blue, slow)


def _probability(limits: tuple[float, float]) -> float:
    low, high = below(np.array(limits))
    return float(high - low)


@cache
def _legendre() -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(NODES)


def _nodes(low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Gauss-Legendre nodes and weights between two limits; none where there is nothing between."""
    high = min(high, MOST)
    if high <= low:
        return np.zeros(0), np.zeros(0)
    points, weights = _legendre()
    half = (high - low) / 2
    return low + half * (points + 1), half * weights
