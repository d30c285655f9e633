"""Samplers over tokens against exact answers on a table model."""

from dataclasses import replace
from itertools import pairwise

import jax
import numpy as np
import pytest

from inference.tokens import (
    AdaptiveRejection,
    Asap,
    AsapOptions,
    AtBrackets,
    BeamOptions,
    BestOfOptions,
    Constraint,
    GibbsOptions,
    Nucleus,
    SmcOptions,
    Typical,
    asap,
    beam,
    best_of,
    particle_gibbs,
    smc,
)
from inference.tokens.proposals import narrowed
from inference.tokens.rejection import draw
from tests.inference.tokens.exact import CASES, assert_proper, exact
from tests.inference.tokens.toy import ToyModel

PATTERN, LARK = CASES[0]
RUNS = 100


def keys(count, seed=0):
    return jax.random.split(jax.random.key(seed), count)


def prefers_b(text, whole):
    """A reward for `b`s, guessed at from what there is so far."""
    return 0.8 * text.count("b")


class TestTwists:
    @pytest.mark.parametrize("threshold", [0.0, 0.9])
    def test_a_reward_changes_the_target_and_guesses_cancel(self, threshold):
        model = ToyModel(3, scale=0.7)
        constraint = Constraint(model.tokenizer, LARK)
        options = SmcOptions(particles=6, threshold=threshold)
        results = [
            smc(key, model, None, [], constraint, options, prefers_b) for key in keys(2 * RUNS)
        ]
        truth = exact(model, PATTERN, lambda text: prefers_b(text, True))
        assert_proper(results, *truth, options.particles)

    def test_a_wrong_guess_costs_particles_and_not_the_truth(self):
        model = ToyModel(3)
        constraint = Constraint(model.tokenizer, LARK)
        options = SmcOptions(particles=6, threshold=0.9)

        def misled(text, whole):
            return prefers_b(text, True) if whole else -prefers_b(text, False)

        results = [smc(key, model, None, [], constraint, options, misled) for key in keys(300)]
        truth = exact(model, PATTERN, lambda text: prefers_b(text, True))
        assert_proper(results, *truth, options.particles)

    def test_what_has_no_reward_dies(self):
        model = ToyModel(3)
        constraint = Constraint(model.tokenizer, LARK)

        def no_ab(text, whole):
            return -np.inf if "ab" in text else 0.0

        result = smc(
            jax.random.key(0), model, None, [], constraint, SmcOptions(particles=16), no_ab
        )
        assert result.samples and all(
            "ab" not in model.tokenizer.decode(s.tokens) for s in result.samples
        )
        assert result.dead == 16 - sum(s.count for s in result.samples)

    def test_brackets_are_looked_at_once(self):
        twist = AtBrackets(lambda text, whole: float(len(text)))
        assert [twist(t, False) for t in ("(a", "(a)", "(a) (", "(a) (b))")] == [0, 3, 3, 8]
        assert twist.calls == 2


