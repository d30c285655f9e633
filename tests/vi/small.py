"""Four small models whose expected values can be summed: of flips, of a categorical draw, of normals.

`coins` has two flips that depend on each other, `kinds` one categorical draw, `shift` one normal, and
`plane` one multivariate normal. Each has one parameter in the model (`m`) and two in the guide (`a`, `b`).
"""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
from genjax import categorical, flip, gen, multivariate_normal, normal

from tests.vi.exact import line
from vi import Reinforce, Reparametrise

POINT = {"m": 0.3, "a": -0.4, "b": 0.8}
OBSERVED = {"y": 1.2}


@gen
def coins(t):
    c = flip(0.35) @ "c"
    d = flip(jnp.where(c, 0.7, jax.nn.sigmoid(t["m"]))) @ "d"
    normal(1.0 * c + 0.5 * d, 0.8) @ "y"


@gen
def coins_guide(t):
    c = Reinforce()(flip)(jax.nn.sigmoid(t["a"])) @ "c"
    Reinforce()(flip)(jax.nn.sigmoid(jnp.where(c, t["b"], -t["a"]))) @ "d"


@gen
def shift(t):
    x = normal(t["m"], 1.0) @ "x"
    normal(x, 0.7) @ "y"


@gen
def shift_guide(t):
    Reparametrise()(normal)(t["a"], jnp.exp(t["b"] - 1)) @ "x"


def plane_prior_moments(t):
    return jnp.stack([t["m"], 0.2 * jnp.ones(())]), jnp.array([[0.5, 0.15], [0.15, 0.5]])


def plane_guide_moments(t):
    factor = jnp.array([[jnp.exp(t["b"] - 1), 0.0], [0.3 * t["a"], 0.9]])
    return jnp.stack([t["a"], 0.5 * t["b"]]), factor @ factor.T


@gen
def plane(t):
    x = multivariate_normal(*plane_prior_moments(t)) @ "x"
    normal(x[0] + 0.5 * x[1], 0.7) @ "y"


@gen
def plane_guide(t):
    Reparametrise()(multivariate_normal)(*plane_guide_moments(t)) @ "x"


def kind_logits(t):
    return jnp.stack([t["m"], 0.2 * jnp.ones(()), -t["m"]])


def guess_logits(t):
    return jnp.stack([t["a"], t["b"], jnp.zeros(())])


@gen
def kinds(t):
    kind = categorical(kind_logits(t)) @ "kind"
    normal(1.0 * kind, 0.8) @ "y"


@gen
def kinds_guide(t):
    Reinforce()(categorical)(guess_logits(t)) @ "kind"


def log_normal_density(x, loc, scale):
    return -0.5 * ((x - loc) / scale) ** 2 - jnp.log(scale) - 0.5 * jnp.log(2 * jnp.pi)


def log_plane_density(x, mean, covariance):
    away = x - mean
    (a, b), (_, c) = covariance
    determinant = a * c - b * b
    square = (c * away[0] ** 2 - 2 * b * away[0] * away[1] + a * away[1] ** 2) / determinant
    return -0.5 * square - 0.5 * jnp.log(determinant) - jnp.log(2 * jnp.pi)


def log_flip(x, logit):
    return jnp.where(x == 1, jax.nn.log_sigmoid(logit), jax.nn.log_sigmoid(-logit))


class Coins:
    """All four worlds of two flips."""

    points = jnp.array(list(itertools.product([0, 1], [0, 1])))
    weights = jnp.ones(4)

    @staticmethod
    def log_p(t, z, y=1.2):
        c, d = z
        logit = jnp.where(c == 1, jnp.log(0.7 / 0.3), t["m"])
        return (
            log_flip(c, jnp.log(0.35 / 0.65))
            + log_flip(d, logit)
            + log_normal_density(y, c + 0.5 * d, 0.8)
        )

    @staticmethod
    def log_q(t, z):
        c, d = z
        return log_flip(c, t["a"]) + log_flip(d, jnp.where(c == 1, t["b"], -t["a"]))


class Shift:
    """A grid over one normal."""

    points = line(-9, 9, 240).points
    weights = line(-9, 9, 240).weights

    @staticmethod
    def log_p(t, z, y=1.2):
        return log_normal_density(z, t["m"], 1.0) + log_normal_density(y, z, 0.7)

    @staticmethod
    def log_q(t, z):
        return log_normal_density(z, t["a"], jnp.exp(t["b"] - 1))


class Plane:
    """A grid over two normals that depend on each other."""

    side = line(-4.5, 4.5, 32)
    points = jnp.stack(jnp.meshgrid(side.points, side.points), -1).reshape(-1, 2)
    weights = jnp.outer(side.weights, side.weights).reshape(-1)

    @staticmethod
    def log_p(t, z, y=1.2):
        prior = log_plane_density(z, *plane_prior_moments(t))
        return prior + log_normal_density(y, z[0] + 0.5 * z[1], 0.7)

    @staticmethod
    def log_q(t, z):
        return log_plane_density(z, *plane_guide_moments(t))


class Kinds:
    """All three values of one categorical draw."""

    points = jnp.arange(3)
    weights = jnp.ones(3)

    @staticmethod
    def log_p(t, z, y=1.2):
        return jax.nn.log_softmax(kind_logits(t))[z] + log_normal_density(y, z, 0.8)

    @staticmethod
    def log_q(t, z):
        return jax.nn.log_softmax(guess_logits(t))[z]


@gen
def coins_prior(t):
    c = Reinforce()(flip)(0.35) @ "c"
    Reinforce()(flip)(jnp.where(c, 0.7, jax.nn.sigmoid(t["m"]))) @ "d"


@gen
def kinds_prior(t):
    Reinforce()(categorical)(kind_logits(t)) @ "kind"


@gen
def shift_prior(t):
    Reinforce()(normal)(t["m"], 1.0) @ "x"


@gen
def plane_prior(t):
    Reinforce()(multivariate_normal)(*plane_prior_moments(t)) @ "x"


class CoinsPrior(Coins):
    @staticmethod
    def log_p(t, z, y=None):
        c, d = z
        logit = jnp.where(c == 1, jnp.log(0.7 / 0.3), t["m"])
        return log_flip(c, jnp.log(0.35 / 0.65)) + log_flip(d, logit)


class KindsPrior(Kinds):
    @staticmethod
    def log_p(t, z, y=None):
        return jax.nn.log_softmax(kind_logits(t))[z]


class ShiftPrior(Shift):
    @staticmethod
    def log_p(t, z, y=None):
        return log_normal_density(z, t["m"], 1.0)


class PlanePrior(Plane):
    @staticmethod
    def log_p(t, z, y=None):
        return log_plane_density(z, *plane_prior_moments(t))


PRIORS = {
    "coins": (coins_prior, CoinsPrior),
    "kinds": (kinds_prior, KindsPrior),
    "shift": (shift_prior, ShiftPrior),
    "plane": (plane_prior, PlanePrior),
}
