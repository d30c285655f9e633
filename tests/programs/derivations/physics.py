"""Physics: laws in closed form, and integrals over what is uncertain."""

import math
from collections import defaultdict

import numpy as np

from tests.programs.derivations.tools import integral, moments, stats, table


def projectile():
    speed, angle, g = 20.0, math.pi / 6, 9.8
    return {"mean": speed**2 * math.sin(2 * angle) / g, "sd": 0.0}


def thrown_with_noise():
    """Range v^2 / g at 45 degrees; the speed is normal."""
    m, s, g = 20.0, 2.0, 9.8
    variance = 4 * m**2 * s**2 + 2 * s**4  # of the square of a normal number
    return {"mean": (m**2 + s**2) / g, "sd": math.sqrt(variance) / g}


def rolling_to_a_stop():
    """Distance v^2 / (2 mu g) with mu uniform."""
    low, high, v, g = 0.05, 0.1, 2.0, 9.8
    return moments(lambda d: d**-2, v**2 / (2 * high * g), v**2 / (2 * low * g))


def how_rough_is_the_floor():
    """Friction given the noisy distance of a roll."""

    def joint(mu):
        return stats.norm(4 / (2 * mu * 9.8), 0.3).pdf(3.0)

    return moments(joint, 0.05, 0.1)


def drunkard():
    """A walk on 0 … 5 from 2, which ends at either side."""
    return {"P(home)": 3 / 5, "P(bar)": 2 / 5}


def steps_of_the_drunkard():
    """Steps until a walk from 1 leaves {1, 2}, to the right with probability 0.4."""
    places, out, left = {1: 1.0}, {}, 1.0
    for n in range(1, 200):
        grown: dict = defaultdict(float)
        for x, p in places.items():
            grown[x + 1] += 0.4 * p
            grown[x - 1] += 0.6 * p
        out[n] = grown.pop(0, 0) + grown.pop(3, 0)
        places, left = grown, left - out[n]
    mean = sum(n * p for n, p in out.items())
    return {"P(1)": out[1], "P(2)": out[2], "P(3)": out[3], "mean": mean}


def unknown_mass():
    """The speed of a struck ball, seen with noise, tells the mass of the other."""
    cases = []
    for mass in (1, 2, 4):
        speed = 2 * mass * 3 / (mass + 1)
        cases.append((mass, stats.norm(speed, 0.5).pdf(4.2)))
    return table(cases)


def _bounces(height, loss):
    n = 0
    while height >= 0.1:
        height, n = height * loss, n + 1
    return n


def bouncing_ball():
    return table((_bounces(1.0, loss), p) for loss, p in ((0.5, 0.5), (0.6, 0.3), (0.8, 0.2)))


def falling_time():
    def density(t):  # of the time to fall from a height uniform on 5 … 20
        return 9.8 * t

    return moments(density, math.sqrt(2 * 5 / 9.8), math.sqrt(2 * 20 / 9.8))


def tower_of_blocks():
    """Two blocks of width 1 set with normal errors: does the upper stay?"""
    stays = 2 * stats.norm(0, 0.3 * math.sqrt(2)).cdf(0.5) - 1
    return {"P(#t)": stays, "P(#f)": 1 - stays}


def swinging():
    """Mean period of a pendulum of uniform length 0.5 … 1.5."""
    mean = integral(lambda x: 2 * math.pi * np.sqrt(x / 9.8), 0.5, 1.5)
    return {"mean": mean}
