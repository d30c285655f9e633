"""Functions that Python registers, called by programs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from plot import oracle
from plot.backends import XLA, LaneMachine, Reference
from plot.backends.choice import choose
from plot.data import show
from plot.errors import ArityError, FormError, TypeMismatch, UnboundError
from plot.modules import Module, ModuleFunction, register
from plot.program import Options, run, run_program
from plot.reader import read
from plot.world import World

KEY = jax.random.key(0)


def step(x, v, falling):
    """A tenth of a second of a fall."""
    return [x + 0.1 * v, jnp.where(falling, v - 0.981, v)]


FALLING = Module(
    "falling",
    (
        ModuleFunction("step", "(-> number number boolean (list number))", "one step", step),
        ModuleFunction("total", "(-> (list number) number)", "the sum", lambda xs: sum(xs)),
        ModuleFunction("above?", "(-> number boolean)", "over the ground", lambda x: x > 0),
    ),
)
SOURCE = """
(import falling)
(define v (gaussian 5 1))
(define (go state n)
  (if (= n 0) state (go (step (first state) (second state) (flip 0.5)) (- n 1))))
"""


@pytest.fixture(autouse=True)
def registered():
    register(FALLING)


def test_static_arguments_give_static_values():
    assert show(run("(import falling) (step 1 2 #t)", key=KEY)) == "(1.2 1.019)"
    assert run("(import falling) (above? 1)", key=KEY) is True


@pytest.mark.parametrize("rounds", [3, 100])  # unrolled, and as a loop of the back end
def test_back_ends_and_the_oracle_agree(rounds):
    source = SOURCE + f"(query (total (go (list 0 v) {rounds})))"
    means = []
    for backend in (Reference(), LaneMachine(), XLA()):
        posterior = run_program(source, key=KEY, options=Options(3000, backend=backend))[-1].result
        means.append(posterior.mean)
    assert means[0].value == pytest.approx(means[1].value, rel=1e-5)
    assert means[0].value == pytest.approx(means[2].value, rel=1e-5)
    # x + v after n steps: v falls by 0.981 in half of the steps, x adds up a tenth of each v.
    speeds = 5 - 0.981 * 0.5 * np.arange(rounds + 1)
    wanted = 0.1 * speeds[:-1].sum() + speeds[-1]
    assert abs(means[0].value - wanted) < 5 * means[0].standard_error
    if rounds == 3:
        found = oracle.importance(read(source), np.random.default_rng(0), 2000)
        values = np.array([world.value for world in found.worlds], float)
        assert abs(values.mean() - wanted) < 5 * values.std() / np.sqrt(2000)


def test_truth_values_come_back_as_truth_values():
    source = SOURCE + "(condition (not (above? (- v 5))))\n(query (< v 5))"
    table = run_program(source, key=KEY)[-1].result.table
    assert [row.value for row in table] == [True]


def test_imported_functions_are_public():
    world = World.from_source("(import falling) (define v (gaussian 0 1))")
    assert [e.name for e in world.vocabulary.entries] == ["step", "total", "above?"]
    world.ask("(above? v)")
    with pytest.raises(TypeMismatch, match="a number is due"):
        world.ask("(above? 'tom)")


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("(import nothing)", UnboundError),
        ("(import)", FormError),
        ("(import falling) (above? 1 2)", ArityError),
        ("(import falling) (total (list 'a))", TypeMismatch),
        ("(define (f) (import falling)) (f)", FormError),
    ],
)
def test_errors_have_a_place(source, error):
    with pytest.raises(error) as caught:
        run(source, key=KEY)
    assert caught.value.span is not None


def test_a_result_of_another_shape_is_refused():
    bad = ModuleFunction("bad", "(-> number number)", "a row", lambda x: jnp.stack([x, x]))
    register(Module("bad", (bad,)))
    with pytest.raises(TypeMismatch, match="one number a world"):
        run("(import bad) (define x (gaussian 0 1)) (bad x)", key=KEY)


def test_private_functions_serve_the_model_and_not_its_sentences():
    register(Module("private", FALLING.functions, public=False))
    world = World.from_source(
        '(import private) (define v (above? (gaussian 0 1))) (declare v boolean "is up")'
    )
    assert [e.name for e in world.vocabulary.entries] == ["v"]
    world.ask("v")
    with pytest.raises(UnboundError):
        world.ask("(above? 1)")


def test_many_worlds_are_worth_compiling_a_module_for_and_few_are_not(monkeypatch):
    programs = []

    def noted(program, worlds):
        programs.append(program)
        return choose(program, worlds)

    monkeypatch.setattr("plot.simulate.choose", noted)
    source = "(import falling) (define x (gaussian 0 1)) (query (total (list x x)))"
    run_program(source, key=KEY, options=Options(3000))
    few, many = (choose(programs[-1], worlds) for worlds in (50_000, 10**9))
    assert isinstance(few.backend, Reference) and "1 calls of modules" in few.why
    assert isinstance(many.backend, XLA)
