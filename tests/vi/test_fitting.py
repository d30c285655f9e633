"""Fits resume to the same bits, stop at rest, and name what is not finite."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from vi.fitting import (
    CheckpointError,
    Checkpoints,
    FitOptions,
    NotFinite,
    Plateau,
    gradient_noise,
    loss_and_gradient,
    optimise,
)

BEGIN = {"a": jnp.zeros(3), "b": {"c": jnp.ones(())}}


def loss(key, params):
    noise = jax.random.normal(key, (3,))
    return jnp.sum((params["a"] - 1 - noise) ** 2) + jnp.cosh(params["b"]["c"])


estimator = loss_and_gradient(loss)


def options(folder=None, steps=70, **more):
    checkpoints = None if folder is None else Checkpoints(folder, every=20)
    return FitOptions(steps, optax.adam(0.05), checkpoints=checkpoints, chunk=10, **more)


def same(a, b):
    return all(
        np.array_equal(np.asarray(x), np.asarray(y))
        for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True)
    )


@pytest.mark.parametrize("at", [10, 35, 60])
def test_an_interrupted_fit_resumes_to_the_same_bits(tmp_path, key, at):
    whole = optimise(key, estimator, BEGIN, options(accumulate=2))

    def interrupt(done):
        if done >= at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        optimise(key, estimator, BEGIN, options(tmp_path, accumulate=2), interrupt)
    again = optimise(key, estimator, BEGIN, options(tmp_path, accumulate=2))
    assert again.resumed >= at
    assert same(again.params, whole.params)
    assert same(again.curve.losses, whole.curve.losses)
    assert len(again.curve) == 70


def test_a_killed_fit_resumes_from_its_last_checkpoint(tmp_path, key):
    class Killed(Exception):
        """Stands for a process that ends without a chance to save."""

    def kill(done):
        if done == 50:
            raise Killed

    with pytest.raises(Killed):
        optimise(key, estimator, BEGIN, options(tmp_path), kill)
    again = optimise(key, estimator, BEGIN, options(tmp_path))
    assert again.resumed == 40
    assert same(again.params, optimise(key, estimator, BEGIN, options()).params)


def test_more_steps_go_on_from_fewer(tmp_path, key):
    optimise(key, estimator, BEGIN, options(tmp_path, steps=33))
    more = optimise(key, estimator, BEGIN, options(tmp_path))
    assert more.resumed == 33
    assert same(more.params, optimise(key, estimator, BEGIN, options()).params)


def test_a_checkpoint_of_another_fit_is_refused(tmp_path, key):
    optimise(key, estimator, BEGIN, options(tmp_path))
    with pytest.raises(CheckpointError, match="another key"):
        optimise(jax.random.key(1), estimator, BEGIN, options(tmp_path))
    other = loss_and_gradient(lambda key, x: jnp.sum(x**2))
    with pytest.raises(CheckpointError, match="other"):
        optimise(key, other, jnp.zeros(2), options(tmp_path, steps=80))


def test_averaged_estimates_have_less_noise(key):
    class Mean:
        def __call__(self, key, params):
            found = [estimator(k, params) for k in jax.random.split(key, 16)]
            return jax.tree.map(lambda *x: sum(x) / 16, *found)

    report = gradient_noise(key, {"one": estimator, "sixteen": Mean()}, BEGIN, 2_000)
    ratio = report.rows[0].variance / report.rows[1].variance
    # Each variance is that of 3 normals over 2,000 estimates: relative error sqrt(2 / 6,000).
    assert abs(ratio / 16 - 1) < 5 * np.sqrt(2 * 2 / 6_000)
    assert report.rows[1].departure < 5


def test_a_biased_strategy_departs(key):
    wrong = loss_and_gradient(lambda key, p: loss(key, p) + 0.5 * jnp.sum(p["a"]))
    report = gradient_noise(key, {"right": estimator, "wrong": wrong}, BEGIN, 2_000)
    assert report.rows[1].departure > 5


def test_a_fit_at_rest_stops(key):
    found = optimise(key, estimator, BEGIN, options(steps=5_000, stop=Plateau(100)))
    assert len(found.curve) < 5_000 and "at rest" in found.stopped
    assert np.allclose(found.params["a"], 1, atol=1)


def test_what_is_not_finite_is_named_with_its_step(key):
    broken = loss_and_gradient(lambda key, p: jnp.sum(p["good"] ** 2) + jnp.sum(jnp.sqrt(p["bad"])))
    with pytest.raises(NotFinite, match=r"step 4: .*bad") as error:
        optimise(
            key,
            broken,
            {"good": jnp.ones(2), "bad": jnp.full(2, 0.25)},
            FitOptions(50, optax.sgd(0.1), chunk=10),
        )
    assert error.value.step == 4

    def explain(key, p):
        return "strength(tom)" if jnp.isnan(jnp.sqrt(p["bad"])).any() else None

    with pytest.raises(NotFinite, match=r"step 4: .*strength\(tom\)"):
        optimise(
            key,
            broken,
            {"good": jnp.ones(2), "bad": jnp.full(2, 0.25)},
            FitOptions(50, optax.sgd(0.1), chunk=10),
            explain=explain,
        )


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"accumulate": 0}, {"chunk": 0}])
def test_counts_below_one_are_refused(wrong):
    with pytest.raises(ValueError, match="1 or more"):
        FitOptions(**wrong)


def test_the_windows_of_a_curve_cover_every_step():
    from vi.fitting import Curve

    curve = Curve(np.arange(103.0), np.ones(103))
    windows = curve.windows(10)
    assert windows.mean[-1] == np.arange(93, 103).mean()
    assert abs(windows.step[-1] - 98) < 1e-9
