"""Networks that propose: right answers whatever they say, and more effective worlds once they are trained."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.air.model import Air
from experiments.air.pictures import Canvas, glimpse, maker, over_windows, place
from experiments.bench.compilations import counted
from experiments.digits import load
from experiments.proposals import EVIDENCE
from experiments.proposals.exact import exact
from inference import SMC, Importance, Sequential
from models.worlds import load as load_world
from plot.world import World
from vi import Enumerate
from vi.amortised import Proposal, ProposedSMC, TrainOptions, train
from vi.guides import MLP, Amortised, FullRank, Network

WORLD = World.from_source("(define x (gaussian 5 2)) (define y (gaussian 0 1))").tell(
    "(condition (= (gaussian (+ x y) 0.3) 11))"
)
# x + y has variance 5 before a reading with noise 0.3.
MEAN = 5 + 4 * (11 - 5) / (5 + 0.09)
LOG_EVIDENCE = -0.5 * (36 / 5.09 + math.log(2 * math.pi * 5.09))


def simulate(key):
    latent, noise = jax.random.normal(key, (2,)), jax.random.normal(jax.random.fold_in(key, 1))
    return latent, (5 + 2 * latent[0] + latent[1] + 0.3 * noise)[None] / 10


GUIDE = Amortised(FullRank(2), Network(lambda rngs: MLP((1, 32, 16), rngs)), 16)


@pytest.mark.parametrize("steps", [pytest.param(1, marks=pytest.mark.slow), 800])
def test_weights_make_a_proposal_right_and_training_makes_it_good(steps, key):
    params, _ = train(key, simulate, GUIDE, GUIDE.log_density, TrainOptions(steps, rate=5e-3))
    engine = Proposal(GUIDE, params, ("x", "y"), jnp.array([1.1]), worlds=20_000)
    found = engine.infer(key, WORLD.ask("x"))
    assert abs(found.mean.value - MEAN) < 5 * found.mean.standard_error
    assert abs(found.evidence.log - LOG_EVIDENCE) < 5 * found.evidence.error
    moved = ProposedSMC(engine, Sequential(worlds=4_000)).infer(key, WORLD.ask("x"))
    assert abs(moved.mean.value - MEAN) < 5 * moved.mean.standard_error
    assert abs(moved.evidence.log - LOG_EVIDENCE) < 5 * moved.evidence.error
    prior = Proposal(None, None, (), None, 20_000).infer(key, WORLD.ask("x"))
    assert abs(prior.mean.value - MEAN) < 5 * prior.mean.standard_error
    if steps > 1:
        assert found.effective_size > 5 * prior.effective_size
        plain = SMC(Sequential(worlds=4_000)).infer(key, WORLD.ask("x"))
        assert moved.evidence.error < plain.evidence.error / 2


def test_draws_that_a_network_does_not_know_come_from_the_prior(key):
    params, _ = train(key, simulate, GUIDE, GUIDE.log_density, TrainOptions(1))
    engine = Proposal(GUIDE, params, ("x", "nobody"), jnp.array([1.1]), worlds=20_000)
    found = engine.infer(key, WORLD.ask("x"))
    assert abs(found.evidence.log - LOG_EVIDENCE) < 5 * found.evidence.error
    moved = ProposedSMC(engine, Sequential(worlds=4_000)).infer(key, WORLD.ask("x"))
    assert abs(moved.evidence.log - LOG_EVIDENCE) < 5 * moved.evidence.error
    for answer in (found, moved):
        assert any("from the prior: y" in note for note in answer.notes)
    with pytest.raises(ValueError, match="2 coordinates, and 1 labels"):
        Proposal(GUIDE, params, ("x",), None)


def test_the_second_answer_compiles_nothing(key):
    proposal = Proposal(GUIDE, GUIDE.init(key), ("x", "y"), jnp.array([1.1]), worlds=20_000)
    question, other = WORLD.ask("x"), WORLD.ask("(+ x y)")
    for engine in (proposal, ProposedSMC(proposal, Sequential(worlds=3_000))):
        with counted() as first:
            engine.infer(key, question)
        with counted() as second:
            again = [engine.infer(jax.random.key(seed), question) for seed in (1, 2)]
        assert first.count > 0 and second.count == 0
        assert again[0].mean.value != again[1].mean.value
    proposal.infer(key, other)
    assert len(proposal._aims) == 1, "another question about the same evidence aims anew"
    proposal.infer(key, WORLD.tell("(condition (> x y))").ask("x"))
    assert len(proposal._aims) == 2


KINDS = """
(define x (gaussian 0 1)) (define which (flip 0.3)) (define sort (multinomial '(0 1 2) '(0.5 0.2 0.3)))
(define level (random-integer 4))
(condition (= (gaussian (+ x (* 2 sort) level (if which 5 0)) 0.4) 6.2))
"""


@pytest.mark.parametrize("asked", ["x", "(if which 1 0)", "sort", "level"])
def test_finite_choices_start_given_the_evidence(asked, key):
    """The rows of a flip, of weights and of whole numbers mean what was chosen."""
    question = World.from_source(KINDS).ask(asked)
    start = ProposedSMC(
        Proposal(None, None, (), None), Sequential(worlds=20_000, least_moves=0, sweeps=0)
    )
    exact = Proposal(None, None, (), None, 100_000).infer(key, question)
    found = start.infer(key, question)
    plain = SMC(Sequential(worlds=20_000, least_moves=0, sweeps=0)).infer(key, question)
    for theirs in (found, plain):
        apart = theirs.mean.value - exact.mean.value
        assert abs(apart) < 4.5 * np.hypot(theirs.mean.standard_error, exact.mean.standard_error)
    logs = found.evidence.log - exact.evidence.log
    assert abs(logs) < 4.5 * np.hypot(found.evidence.error, exact.evidence.error)
    assert found.evidence.error < plain.evidence.error / 1.5


def test_a_network_that_is_sure_of_the_wrong_thing_costs_little_more_than_its_worlds(key):
    """Nine in ten worlds start far from the posterior; those of the prior bring the answer about."""
    params = jax.tree.map(jnp.zeros_like, GUIDE.init(key))
    wrong = {**params, "family": {**params["family"], "mean": jnp.array([6.0, -6.0])}}
    engine = ProposedSMC(
        Proposal(GUIDE, wrong, ("x", "y"), jnp.array([1.1])), Sequential(worlds=20_000)
    )
    found = engine.infer(key, WORLD.ask("x"))
    assert abs(found.mean.value - MEAN) < 4.5 * found.mean.standard_error
    assert abs(found.evidence.log - LOG_EVIDENCE) < 4.5 * found.evidence.error < 0.5
    with pytest.raises(ValueError, match="between 0 and 1 starts from the prior"):
        ProposedSMC(engine.proposal, plain=0.0)


def test_sums_over_who_was_lazy_agree_with_worlds(key):
    evidence = EVIDENCE["upset"]
    question = load_world("tug_of_war")
    for winners, losers in evidence.matches:
        question = question.tell(
            f"(condition (won-against '({' '.join(winners)}) '({' '.join(losers)})))"
        )
    found = Importance(worlds=200_000).infer(key, question.ask("(strength 'mary)"))
    summed = exact(evidence.matches, "mary", ("tom", "john", "mary", "sue"))
    apart = found.mean.value - summed.mean
    assert abs(apart) < 4.5 * np.hypot(found.mean.standard_error, summed.mean_error)
    logs = found.evidence.log - summed.log_evidence
    assert abs(logs) < 4.5 * np.hypot(found.evidence.error, summed.log_evidence_error)
    assert summed.mean_error < 0.02 and summed.log_evidence_error < 0.005


def test_pictures_hold_as_many_digits_as_they_say_and_none_overlap(key):
    digits = load()[0].pictures[:50]
    make = jax.jit(jax.vmap(maker(Canvas(24, 3), digits)))
    pictures, counts = make(jax.random.split(key, 200))
    assert set(counts.tolist()) == {0, 1, 2, 3}
    assert float(pictures.max()) <= 1  # ink adds up where boxes overlap
    assert all((p.sum() > 0) == (n > 0) for p, n in zip(pictures, counts, strict=True))
    with pytest.raises(ValueError, match="do not fit"):
        Canvas(12, 2)


def test_a_glimpse_sees_what_was_placed():
    digit = jnp.asarray(load()[0].pictures[0])
    at = jnp.array([3.0, 5.0])
    assert jnp.allclose(glimpse(place(digit, at, 20), at), digit)


def test_a_layer_over_windows_is_the_same_layer_at_each():
    picture_key, weights_key = jax.random.split(jax.random.key(0))
    picture = jax.random.normal(picture_key, (11, 11))
    weights = jax.random.normal(weights_key, (64, 3))
    windows = [[picture[i : i + 8, j : j + 8].reshape(-1) for j in range(4)] for i in range(4)]
    wanted = jnp.array(windows) @ weights
    assert jnp.allclose(over_windows(weights, picture), wanted, atol=1e-4)


@pytest.mark.slow
def test_objects_that_are_not_there_count_for_nothing(key):
    """The bound of an empty picture does not depend on where the guide would look for objects."""
    from vi.programs import draw, log_density

    air = Air(Canvas(16, 1), Enumerate(), code=3, hidden=8)
    params, picture = air.init(key), jnp.zeros((16, 16))

    def ratio(params):
        z, _ = draw(air.guide(params, picture))
        z = {**z, "present 0": jnp.array(False)}
        return log_density(air.target(params, picture), z) - log_density(
            air.guide(params, picture), z
        )

    import genjax

    values = jax.jit(genjax.seed(lambda: ratio(params)))
    first, second = (values(k) for k in jax.random.split(key))
    assert abs(float(first - second)) < 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("method", ["enum", "mvd", "reinforce", "iwae_reinforce", "iwae_mvd"])
def test_objects_are_counted(method, key):
    from experiments.air.training import Setting, judge, train

    setting = Setting(400)
    fitted = train(key, method, setting)
    share, error = judge(key, setting.air(method), fitted.params, 500).right
    assert share > 0.9 - 3 * error
