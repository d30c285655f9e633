"""What goes wrong is named before a step is taken: the address, and what to use instead."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest
from genjax import flip, gamma, gen, normal, normal_reinforce, normal_reparam, poisson, uniform

from vi import (
    Enumerate,
    GuideError,
    LeaveOneOut,
    MeasureValued,
    ObjectiveError,
    Reinforce,
    Reparametrise,
    StraightThrough,
    StrategyError,
    draw,
    elbo,
    forward_kl,
    maximise,
    target,
    with_strategies,
)


@gen
def model():
    x = normal(0.0, 1.0) @ "x"
    normal(x, 1.0) @ "y"


def of(guide, observed=("y",)):
    p = target(model, dict.fromkeys(observed, 1.0))
    return maximise(lambda t: elbo(p, gen(guide).T(t)))


CASES = [
    (
        lambda t: Reparametrise()(flip)(t) @ "x",
        StrategyError,
        'Reparametrise has no rule for the draw from flip at "x": its values are discrete',
        "Enumerate(), MeasureValued() or Reinforce()",
    ),
    (
        lambda t: Enumerate()(normal)(t, 1.0) @ "x",
        StrategyError,
        'Enumerate has no rule for the draw from normal at "x"',
        "Reparametrise() or Reinforce()",
    ),
    (
        lambda t: MeasureValued()(gamma)(t, 1.0) @ "x",
        StrategyError,
        'MeasureValued has no rule for the draw from gamma at "x"',
        "Reparametrise() or Reinforce()",
    ),
    (
        lambda t: Reinforce()(uniform)(0.0, t) @ "x",
        StrategyError,
        'Reinforce has no rule for the draw from uniform at "x": its support moves',
        "Reparametrise()",
    ),
    (
        lambda t: Reparametrise()(poisson)(t) @ "x",
        StrategyError,
        'no rule for the draw from Poisson at "x"',
        "Reinforce()",
    ),
    (
        lambda t: StraightThrough()(normal)(t, 1.0) @ "x",
        StrategyError,
        'StraightThrough has no rule for the draw from normal at "x"',
        "Reparametrise()",
    ),
    (
        lambda t: normal(t, 1.0) @ "x",
        StrategyError,
        'the draw from normal at "x" depends on the parameters and has no gradient strategy',
        "Reparametrise() or Reinforce()",
    ),
    (
        lambda t: None,
        GuideError,
        'no choice is made at "x", where the program has a draw from Normal',
        "add the choice to the guide",
    ),
    (
        lambda t: (
            Reparametrise()(normal)(t, 1.0) @ "x",
            Reparametrise()(normal)(t, 1.0) @ "w",
        ),
        GuideError,
        'a choice is made at "w", which the program does not have',
        "vi.marginal",
    ),
    (
        lambda t: (
            Reparametrise()(normal)(t, 1.0) @ "x",
            Reparametrise()(normal)(t, 1.0) @ "y",
        ),
        GuideError,
        'the guide makes a choice at "y", which was observed',
        "leave it out",
    ),
]


@pytest.mark.parametrize(("guide", "error", "message", "hint"), CASES, ids=range(len(CASES)))
def test_checks_name_the_address_and_the_remedy(guide, error, message, hint):
    with pytest.raises(error) as found:
        of(guide).check(0.5)
    assert message in found.value.message
    assert hint in (found.value.hint or "")


def test_a_program_inside_has_a_longer_address():
    @gen
    def inner(t):
        return normal(t, 1.0) @ "z"

    @gen
    def outer(t):
        inner(t) @ "x"

    with pytest.raises(StrategyError, match='at "x/z"'):
        maximise(lambda t: draw(outer.T(t))[1]).check(0.5)
    with pytest.raises(GuideError, match='choices inside "x", where the program has a draw from'):
        of(lambda t: inner(0.0) @ "x").check(0.5)


def test_strategies_for_addresses_that_are_not_there():
    guide = with_strategies(gen(lambda t: normal(t, 1.0) @ "x"), {"w": Reinforce()})
    with pytest.raises(StrategyError, match='for "w", at which nothing is drawn'):
        maximise(lambda t: draw(guide.T(t))[1]).check(0.5)


def test_enumeration_has_a_limit():
    many = maximise(lambda t: jnp.sum(1.0 * Enumerate(most=8)(flip).sample(jnp.full(4, t))))
    with pytest.raises(StrategyError, match=r"the draw from flip has 2\^4 joint values"):
        many.check(0.5)


def test_objectives_return_one_number():
    with pytest.raises(ObjectiveError, match="returns one number"):
        maximise(lambda t: jnp.stack([t, t])).check(0.5)


@gen
def plain(t):
    Reparametrise()(normal)(t, 1.0) @ "x"


def test_what_cannot_be_drawn_from_or_has_no_arguments_is_told():
    posterior = target(model, {"y": 1.0})
    with pytest.raises(ObjectiveError, match="cannot be drawn from") as found:
        maximise(lambda t: forward_kl(posterior, plain.T(t))).check(0.3)
    assert "normalise" in str(found.value.hint)
    for p, q in ((posterior, lambda t: plain), (lambda: 1, plain.T)):
        with pytest.raises(ObjectiveError, match="takes a program with its arguments"):
            maximise(lambda t, p=p, q=q: elbo(p, q(t))).check(0.3)


def test_a_leave_one_out_baseline_needs_company():
    objective = of(lambda t: Reinforce(LeaveOneOut())(normal)(t, 1.0) @ "x")
    objective.check(0.5, estimates=2)
    with pytest.raises(ObjectiveError, match='at "x" needs other estimates'):
        objective.check(0.5, estimates=1)


def test_draws_that_cannot_be_followed():
    def program(t):
        pick = lambda _: Reinforce()(normal).sample(t, 1.0)  # noqa: E731
        return jax.lax.cond(t > 0, pick, lambda _: t, 0.0)

    with pytest.raises(ObjectiveError, match="a draw inside `cond`"):
        maximise(program).check(0.5)
    with pytest.raises(ObjectiveError, match="outside of an objective"):
        jax.grad(lambda t: Reparametrise()(normal).sample(t, 1.0))(0.5)


def test_losses_that_are_not_finite_are_explained():
    """By a parameter, by an address, or by the objective itself."""
    fine = of(lambda t: Reparametrise()(normal)(t, 1.0) @ "x")
    key = jax.random.key(0)
    assert "the parameter" in fine.explain(key, jnp.nan).message
    assert "is finite with this key" in fine.explain(key, 0.3).message
    wide = of(lambda t: Reparametrise()(normal)(t, t) @ "x")
    assert 'log density of a draw from normal at "x"' in wide.explain(key, -1.0).message
    wide.value_and_gradient(key, 0.5)  # what is compiled already records nothing
    assert 'log density of a draw from normal at "x"' in wide.explain(key, -2.0).message
    odd = maximise(lambda t: jnp.log(Reparametrise()(normal).sample(t, 0.1) - 5.0))
    assert "in the objective itself" in str(odd.explain(key, 0.3))
    steep = maximise(lambda t: jnp.sqrt(t))
    assert "the gradient in the parameter" in steep.explain(key, 0.0).message


def test_estimators_of_genjax_are_followed():
    """Distributions of `genjax.adev` keep their own rules, beside strategies of ours."""
    objective = maximise(
        lambda t: (normal_reparam.sample(t, 1.0) + normal_reinforce.sample(t, 1.0)) ** 2
    )
    value, gradient = objective.value_and_gradient(jax.random.key(0), 0.5, estimates=20_000)
    assert float(value) == pytest.approx(3.0, abs=0.15)  # (2 t)^2 + 2, and its derivative 8 t
    assert float(gradient) == pytest.approx(4.0, abs=0.5)


def test_nothing_is_interpreted_after_the_first_step():
    """The program runs while JAX traces, and not again for other keys and parameters."""
    runs = []

    @maximise
    def objective(t):
        runs.append(t)
        return -(Reparametrise()(normal).sample(t, 1.0) ** 2)

    step = jax.jit(lambda key, t: objective.loss_and_gradient(key, t, estimates=64))
    step(jax.random.key(0), 0.5)
    count = len(runs)
    for i in range(3):
        step(jax.random.key(i), 0.1 * i)
    assert len(runs) == count
