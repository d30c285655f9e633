"""Loops on every back end: hand-made graphs against closed forms, and against each other."""

import math

import jax
import numpy as np
import pytest

from plot.backends import XLA, LaneMachine, Reference, assemble, blocks, choose
from plot.backends.choice import ROUNDS, work
from plot.backends.program import NAMES
from plot.backends.registers import allocate
from plot.compiler.graph import Graph
from plot.compiler.ops import NORMAL, UNIFORM
from plot.errors import Unsupported
from tests.plot.loops import RandomLoops, Rounds

BACKENDS = [Reference(), LaneMachine(), XLA()]
on_every_back_end = pytest.mark.parametrize("backend", BACKENDS, ids=lambda b: b.name)
WORLDS = 20_000
SPREAD = 5.0  # standard errors that a figure of a fixed seed may be off


def run(graph, roots, backend, worlds=WORLDS, seed=0):
    program = assemble(roots, loops=graph.loops)
    parts = [b.values for b in blocks(backend, program, jax.random.key(seed), worlds)]
    return np.concatenate(parts, axis=1)


def geometric(graph, p, limit=1000, outer=(), running=True):
    """Rounds until a draw succeeds, and whether none did before the limit."""
    rounds = Rounds(graph, limit, running)
    count = rounds.variable(0)
    u = graph.site(UNIFORM, "u", counters=(*outer, rounds.counter))
    rounds.become(count, graph.apply("add", count, 1))
    rounds.become(rounds.running, graph.apply("not", graph.apply("lt", u, p)))
    return rounds.out(count), rounds.out(rounds.running)


def assert_geometric(counts, p):
    n = len(counts)
    error = math.sqrt((1 - p) / p**2 / n)
    assert abs(counts.mean() - 1 / p) < SPREAD * error
    for k in range(1, 12):
        chance = p * (1 - p) ** (k - 1)
        assert abs((counts == k).mean() - chance) < SPREAD * math.sqrt(chance * (1 - chance) / n)


@on_every_back_end
def test_rounds_until_success_are_geometric(backend):
    graph = Graph()
    counts, left = run(graph, geometric(graph, 0.3), backend)
    assert_geometric(counts, 0.3)
    assert not left.any()


def test_a_wrong_chance_is_caught():
    graph = Graph()
    counts, _ = run(graph, geometric(graph, 0.33), Reference())
    with pytest.raises(AssertionError):
        assert_geometric(counts, 0.3)


def fibonacci(graph, n):
    rounds = Rounds(graph)
    a, b = rounds.variable(0), rounds.variable(1)
    rounds.become(a, b)
    rounds.become(b, graph.apply("add", a, b))
    rounds.become(rounds.running, graph.apply("lt", graph.apply("add", rounds.counter, 1), n))
    return rounds.out(a), rounds.out(b)


@on_every_back_end
def test_variables_change_at_once(backend):
    graph = Graph()
    a, b = run(graph, fibonacci(graph, 20), backend, 10)
    assert set(a) == {6765} and set(b) == {10946}


@on_every_back_end
@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_variables_change_places(backend, n):
    """A ring of three and a pair, and one that takes what `running` was."""
    graph = Graph()
    rounds = Rounds(graph)
    ring = [rounds.variable(v) for v in (1, 2, 3)]
    for old, new in zip(ring, [ring[1], ring[2], ring[0]], strict=True):
        rounds.become(old, new)
    pair = [rounds.variable(v) for v in (4, 5)]
    rounds.become(pair[0], pair[1])
    rounds.become(pair[1], pair[0])
    due, ran = rounds.variable(n > 1), rounds.variable(False)
    rounds.become(due, graph.apply("lt", graph.apply("add", rounds.counter, 2), n))
    rounds.become(rounds.running, due)
    rounds.become(ran, rounds.running)
    out = run(graph, [rounds.out(v) for v in (*ring, *pair, ran, rounds.running)], backend, 3)
    k = n % 3
    turned = [1, 2, 3][k:] + [1, 2, 3][:k]
    wanted = [*turned, *([5, 4] if n % 2 else [4, 5]), 1, 0]
    assert out[:, 0].tolist() == wanted