class TestProposals:
    @pytest.mark.parametrize("proposal", [Nucleus(0.6), Typical(0.6)])
    def test_what_is_kept_is_what_the_definition_says(self, proposal):
        rng = np.random.default_rng(0)
        logits = rng.normal(0, 2, (5, 40)).astype(np.float32)
        allowed = np.zeros((5, 2), np.int32)
        allowed[:, 0] = rng.integers(0, 2**31, 5)
        inside, mass = narrowed(
            jax.numpy.asarray(logits), jax.numpy.asarray(allowed), 1.0, proposal
        )
        for row in range(5):
            p = np.exp(logits[row] - np.logaddexp.reduce(logits[row]))
            mask = np.array([allowed[row, t // 32] >> (t % 32) & 1 for t in range(40)], bool)
            q = np.where(mask, p, 0) / p[mask].sum()
            with np.errstate(divide="ignore", invalid="ignore"):
                entropy = -np.nansum(q * np.log(q))
                order = -q if isinstance(proposal, Nucleus) else np.abs(-np.log(q) - entropy)
            kept, held = set(), 0.0
            for t in np.argsort(order, kind="stable"):
                if held >= proposal.share or q[t] == 0:
                    break
                kept.add(int(t))
                held += q[t]
            assert set(np.flatnonzero(np.isfinite(np.asarray(inside[row])))) == kept
            assert np.exp(mass[row]) == pytest.approx(p[sorted(kept)].sum(), rel=1e-4)

    @pytest.mark.parametrize("share", [0.0, 1.5, float("nan")])
    def test_a_share_is_a_share(self, share):
        with pytest.raises(ValueError, match="share of the mass"):
            Nucleus(share)

    def test_all_of_the_mass_is_plain_masking(self):
        model = ToyModel(3)
        constraint = Constraint(model.tokenizer, LARK)
        options = SmcOptions(particles=6)
        plain, whole = (
            smc(jax.random.key(1), model, None, [], constraint, o)
            for o in (options, replace(options, proposal=Nucleus(1.0)))
        )
        assert [s.tokens for s in plain.samples] == [s.tokens for s in whole.samples]

    def test_the_target_is_named(self):
        model = ToyModel(3)
        options = SmcOptions(particles=2, temperature=0.5, proposal=Nucleus(0.9))
        constraint = Constraint(model.tokenizer, LARK)
        result = smc(jax.random.key(1), model, None, [], constraint, options, prefers_b)
        for part in ("nuclei of 0.9", "temperature 0.5", "times the reward"):
            assert part in result.target


class TestAdaptiveRejection:
    def test_tokens_and_weights_are_proper(self):
        rng = np.random.default_rng(0)
        p = np.array([0.4, 0.3, 0.15, 0.1, 0.05])
        good = {1, 3, 4}
        found = [draw(rng, np.log(p), good.__contains__) for _ in range(4_000)]
        weights = np.exp([f.log_weight for f in found])
        z = p[sorted(good)].sum()
        assert abs(weights.mean() - z) < 4.5 * weights.std() / np.sqrt(len(found))
        for token in good:
            values = weights * np.array([f.token == token for f in found])
            assert abs(values.mean() - p[token]) < 4.5 * values.std() / np.sqrt(len(found))
        assert {f.token for f in found} == good and weights.min() > 0

    def test_the_check_that_forgets_its_weights_is_caught(self):
        rng = np.random.default_rng(0)
        p = np.array([0.4, 0.3, 0.15, 0.1, 0.05])
        found = [draw(rng, np.log(p), {1, 3, 4}.__contains__) for _ in range(4_000)]
        flat = np.array([f.token == 1 for f in found])  # as if each weighed one
        assert abs(flat.mean() - p[1]) > 10 * flat.std() / np.sqrt(len(found))

    def test_where_nothing_is_acceptable_the_particle_dies(self):
        found = draw(np.random.default_rng(0), np.log([0.5, 0.5]), lambda t: False)
        assert found.token is None and found.log_weight == -np.inf and found.checks == 2

    def test_smc_by_trying_is_proper_too(self):
        model = ToyModel(3)
        constraint = Constraint(model.tokenizer, LARK)
        options = SmcOptions(particles=6, threshold=0.5, proposal=AdaptiveRejection())
        results = [smc(key, model, None, [], constraint, options) for key in keys(150)]
        assert_proper(results, *exact(model, PATTERN), options.particles)
        assert all(r.checks > 0 for r in results)


class TestParticleGibbs:
    def test_the_chain_keeps_the_target(self):
        model = ToyModel(3)
        constraint = Constraint(model.tokenizer, LARK)
        truth, _ = exact(model, PATTERN, lambda text: prefers_b(text, True))
        tokens = list(truth)
        rng = np.random.default_rng(0)
        options = SmcOptions(particles=2, threshold=1.1)  # resampled at each step
        counts = np.zeros(len(tokens))
        runs = 200
        for key in keys(runs):  # begun from the target: one sweep must leave it as it is
            kept = tokens[rng.choice(len(tokens), p=list(truth.values()))]
            run, pick = jax.random.split(key)
            result = smc(run, model, None, [], constraint, options, prefers_b, kept)
            logs = np.array([s.log_weight for s in result.samples])
            share = np.exp(logs - np.logaddexp.reduce(logs))
            at = int(jax.random.choice(pick, len(share), p=jax.numpy.asarray(share)))
            counts[tokens.index(result.samples[at].tokens)] += 1
        expected = np.array(list(truth.values())) * runs
        z = (counts - expected) / np.sqrt(expected * (1 - expected / runs))
        assert np.abs(z).max() < 4

    def test_it_averages_over_sweeps(self):
        model = ToyModel(3)
        constraint = Constraint(model.tokenizer, LARK)
        truth, _ = exact(model, PATTERN)
        options = GibbsOptions(SmcOptions(particles=4), sweeps=150)
        result = particle_gibbs(jax.random.key(0), model, None, [], constraint, options)
        logs = np.array([s.log_weight for s in result.samples])
        shares = np.exp(logs - np.logaddexp.reduce(logs))
        for sample, share in zip(result.samples, shares, strict=True):
            # About 600 draws, of which neighbours depend on each other: four times the error.
            assert abs(share - truth[sample.tokens]) < 4 * np.sqrt(0.25 / 150)

    def test_a_kept_sequence_that_is_no_word_is_refused(self):
        model = ToyModel(3)
        constraint = Constraint(model.tokenizer, LARK)
        with pytest.raises(ValueError):
            smc(jax.random.key(0), model, None, [], constraint, SmcOptions(2), None, (2, 2))


class TestAsap:
    def masked(self, model, constraint, runs):
        """How often plain masking writes each word."""
        counts = {}
        for key in keys(runs, 7):
            result = smc(key, model, None, [], constraint, SmcOptions(1, threshold=0.0))
            for s in result.samples:
                counts[s.tokens] = counts.get(s.tokens, 0) + 1
        return counts

    def test_it_converges_to_the_conditional_and_masking_does_not(self):
        model = ToyModel(3)
        pattern, lark = CASES[0]
        constraint = Constraint(model.tokenizer, lark)
        truth, log_z = exact(model, pattern)
        sampler = Asap(model, None, [], constraint)
        draws = [sampler.draw(key)[0] for key in keys(900)]
        late = draws[400:]

        def worst(counts, n):
            """The largest z of words that are expected ten times or more."""
            return max(
                abs(counts.get(t, 0) - n * q) / np.sqrt(n * q * (1 - q))
                for t, q in truth.items()
                if n * q >= 10
            )

        assert worst({t: late.count(t) for t in truth}, len(late)) < 4
        assert worst(self.masked(model, constraint, 300), 300) > 8
        assert (
            np.log(sampler.bound) == pytest.approx(log_z, abs=0.02)
            and sampler.bound >= np.exp(log_z) - 1e-6
        )

    def test_the_bound_only_tightens(self):
        model = ToyModel(5)
        constraint = Constraint(model.tokenizer, LARK)
        sampler = Asap(model, None, [], constraint)
        bounds = []
        for key in keys(30):
            sampler.draw(key)
            bounds.append(sampler.bound)
        assert all(b <= a + 1e-12 for a, b in pairwise(bounds))
        assert bounds[-1] >= np.exp(exact(model, PATTERN)[1]) - 1e-6

    def test_its_weights_are_proper(self):
        model = ToyModel(3)
        constraint = Constraint(model.tokenizer, LARK)
        options = AsapOptions(samples=4)
        results = [asap(key, model, None, [], constraint, options) for key in keys(150)]
        assert_proper(results, *exact(model, PATTERN), options.samples)


class TestSearch:
    def test_a_beam_as_wide_as_the_grammar_finds_the_best_words_in_order(self):
        model = ToyModel(3)
        constraint = Constraint(model.tokenizer, LARK)
        truth, log_z = exact(model, PATTERN)
        result = beam(model, None, [], constraint, BeamOptions(width=40))
        best = sorted(truth, key=lambda t: -truth[t])
        assert [s.tokens for s in result.samples][:5] == best[:5]
        assert result.samples[0].log_probability == pytest.approx(
            np.log(truth[best[0]]) + log_z, abs=1e-4
        )
        assert result.target == ""

    def test_a_value_guides_the_beam(self):
        model = ToyModel(3)
        constraint = Constraint(model.tokenizer, LARK)
        truth, _ = exact(model, PATTERN, lambda text: 3 * prefers_b(text, True))
        result = beam(
            model, None, [], constraint, BeamOptions(width=40), lambda t, w: 3 * prefers_b(t, w)
        )
        assert result.samples[0].tokens == max(truth, key=lambda t: truth[t])

    def test_the_best_of_many_is_the_best_of_those_drawn(self):
        model = ToyModel(3)
        constraint = Constraint(model.tokenizer, LARK)
        result = best_of(
            jax.random.key(0), model, None, [], constraint, BestOfOptions(30), prefers_b
        )
        rewards = [prefers_b(model.tokenizer.decode(s.tokens), True) for s in result.samples]
        assert rewards == sorted(rewards, reverse=True) and len(set(rewards)) > 1
        plain = best_of(jax.random.key(0), model, None, [], constraint, BestOfOptions(30))
        logs = [s.log_probability for s in plain.samples]
        assert logs == sorted(logs, reverse=True)
