"""Posteriors as pandas' tables and ArviZ's trees."""

import arviz_stats
import jax
import numpy as np
import pytest

from inference import Importance
from inference.chains import HMC, Gradient, Metropolis
from plot.posterior import Posterior
from plot.world import World

SOURCE = "(define x (gaussian 0 1)) (condition (= (gaussian x 1) 2))"
OVERFLOWS = "(- (exp (* 100 x)) (exp (* 101 x)))"  # infinity less infinity where x is large
WEIGHTED = Importance(worlds=20_000)
CHAINS = Metropolis(chains=8, steps=100, warmup=20)


def ask(engine, question: str, source: str = SOURCE) -> Posterior:
    return engine.infer(jax.random.key(0), World.from_source(source).ask(question))


class TestPandas:
    def test_weighted_worlds(self):
        found = ask(WEIGHTED, "x")
        frame = found.to_pandas()
        assert list(frame.columns) == ["value", "weight"] and len(frame) == 20_000
        assert (frame.value * frame.weight).sum() == pytest.approx(found.mean.value)
        assert frame.attrs["question"] == "x"

    def test_chains(self):
        frame = ask(CHAINS, "x").to_pandas()
        assert list(frame.columns) == ["chain", "draw", "value", "weight"]
        assert frame.groupby("chain").size().tolist() == [100] * 8
        means = frame.groupby("chain").value.mean()
        raw = next(iter(ask(CHAINS, "x").worlds.rows.values())).reshape(8, 100)
        np.testing.assert_allclose(means, raw.mean(axis=1), rtol=1e-5)

    @pytest.mark.parametrize(
        ("question", "kinds"),
        [("(> x 1)", {bool}), ("(if (> x 1) 'high 'low)", {str}), ("(list (> x 1) 2)", {list})],
    )
    def test_values_are_python_data(self, question, kinds):
        values = ask(WEIGHTED, question).to_pandas().value
        assert {type(v.item() if isinstance(v, np.generic) else v) for v in values[:50]} == kinds

    def test_worlds_without_a_number_have_no_row(self):
        found = ask(CHAINS, OVERFLOWS)
        frame = found.to_pandas()
        assert 0 < len(frame) < 800 and frame.value.notna().all()
        assert frame.weight.sum() == pytest.approx(1)
        assert len(frame) == len(found.numbers)


class TestArviz:
    def test_chains_stay_chains(self):
        found = ask(CHAINS, "x")
        tree = found.to_arviz()
        assert dict(tree.posterior.sizes) == {"chain": 8, "draw": 100}
        table = arviz_stats.summary(tree, round_to="none")
        assert float(table["mean"].iloc[0]) == pytest.approx(found.mean.value, rel=1e-5)
        assert float(table["r_hat"].iloc[0]) < 1.1
        assert tree.sample_stats.log_weight.shape == (8, 100)
        assert any("R-hat" in note for note in tree.posterior.attrs["notes"])
        with pytest.raises(ValueError, match="draws of their own"):
            found.to_arviz(draws=3)

    def test_steps_of_gradients_are_in_sample_stats(self):
        tree = ask(Gradient(chains=2, steps=8, warmup=5, kernel=HMC(leaps=2)), "x").to_arviz()
        assert tree.sample_stats.diverging.dtype == bool
        assert (tree.sample_stats.acceptance_rate <= 1).all()

    def test_weighted_worlds_are_drawn_by_weight(self):
        found = ask(WEIGHTED, "x")
        tree = found.to_arviz()
        assert dict(tree.posterior.sizes) == {"chain": 1, "draw": 10_000}
        assert "by weight from 20,000 worlds" in tree.posterior.attrs["resampled"]
        # Draws of draws: the variance is that of 10,000 draws and of the worlds.
        error = np.hypot(found.sd.value / 100, found.mean.standard_error)
        assert abs(float(tree.posterior.x.mean()) - 1) < 4.5 * error
        same = found.to_arviz(jax.random.key(0)).posterior.x
        assert (same == tree.posterior.x).all()
        assert (found.to_arviz(jax.random.key(1)).posterior.x != tree.posterior.x).any()

    def test_lists_have_a_further_dimension(self):
        tree = ask(WEIGHTED, "(list (> x 1) 2 (> x 2))").to_arviz(draws=300)
        (lane,) = tree.posterior.data_vars.values()
        assert lane.shape == (1, 300, 3)
        assert (lane[..., 1] == 2).all() and (lane[..., 0] >= lane[..., 2]).all()

    def test_names_are_numbered(self):
        found = ask(WEIGHTED, "(if (> x 1) 'high 'low)")
        tree = found.to_arviz(draws=4000)
        (lane,) = tree.posterior.data_vars.values()
        high = tree.posterior.attrs["outcomes"].index("high")
        p = found.probability(found.table[0].value).value
        top = (lane == high).mean() if found.table[0].python == "high" else (lane != high).mean()
        assert abs(float(top) - p) < 4.5 * np.sqrt(p * (1 - p) / 4000)

    def test_nan_stays_where_it_was(self):
        tree = ask(CHAINS, OVERFLOWS).to_arviz()
        (lane,) = tree.posterior.data_vars.values()
        assert lane.shape == (8, 100) and bool(np.isnan(lane).any())