@on_every_back_end
def test_a_drawn_number_of_rounds(backend):
    """Sums of n squares, n drawn: worlds that are done keep what they have."""
    graph = Graph()
    n = graph.apply("floor", graph.apply("mul", 9, graph.site(UNIFORM, "n")))
    rounds = Rounds(graph, running=graph.apply("lt", 0, n))
    i, total = rounds.variable(0), rounds.variable(0)
    more = graph.apply("add", i, 1)
    rounds.become(i, more)
    rounds.become(total, graph.apply("add", total, graph.apply("mul", more, more)))
    rounds.become(rounds.running, graph.apply("lt", more, n))
    drawn, sums = run(graph, [n, rounds.out(total)], backend)
    np.testing.assert_array_equal(sums, drawn * (drawn + 1) * (2 * drawn + 1) / 6)
    assert set(drawn) == set(range(9))  # no round at all for some


@on_every_back_end
def test_a_start_that_does_not_run(backend):
    graph = Graph()
    rounds = Rounds(graph, running=False)
    x = rounds.variable(7)
    rounds.become(x, graph.apply("add", x, 1))
    rounds.become(rounds.running, graph.apply("lt", x, 100))
    assert set(run(graph, [rounds.out(x)], backend, 10)[0]) == {7}


def nested(graph, p, q, limit=1000):
    """A geometric number of rounds, in each of them a geometric number of standard normals."""
    outer = Rounds(graph, limit)
    total, draws = outer.variable(0), outer.variable(0)
    u = graph.site(UNIFORM, "u", counters=(outer.counter,))
    inner = Rounds(graph, limit)
    part, count = inner.variable(0), inner.variable(draws)
    z = graph.site(NORMAL, "z", counters=(outer.counter, inner.counter))
    v = graph.site(UNIFORM, "v", counters=(outer.counter, inner.counter))
    inner.become(part, graph.apply("add", part, z))
    inner.become(count, graph.apply("add", count, 1))
    inner.become(inner.running, graph.apply("not", graph.apply("lt", v, q)))
    outer.become(total, graph.apply("add", total, inner.out(part)))
    outer.become(draws, inner.out(count))
    outer.become(outer.running, graph.apply("not", graph.apply("lt", u, p)))
    return outer.out(total), outer.out(draws)


@on_every_back_end
def test_nested_loops_draw_anew(backend):
    graph = Graph()
    total, draws = run(graph, nested(graph, 0.4, 0.5), backend)
    assert_geometric(draws, 0.4 * 0.5)  # a geometric sum of geometric counts
    # Given the counts, sums of as many independent normals: were a row drawn twice, they would vary
    # more.
    scaled = total / np.sqrt(draws)
    assert abs(scaled.mean()) < SPREAD / math.sqrt(WORLDS)
    assert abs((scaled**2).mean() - 1) < SPREAD * math.sqrt(2 / WORLDS)


@on_every_back_end
def test_the_limit_leaves_worlds_running(backend):
    graph = Graph()
    p, limit = 0.3, 4
    counts, left = run(graph, geometric(graph, p, limit), backend)
    lost = (1 - p) ** limit
    assert counts.max() == limit
    assert abs(left.mean() - lost) < SPREAD * math.sqrt(lost * (1 - lost) / WORLDS)
    np.testing.assert_array_equal(left[counts < limit], 0)


@on_every_back_end
def test_one_loop_after_the_other(backend):
    """The second runs as many rounds as the first did, and each doubles."""
    graph = Graph()
    n, _ = geometric(graph, 0.5)
    second = Rounds(graph)
    i, power = second.variable(0), second.variable(1)
    more = graph.apply("add", i, 1)
    second.become(i, more)
    second.become(power, graph.apply("mul", power, 2))
    second.become(second.running, graph.apply("lt", more, n))
    counts, powers = run(graph, [n, second.out(power)], backend)
    np.testing.assert_array_equal(powers, 2.0**counts)


