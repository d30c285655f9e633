"""A question as a GenJAX generative function."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from plot.backends.lax_ops import Lane
from plot.compiler.choices import Choice
from plot.exports.lanes import Lanes, question_of
from plot.world import Question

if TYPE_CHECKING:
    from genjax import Fn


def as_genjax(asked: Question | str) -> Fn:
    """A generative function (GenJAX 1.x) of no arguments whose return value answers a question.

    Each draw that the question or the evidence needs is one address: the name that it is defined
    as (`(define mu (gaussian 0 1))` is `"mu"`), else its label: the memoised call that makes it,
    `"strength(tom)"`, or its distribution; a second draw of a label is `"gaussian#2"`. A draw among
    finitely many values is the index of the value. `dirichlet` is a chain of beta draws, the share
    that each part takes of what is left. A draw under an `if` is made in every world, and where the
    other arm is taken nothing reads it: its address is there, with its prior.

    GenJAX has no statement for evidence, so every part of it is one more address, whose choice is
    always `True` and whose log density is the part's log weight: `"condition"`, `"condition#2"` (0,
    or minus infinity where it does not hold), `"factor"` (also the density of an observed draw),
    `"alive"` (minus infinity in worlds that met an error). That makes an unnormalised density:

    - `assess` gives the log density of the choices plus the log weight of the evidence. Choices at
      the addresses of evidence may be left out.
    - `generate` always takes the evidence as observed, without constraints too: its weight is the
      log weight of the evidence plus the log density of what was constrained, so traces and weights
      are importance samples of the posterior.
    - `simulate` draws from the prior, and its score counts the evidence as well. Inside another
      generative function that is simulated, the evidence therefore weighs nothing.
    - `update` and `regenerate` weigh the change of the evidence, so Metropolis-Hastings and
      Hamiltonian moves have the posterior as their target. A condition on a continuous draw is a
      wall: gradients do not see it, moves across it are rejected.

    `evidence` of the result names the addresses of the evidence. Under `jax.vmap` or `jit`, GenJAX
    wants `genjax.seed` or `genjax.modular_vmap`, as for its own models. Counts of `poisson` are not
    cut off here, while the engines of this project leave out a tail of 1e-9.

    Args:
      asked: a question of a world, or a program that ends in a question.

    Raises:
      PlotError: where the program is wrong; `Unsupported` for a loop whose rounds a draw counts,
        or an answer whose sort or length is drawn.

    >>> model = as_genjax("(define mu (gaussian 0 1)) (condition (= (gaussian mu 1) 2)) (query mu)")
    >>> density, value = model.assess({"mu": 0.5})
    >>> round(density.item(), 4), value.item()
    (-3.0879, 0.5)
    """
    from genjax.core import trace

    lanes = Lanes(question_of(asked))
    addresses, law = lanes.addresses, _laws()

    def model() -> Any:
        def decide(choice: Choice, parameters: list[Lane]) -> Lane:
            return law[choice.name](*parameters) @ addresses[choice.node]

        lane = lanes.natural.run(decide, jnp.result_type(float))
        for name in lanes.evidence:
            trace(name, law["evidence"], (lanes.log_weight(lane, name),))
        return lanes.value(lane)

    lanes.check()
    return _function()(source=_source(model), evidence=tuple(lanes.evidence))


@cache
def _laws() -> dict[str, Any]:
    """The distribution of each name, from parameters in the order of the language."""
    import genjax
    from genjax.core import distribution, tfp_distribution
    from genjax.pjax import wrap_logpdf, wrap_sampler
    from tensorflow_probability.substrates.jax import distributions as tfd

    def draw_below(key, count, sample_shape=()):
        u = jax.random.uniform(key, (*sample_shape, *jnp.shape(count)))
        return jnp.minimum(jnp.floor(u * count), count - 1).astype(jnp.int32)

    def log_below(x, count):
        return jnp.where((x >= 0) & (x < count), -jnp.log(count), -jnp.inf)

    below = distribution(
        wrap_sampler(draw_below, name="RandomInteger"),
        wrap_logpdf(log_below),
        name="RandomInteger",
    )

    # By position: under `modular_vmap`, GenJAX takes arguments that have a name for the next ones.
    count = tfp_distribution(lambda p, n: tfd.Binomial(n, probs=p), name="Binomial")

    # One argument a weight: GenJAX batches samplers along the first axis of each argument.
    def draw_index(key, *weights, sample_shape=()):
        sums = jnp.cumsum(jnp.stack(jnp.broadcast_arrays(*weights)), 0)
        u = jax.random.uniform(key, (*sample_shape, *sums.shape[1:]))
        index = jnp.sum(sums[:-1] <= u * sums[-1], 0, dtype=jnp.int32)
        last = [jnp.where(w > 0, i, 0) for i, w in enumerate(weights)]
        return jnp.minimum(index, jnp.max(jnp.stack(jnp.broadcast_arrays(*last)), 0))

    def log_index(x, *weights):
        chosen = sum(jnp.where(x == i, w, 0) for i, w in enumerate(weights))
        return jnp.log(chosen / sum(weights))

    index = distribution(
        wrap_sampler(draw_index, name="Discrete"), wrap_logpdf(log_index), name="Discrete"
    )
    evidence = distribution(
        lambda weight: jnp.ones(jnp.shape(weight), jnp.bool_),
        lambda x, weight: jnp.where(x, weight, -jnp.inf),
        name="Evidence",
    )
    return {
        "gaussian": genjax.normal,
        "uniform": genjax.uniform,
        "exponential": genjax.exponential,
        "gamma": lambda shape, scale: genjax.gamma(shape, 1 / scale),
        "beta": genjax.beta,
        "student-t": genjax.student_t,
        "flip": genjax.flip,
        "discrete": index,
        "random-integer": below,
        "binomial": count,
        "poisson": genjax.poisson,
        "evidence": evidence,
    }


def _source(model: Callable[[], Any]) -> Any:
    import genjax

    return genjax.const(model)


@cache
def _function() -> Any:
    """The class of generative functions whose evidence is always observed."""
    import genjax
    from genjax import Pytree

    @Pytree.dataclass
    class PlotFunction(genjax.Fn):
        """A question; `evidence` names the addresses that hold what was observed."""

        source: genjax.Const[Callable[..., Any]]
        evidence: tuple[str, ...] = Pytree.static()

        def generate(self, x, *args, **kwargs):
            return super().generate(self._observed(x), *args, **kwargs)

        def assess(self, x, *args, **kwargs):
            return super().assess(self._observed(x), *args, **kwargs)

        def _observed(self, x):
            return {name: jnp.array(True) for name in self.evidence} | (x or {})

    return PlotFunction
