"""A question as a NumPyro model."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import jax.numpy as jnp

from plot.backends.lax_ops import Lane
from plot.compiler.choices import Choice
from plot.compiler.domains import SUPPORT_LIMIT
from plot.errors import Unsupported
from plot.exports.lanes import Lanes, Tree, question_of
from plot.exports.parameters import log_density, value_count
from plot.world import Question


def as_numpyro(asked: Question | str, enumerate_finite: bool = True) -> Callable[[], Tree]:
    """A NumPyro model of no arguments; it returns the answer to a question.

    Sites are named as the addresses of `as_genjax` are, and what is said there of draws under an
    `if` and of `dirichlet` holds here. Each part of the evidence is a `numpyro.factor`, and the
    answer is the deterministic site `"value"` where it is a number, a truth value or a name (by its
    code; of a list, the parts are `"value[0]"` and so on).

    Draws from finitely many values are indices and are marked for parallel enumeration, which NUTS
    and HMC need (from the package `funsor`): they are summed out, and drawn afterwards with
    `drawn = Predictive(model, samples, infer_discrete=True)(key)`. An answer that hangs on them is
    then `as_jax(asked).of_choices({**samples, **drawn}).value`; while they are summed out it has no
    site. Counts of `binomial` and `poisson` are enumerated too, those of `poisson` up to a tail of
    1e-9 (up to 257, past which worlds are lost, where the mean has no bound).

    A condition is a factor of 0 or minus infinity. On finite draws alone that is exact. On
    continuous draws it is a wall that gradients do not see: NUTS stops at it and stays right, but
    its first point must satisfy the condition (`init_strategy=init_to_value(values=…)`, otherwise
    NumPyro finds no valid initial parameters), it mixes worse the thinner the region is, and it
    does not cross between regions that are apart. An equality of drawn real numbers
    (other than an observed draw, which is a density) has probability zero and cannot be run.

    Args:
      asked: a question of a world, or a program that ends in a question.
      enumerate_finite: whether finite draws are marked for enumeration; without, for simulation
        or for kernels that sample them.

    Raises:
      PlotError: where the program is wrong; `Unsupported` for a loop whose rounds a draw counts, an
        answer whose sort or length is drawn, and for a draw from too many values to enumerate.

    >>> import jax, numpyro
    >>> model = as_numpyro("(define coin (flip 0.3)) (factor (if coin 1 0)) (query coin)")
    >>> trace = numpyro.handlers.trace(numpyro.handlers.seed(model, jax.random.key(0))).get_trace()
    >>> list(trace)
    ['coin', 'factor', 'value']
    """
    lanes = Lanes(question_of(asked))
    addresses = lanes.addresses
    if enumerate_finite:
        for choice in lanes.natural.choices.values():
            _check_finite(choice)

    def model() -> Tree:
        import numpyro

        def decide(choice: Choice, parameters: list[Lane]) -> Any:
            marks = {"enumerate": "parallel"} if enumerate_finite and not choice.continuous else {}
            law = _law(choice, parameters)
            return numpyro.sample(addresses[choice.node], law, infer=marks)

        lane = lanes.natural.run(decide, jnp.result_type(float))
        for name in lanes.evidence:
            numpyro.factor(name, lanes.log_weight(lane, name))
        value = lanes.value(lane)
        _note("value", value, numpyro.deterministic)
        return value

    lanes.check()
    return model


def _note(name: str, value: Tree, note: Callable[[str, Any], Any]) -> None:
    if isinstance(value, list):
        for i, part in enumerate(value):
            _note(f"{name}[{i}]", part, note)
    elif jnp.ndim(value) == 0:  # while draws are enumerated, a value stands for several
        note(name, value)


def _check_finite(choice: Choice) -> None:
    if not choice.continuous and value_count(choice) is None:
        raise Unsupported(
            f"`{choice.label}` draws from more than {SUPPORT_LIMIT} values, which cannot be enumerated",
            choice.span,
            "export it with enumerate_finite=False, for simulation or a kernel that samples it",
        )


def _law(choice: Choice, parameters: list[Lane]) -> Any:
    make = _laws().get(choice.name)
    if make is not None:
        return make(*parameters)
    import numpyro.distributions as laws

    if choice.name == "discrete":
        weights = jnp.stack(jnp.broadcast_arrays(*parameters), -1)
        return laws.CategoricalLogits(_finite(jnp.log(weights)))
    count = value_count(choice)
    if count is None:
        return laws.DiscreteUniform(0, parameters[0] - 1)
    values = jnp.arange(count)
    spread = [p[..., None] for p in parameters]
    masses = log_density(choice, values, spread, jnp.result_type(float))
    return laws.CategoricalLogits(_finite(masses))


def _finite(logits: Lane) -> Lane:
    """Logits that NumPyro accepts: what is impossible is as good as impossible."""
    return jnp.maximum(logits, jnp.finfo(logits.dtype).min / 4)


@cache
def _laws() -> dict[str, Callable[..., Any]]:
    """The distribution of each name, from parameters in the order of the language."""
    import numpyro.distributions as laws

    return {
        "gaussian": laws.Normal,
        "uniform": laws.Uniform,
        "exponential": laws.Exponential,
        "gamma": lambda shape, scale: laws.Gamma(shape, 1 / scale),
        "beta": laws.Beta,
        "student-t": laws.StudentT,
        "flip": laws.BernoulliProbs,
    }