@on_every_back_end
def test_a_body_reads_what_never_changes(backend):
    """It is computed once, and is still there in the last round, next to much that is short-lived."""
    graph = Graph()
    x = graph.site(NORMAL, "x")
    step = graph.apply("exp", x)
    rounds = Rounds(graph)
    total = rounds.variable(x)
    fleeting = rounds.counter
    for i in range(20):
        fleeting = graph.apply("sin", graph.apply("add", fleeting, i))
    zero = graph.apply("mul", 0, fleeting)
    rounds.become(total, graph.apply("add", graph.apply("add", total, step), zero))
    rounds.become(rounds.running, graph.apply("lt", graph.apply("add", rounds.counter, 1), 30))
    unchanging = rounds.variable(step)
    out = graph.apply("add", rounds.out(total), rounds.out(unchanging))
    start, end = run(graph, [x, out], backend)
    np.testing.assert_allclose(end, start + 31 * np.exp(start), rtol=1e-4)
    program = assemble([out], loops=graph.loops)
    (region,) = program.regions
    assert NAMES[program.instructions[0, 0]] == "exp" and region.first == 1
    assert len(region.variables) == 2  # the one that never changes is its start


def test_what_is_not_asked_for_is_left_out():
    graph = Graph()
    rounds = Rounds(graph, 10)
    kept, first, second = rounds.variable(0), rounds.variable(1), rounds.variable(2)
    rounds.become(kept, graph.apply("add", kept, 1))
    rounds.become(first, graph.apply("exp", second))
    rounds.become(second, graph.apply("sin", first))
    rounds.become(rounds.running, graph.apply("lt", kept, 5))
    other = Rounds(graph, 10)
    x = other.variable(0)
    other.become(x, graph.apply("cos", x))

    def ops(*variables):
        program = assemble([rounds.out(v) for v in variables], loops=graph.loops)
        (region,) = program.regions
        return len(region.variables), sorted(NAMES[i] for i in program.instructions[:, 0])

    assert ops(rounds.running) == (2, ["add", "lt"])  # `running` needs `kept`
    assert ops(kept) == ops(rounds.running)
    assert ops(second) == (4, ["add", "exp", "lt", "sin"])  # `second` needs `first`
    assert assemble([1], loops=graph.loops).regions == ()


def test_inner_loops_that_depend_on_nothing_outside_run_once():
    graph = Graph()
    outer = Rounds(graph, 10)
    inner = Rounds(graph, 10)
    i = inner.variable(0)
    inner.become(i, graph.apply("add", i, 2))
    total = outer.variable(0)
    outer.become(total, graph.apply("add", total, inner.out(i)))
    first, second = assemble([outer.out(total)], loops=graph.loops).regions
    assert first.last <= second.first and not second.inner
    for backend in BACKENDS:
        assert set(run(graph, [outer.out(total)], backend, 4)[0]) == {200}


def test_worlds_that_are_done_do_not_keep_inner_loops_going():
    """The inner loop would run to its limit in worlds that are done with the outer one."""
    graph = Graph()
    outer = Rounds(graph, 100)
    n = graph.apply("floor", graph.apply("mul", 5, graph.site(UNIFORM, "n")))
    i, slowest = outer.variable(0), outer.variable(0)
    inner = Rounds(graph, 5000)
    j = inner.variable(0)
    inner.become(j, graph.apply("add", j, 1))
    # It stops where j = n - i, which no j reaches once i > n.
    inner.become(inner.running, graph.apply("not", graph.apply("eq", j, graph.apply("sub", n, i))))
    outer.become(i, graph.apply("add", i, 1))
    outer.become(slowest, graph.apply("max", slowest, inner.out(inner.counter)))
    outer.become(outer.running, graph.apply("lt", i, n))
    for backend in BACKENDS:
        out = run(graph, [n, outer.out(i), outer.out(slowest)], backend, 1000)
        np.testing.assert_array_equal(out[1], out[0] + 1)
        assert out[2].max() == 5


def mixture(graph):
    """Every kind of loop at once, over a draw made outside."""
    x = graph.site(NORMAL, "x")
    n, left = geometric(graph, graph.apply("add", 0.2, graph.apply("mul", 0.01, x)), limit=12)
    total, draws = nested(graph, 0.3, 0.6)
    after = Rounds(graph, 50, running=graph.apply("lt", x, 1))
    walk, seen = after.variable(x), after.variable(False)
    z = graph.site(NORMAL, "step", counters=(after.counter,))
    after.become(walk, graph.apply("add", walk, graph.apply("abs", z)))
    after.become(seen, graph.apply("or", seen, graph.apply("lt", z, graph.apply("sub", 0, draws))))
    after.become(after.running, graph.apply("lt", walk, graph.apply("add", n, 1)))
    return [x, n, left, total, draws, after.out(walk), after.out(seen), after.out(after.running)]


def test_back_ends_run_the_same_worlds():
    graph = Graph()
    roots = mixture(graph)
    found = [run(graph, roots, backend, 9000, seed=3) for backend in BACKENDS]
    for other in found[1:]:
        same = np.isclose(found[0], other, rtol=2e-4, atol=2e-4)
        # A comparison on the edge may fall either way by rounding, in a world of thousands.
        assert same.all(axis=0).mean() > 0.999
    assert not np.isclose(found[0], run(graph, roots, BACKENDS[0], 9000, seed=4)).all(axis=0).any()


def assert_random_loops(backend, seeds):
    nested_loops = 0
    for seed in seeds:
        made = RandomLoops(seed)
        program = assemble(made.roots, loops=made.graph.loops)
        nested_loops += any(region.inner for region in program.regions)
        found = run(made.graph, made.roots, backend, 200, seed)
        known = dict(zip(made.drawn, found, strict=False))
        for root, row in zip(made.roots, found, strict=True):
            np.testing.assert_array_equal(
                row, made.value(root, dict(known)) + np.zeros(200), str(seed)
            )
    return nested_loops


@pytest.mark.parametrize("backend", [BACKENDS[0], BACKENDS[1]], ids=lambda b: b.name)
def test_random_loops_mean_what_they_say(backend):
    assert assert_random_loops(backend, range(60)) > 20


def test_random_loops_mean_what_they_say_to_xla():
    assert assert_random_loops(BACKENDS[2], range(6)) > 1


@on_every_back_end
def test_more_worlds_begin_with_the_same_worlds(backend):
    graph = Graph()
    roots = mixture(graph)
    few = run(graph, roots, backend, 5000)
    many = run(graph, roots, backend, 100_000)
    np.testing.assert_array_equal(few, many[:, :5000])


def test_rounds_worlds_and_sites_draw_independently():
    """Rows of rounds 0 … 7 of two sites, as variables of their own."""
    graph = Graph()
    rounds = Rounds(graph, 8)
    kept = []
    for name in "ab":
        z = graph.site(NORMAL, name, counters=(rounds.counter,))
        for i in range(8):
            variable = rounds.variable(0)
            here = graph.apply("eq", rounds.counter, i)
            rounds.become(variable, graph.apply("where", here, z, variable))
            kept.append(rounds.out(variable))
    outside = graph.site(NORMAL, "c")
    rows = run(graph, [*kept, outside], LaneMachine(), 50_000)
    worst = np.abs(np.corrcoef(rows) - np.eye(len(rows))).max()
    assert worst < SPREAD / math.sqrt(50_000)
    assert np.abs(rows.mean(axis=1)).max() < SPREAD / math.sqrt(50_000)
    assert np.abs(rows.var(axis=1) - 1).max() < SPREAD * math.sqrt(2 / 50_000)


def test_constants_limits_and_sites_do_not_recompile():
    backend = XLA()

    def draw(p, limit, sites_before):
        graph = Graph()
        for i in range(sites_before):
            graph.site(UNIFORM, f"other{i}")
        return run(graph, geometric(graph, p, limit), backend, 100)

    short, long = draw(0.25, 3, 0), draw(0.0625, 40, 5)
    assert backend.compilations == 1
    assert short[0].max() == 3 and long[0].max() > 3


def test_other_nexts_of_the_same_instructions_are_another_program():
    backend = XLA()

    def last(turned):
        graph = Graph()
        rounds = Rounds(graph, 1)
        a, b, c = (rounds.variable(v) for v in (1, 2, 3))
        for old, new in zip((a, b, c), (b, c, a) if turned else (c, a, b), strict=True):
            rounds.become(old, new)
        return run(graph, [rounds.out(v) for v in (a, b, c)], backend, 1)[:, 0].tolist()

    assert (last(True), last(False)) == ([2, 3, 1], [3, 1, 2])
    assert backend.compilations == 2


def test_the_lane_machine_compiles_few_shapes():
    machine = LaneMachine()
    for build in (
        lambda g: geometric(g, 0.5),
        lambda g: nested(g, 0.5, 0.5),
        lambda g: fibonacci(g, 7),
    ):
        graph = Graph()
        run(graph, build(graph), machine, 100)
    assert machine.compilations == 1


def test_heavy_operations_in_a_body():
    """The machine's variant that has them has the steps of loops too."""
    graph = Graph()
    rounds = Rounds(graph, 3)
    total = rounds.variable(0)
    u = graph.site(UNIFORM, "u", counters=(rounds.counter,))
    rounds.become(total, graph.apply("add", total, graph.apply("gamma_quantile", 2, u)))
    code, shape = allocate(assemble([rounds.out(total)], loops=graph.loops), 256)
    assert shape.heavy == ("gamma_quantile",) and shape.loops
    steps = [shape.names[opcode] for opcode in code.steps[: code.counts[0], 0]]
    start, body = ["identity", "identity", "enter"], ["loop_uniform", "gamma_quantile", "add"]
    assert steps == [*start, *body, "where", "again"]


def test_three_loops_around_a_draw_are_unsupported():
    graph = Graph()
    loops = [Rounds(graph) for _ in range(3)]
    u = graph.site(UNIFORM, "deep", counters=tuple(r.counter for r in loops))
    inside = u
    for rounds in reversed(loops):
        x = rounds.variable(0)
        rounds.become(x, graph.apply("add", x, inside))
        inside = rounds.out(x)
    with pytest.raises(Unsupported, match="deep is drawn in 3 loops"):
        assemble([inside], loops=graph.loops)


def test_reading_a_variable_outside_of_its_loop_is_an_error():
    graph = Graph()
    rounds, other = Rounds(graph), Rounds(graph)
    x, y = rounds.variable(0), other.variable(0)
    rounds.become(x, graph.apply("add", x, 1))
    other.become(y, graph.apply("add", y, x))
    with pytest.raises(ValueError, match="asked for outside"):
        assemble([rounds.out(x), graph.apply("add", x, 1)], loops=graph.loops)
    with pytest.raises(ValueError, match=r"outside of the loop|none within the other"):
        assemble([graph.apply("add", rounds.out(x), other.out(y))], loops=graph.loops)
    with pytest.raises(ValueError, match="not given"):
        assemble([rounds.out(x)])
    rounds.loop.limit = 2**24
    with pytest.raises(Unsupported, match="rounds"):
        assemble([rounds.out(x)], loops=graph.loops)


def test_the_choice_counts_rounds():
    """A program that is too short to be worth compiling is worth it where it goes round."""
    graph = Graph()
    looping = assemble(fibonacci(graph, 20), loops=graph.loops)
    x = graph.site(UNIFORM, "x")
    straight = assemble([graph.apply("sin", graph.apply("add", x, i)) for i in range(3)])
    assert len(straight.instructions) >= len(looping.instructions)
    assert work(looping) == ROUNDS * (len(looping.instructions) + 3 + 1)
    assert choose(straight, 20_000_000).backend.name == "lane machine"
    assert choose(looping, 20_000_000).backend.name == "xla"
    assert choose(looping, 100).backend.name == "numpy"
    graph.loops[0].limit = 2
    assert work(
        assemble([graph.loop_out(graph.loops[0], graph.loops[0].variables[2])], loops=graph.loops)
    ) == 2 * (3 + 3 + 1)
