"""Exact answers against the oracle's enumeration and closed forms, both ways of summing."""

import math
import re
from collections import Counter
from dataclasses import replace

import jax
import numpy as np
import pytest
from scipy import stats

from experiments.bench.generated import discrete
from inference import Exact
from inference.exact import contraction, engine, laws, states, ways
from plot.data import show
from plot.errors import ImpossibleEvidence, PlotError, Unsupported
from plot.oracle import Budget, NotEnumerable
from plot.oracle import Exact as Enumerated
from plot.oracle import enumerate as enumerate_worlds
from plot.posterior import Posterior
from plot.printer import write
from plot.reader import read
from plot.world import World
from tests.plot.generated import program

KEY = jax.random.key(0)
TABLES, STATES = Exact(), Exact(most_operations=1)  # where any sum is too much, states are followed
ENGINES = pytest.mark.parametrize("exact", [TABLES, STATES], ids=["tables", "states"])


def ask(source: str, question: str, *told: str, exact: Exact = TABLES) -> Posterior:
    world = World.from_source(source, cache=False)
    for sentence in told:
        world = world.tell(sentence)
    return exact.infer(KEY, world.ask(question))


def table_of(rows) -> Counter:
    """Probabilities by what is shown; functions, whatever their names, together."""
    found: Counter = Counter()
    for value, p in rows:
        found[re.sub("#<procedure[^>]*>", "#<procedure>", show(value))] += p
    return found


def compare(source: str) -> bool:
    """Check one program both ways; whether the oracle could list its worlds."""
    trees = read(source)
    try:
        wanted = enumerate_worlds(trees, Budget(executions=300))
    except (PlotError, NotEnumerable):
        return False
    if wanted.lost_mass > 0:
        return False
    world = World.from_source("\n".join(map(write, trees[:-1])), cache=False)
    for exact in (TABLES, STATES):
        agree(exact.infer(KEY, world.ask(trees[-1])), wanted, world, source)
    return True


def agree(found: Posterior, wanted: Enumerated, world: World, source: str) -> None:
    shares = table_of((row.value, row.probability) for row in found.table)
    expected = table_of(row for row in wanted.table if row[1] > 0)
    assert shares.keys() == expected.keys(), source
    assert all(abs(shares[k] - expected[k]) < 1e-9 for k in shares), source
    assert found.evidence.log == pytest.approx(wanted.log_evidence, rel=1e-9, abs=1e-9), source
    if not world.effects.conditions and not world.effects.factors:
        # The oracle ends a world at the first condition it breaks, and counts no error after that.
        assert sum(loss.share for loss in found.losses) == pytest.approx(wanted.died, abs=1e-9)


class TestGeneratedPrograms:
    def test_small_ones(self):
        assert sum(compare(program(seed)) for seed in range(20)) >= 9

    def test_wide_ones(self):
        assert sum(compare(discrete(seed)) for seed in range(25)) >= 9

    @pytest.mark.slow
    def test_many(self):
        assert sum(compare(p(s)) for s in range(1000, 1300) for p in (program, discrete)) >= 300


@pytest.fixture
def screened(monkeypatch):
    """Where all evidence is looked at before a draw; the states that were left out, each time."""
    monkeypatch.setattr(states, "FEW", 0)
    monkeypatch.setattr(ways, "WORTH", 0)
    passing, left_out = ways.Screen.passing, []

    def counted(self, values, shares, setting, asked):
        found = passing(self, values, shares, setting, asked)
        possible = np.where(asked, (shares > 0).sum(axis=1)[setting], 1)
        left_out.append(len(found.codes) < possible.sum())
        return found

    monkeypatch.setattr(ways.Screen, "passing", counted)
    return left_out


class TestScreens:
    """States that break the evidence of their round are not made."""

    @pytest.mark.parametrize("source", [program, discrete])
    def test_generated_programs(self, source, screened):
        assert sum(compare(source(seed)) for seed in range(25)) >= 9
        assert sum(screened) >= 5

    @pytest.mark.slow
    def test_many(self, screened):
        assert sum(compare(p(s)) for s in range(2000, 2200) for p in (program, discrete)) >= 200
        assert sum(screened) >= 50

    def test_fewer_are_made(self, monkeypatch):
        made: list[int] = []
        world = World.from_source(CROWD, cache=False)
        with_screens = STATES.infer(KEY, world.ask("(list a b c)"), made.append)
        monkeypatch.setattr(ways.Screen, "of", lambda *_: None)
        every: list[int] = []
        without = STATES.infer(KEY, world.ask("(list a b c)"), every.append)
        assert made[-1] < every[-1] / 5
        shares = [[row.probability for row in found.table] for found in (with_screens, without)]
        assert shares[0] == pytest.approx(shares[1], rel=1e-12)

    def test_one_that_lets_too_few_pass_is_seen(self, screened, monkeypatch):
        passing = ways.Screen.passing

        def greedy(self, *given):
            found = passing(self, *given)
            return replace(found, sizes=np.minimum(found.sizes, 1))

        monkeypatch.setattr(ways.Screen, "passing", greedy)
        with pytest.raises(AssertionError):
            for seed in range(25):
                compare(discrete(seed))


# Three digits are remembered, and a fourth has to be what their sum leaves.
CROWD = """
(define (digit name) (random-integer 13))
(define a (digit 1)) (define b (digit 2)) (define c (digit 3))
(condition (= (digit 4) (mod (+ a b c) 13)))
"""


class TestHiddenMarkov:
    """A chain of 100 states, of which only a noisy sign is seen, against the forward algorithm."""

    STAYS, COMES, SEEN, MISTAKEN = 0.9, 0.2, 0.8, 0.3
    SOURCE = """
    (define state (mem (lambda (t) (flip (if (= t 0) 0.5 (if (state (- t 1)) 0.9 0.2))))))
    (define (sign t) (flip (if (state t) 0.8 0.3)))
    """

    def smoothed(self, signs: np.ndarray) -> tuple[float, np.ndarray]:
        """The log evidence, and the probability of each state given all signs."""
        step = np.array([[1 - self.COMES, self.COMES], [1 - self.STAYS, self.STAYS]])
        seen = np.array([[1 - self.MISTAKEN, self.MISTAKEN], [1 - self.SEEN, self.SEEN]])
        ahead, log, filtered = np.array([0.5, 0.5]), 0.0, []
        for sign in signs:
            ahead = ahead * seen[:, sign]
            log += math.log(ahead.sum())
            filtered.append(ahead / ahead.sum())
            ahead = filtered[-1] @ step
        behind, found = np.ones(2), []
        for sign, now in zip(reversed(signs), reversed(filtered), strict=True):
            both = now * behind
            found.append(both[1] / both.sum())
            behind = step @ (seen[:, sign] * behind)
            behind /= behind.sum()
        return log, np.array(found[::-1])

    @ENGINES
    def test_forward_backward(self, exact):
        signs = np.random.default_rng(0).integers(0, 2, 100)
        log, wanted = self.smoothed(signs)
        told = [f"(condition (eq? (sign {t}) {'#t' if s else '#f'}))" for t, s in enumerate(signs)]
        world = World.from_source(self.SOURCE, cache=False)
        for sentence in told:
            world = world.tell(sentence)
        for t in (0, 50, 99):
            found = exact.infer(KEY, world.ask(f"(state {t})"))
            assert found.evidence.log == pytest.approx(log, rel=1e-9)
            assert found.probability(True).value == pytest.approx(wanted[t], rel=1e-9)


class TestClosedForms:
    @ENGINES
    def test_a_count_of_many_coins(self, exact):
        """2^60 worlds, 61 states."""
        coins = "(define n (sum (repeat 60 (lambda () (if (flip 0.3) 1 0)))))"
        found = ask(coins, "n", "(condition (> n 50))", exact=exact)
        tail = stats.binom(60, 0.3)
        assert math.exp(found.evidence.log) == pytest.approx(tail.sf(50), rel=1e-9)
        assert found.probability(51).value == pytest.approx(tail.pmf(51) / tail.sf(50), rel=1e-9)
        assert found.mean.standard_error == 0

    @ENGINES
    def test_evidence_of_tiny_probability(self, exact):
        """Two hypotheses about 40 tosses, each of which explains them with probability near 1e-60."""
        source = "(define rare (flip 0.5)) (define (toss i) (flip (if rare 0.03 0.0316)))"
        told = [f"(condition (toss {i}))" for i in range(40)]
        found = ask(source, "rare", *told, exact=exact)
        logs = np.log(0.5) + 40 * np.log([0.03, 0.0316])
        assert found.evidence.log == pytest.approx(np.logaddexp(*logs), rel=1e-9)
        assert found.evidence.log < math.log(1e-60)
        wanted = math.exp(logs[0] - np.logaddexp(*logs))
        assert found.probability(True).value == pytest.approx(wanted, rel=1e-9)

    @ENGINES
    def test_a_weight_that_no_float_holds(self, exact):
        """The world that is left weighs e^-1000 beside one that later evidence rules out."""
        found = ask(
            "(define a (flip 0.3)) (factor (if a -1000 0))", "a", "(condition a)", exact=exact
        )
        assert found.evidence.log == pytest.approx(math.log(0.3) - 1000, rel=1e-12)
        assert found.probability(True).value == 1

    @ENGINES
    def test_counts(self, exact):
        source = "(define n (poisson 3)) (define k (binomial 0.4 n))"
        found = ask(source, "n", "(condition (= k 2))", exact=exact)
        n = np.arange(40)
        joint = stats.poisson(3).pmf(n) * stats.binom(n, 0.4).pmf(2)
        assert found.evidence.log == pytest.approx(stats.poisson(1.2).logpmf(2), abs=1e-8)
        assert found.mean.value == pytest.approx(joint @ n / joint.sum(), abs=1e-7)
        assert any("poisson" in note for note in found.worlds.notes)

    @ENGINES
    def test_a_grid_of_spins(self, exact):
        """An Ising model of 4 by 4 spins, no order of which is a chain, against all 2^16 states."""
        side, pull, field = 4, 0.4, 0.3
        places = [(i, j) for i in range(side) for j in range(side)]
        pairs = [(a, b) for a in places for b in places if a < b and math.dist(a, b) == 1]
        source = "(define up (mem (lambda (i j) (flip 0.5))))"
        for (i, j), (m, n) in pairs:
            source += f"(factor (if (eq? (up {i} {j}) (up {m} {n})) {pull} {-pull}))"
        source += f"(factor (if (up 0 0) {field} 0))"
        found = ask(source, "(up 3 3)", exact=exact)
        spins = np.indices((2,) * side**2).reshape(side**2, -1)
        at = dict(zip(places, spins, strict=True))
        logs = field * at[0, 0] + sum(pull * np.where(at[a] == at[b], 1, -1) for a, b in pairs)
        weights = np.exp(logs)
        assert found.evidence.log == pytest.approx(math.log(weights.mean()), rel=1e-9)
        wanted = weights[at[3, 3] == 1].sum() / weights.sum()
        assert found.probability(True).value == pytest.approx(wanted, rel=1e-9)

    @ENGINES
    def test_draws_too_wide_for_a_table(self, exact):
        """The graph keeps no table of a draw from a thousand; states hold it all the same."""
        source = "(define a (random-integer 1000)) (define b (random-integer 1000))"
        found = ask(source, "a", "(condition (> (* a b) 900000))", exact=exact)
        n = np.arange(1000)
        holds = np.outer(n, n) > 900_000
        assert found.evidence.log == pytest.approx(math.log(holds.mean()), rel=1e-9)
        assert found.mean.value == pytest.approx(holds.sum(axis=1) @ n / holds.sum(), rel=1e-9)

    @ENGINES
    def test_weights_that_are_drawn(self, exact):
        source = "(define w (uniform-draw '(1 2 5))) (define x (multinomial '(a b c) (list w 1 0)))"
        found = ask(source, "(list w x)", exact=exact)
        wanted = {
            (w, x): p / 3 for w in (1, 2, 5) for x, p in (("a", w / (w + 1)), ("b", 1 / (w + 1)))
        }
        assert {tuple(row.python): pytest.approx(row.probability) for row in found.table} == wanted

    @ENGINES
    def test_a_density(self, exact):
        source = "(define close (flip 0.5)) (define (see) (gaussian 0 (if close 1 3)))"
        found = ask(source, "close", "(condition (= (see) 2.5))", exact=exact)
        weights = stats.norm(0, np.array([1, 3])).pdf(2.5)
        assert found.probability(True).value == pytest.approx(weights[0] / weights.sum(), rel=1e-9)
        assert found.evidence.log == pytest.approx(math.log(weights.mean()), rel=1e-9)


class TestStructure:
    @ENGINES
    def test_a_query_inside_a_model(self, exact):
        source = """
        (define p (uniform-draw '(0.1 0.5 0.9)))
        (define (guess) (rejection-query (define a (flip p)) (define b (flip)) a (condition (or a b))))
        (define told (guess))
        """
        found = ask(source, "p", "(condition told)", exact=exact)
        p = np.array([0.1, 0.5, 0.9])
        guess = p / (p + (1 - p) / 2)
        assert found.mean.value == pytest.approx(p @ guess / guess.sum(), rel=1e-9)

    @ENGINES
    def test_deaths_are_counted_whatever_was_observed(self, exact):
        source = "(define a (random-integer 5)) (define b (/ 6 a)) (define c (flip 0.5))"
        found = ask(source, "b", "(condition (and c (< b 5)))", exact=exact)
        (loss,) = found.losses
        assert loss.share == pytest.approx(0.2)
        assert "division by zero" in str(loss) and "20.00% of all worlds" in str(loss)
        assert math.exp(found.evidence.log) == pytest.approx(0.3)

    def test_deaths_that_are_too_much_to_count_are_said_to_be(self, monkeypatch):
        monkeypatch.setattr(engine, "DEATHS", states.Limits(1, 1))
        found = ask("(define a (random-integer 5))", "(/ 6 a)")
        assert not found.losses and len(found.table) == 4
        assert "how many worlds die of errors was not worked out" in str(found)

    @ENGINES
    def test_evidence_about_something_else(self, exact):
        """It says nothing of the answer, and counts into the evidence."""
        source = "(define a (flip 0.3)) (define b (random-integer 8)) (define c (random-integer 8))"
        found = ask(source, "a", "(condition (< (+ b c) 3))", exact=exact)
        assert found.probability(True).value == pytest.approx(0.3)
        assert math.exp(found.evidence.log) == pytest.approx(6 / 64)

    def test_what_is_not_read_costs_nothing(self):
        source = """
        (define a (random-integer 5)) (define b (+ a (random-integer 3)))
        (define xs (repeat 30 (lambda () (random-integer 10)))) (define (unused) (sum xs))
        (define x (gaussian 0 1))
        """
        world = World.from_source(source, cache=False).tell("(condition (> b 1))")
        assert STATES.cost(world.ask("a")).draws == 2
        assert STATES.infer(KEY, world.ask("a")).method == "exact (5 joint states at most)"

    @ENGINES
    def test_the_report_speaks_of_no_worlds(self, exact):
        """Nothing was drawn, so nothing errs and no world is counted."""
        found = ask("(define a (random-integer 5))", "a", "(condition (> a 1))", exact=exact)
        assert found.report().startswith("exact (")
        assert "3 outcomes; evidence has probability (or density) 0.6" in found.report()
        assert "worlds remain" not in found.report()
        assert found.mean.standard_error == found.sd.standard_error == 0

    @ENGINES
    def test_an_answer_that_is_not_a_number(self, exact):
        found = ask("(define a (flip 0.25))", "(log (if a -1 1))", exact=exact)
        assert found.table[0].probability == 1
        assert [loss.share for loss in found.losses] == pytest.approx([0.25])

    @ENGINES
    def test_weights_that_are_not_numbers_count_for_nothing(self, exact):
        source = "(define a (random-integer 4)) (factor (log (- a 1)))"
        found = ask(source, "a", exact=exact)
        assert [row.python for row in found.table] == [3, 2]
        assert math.exp(found.evidence.log) == pytest.approx(3 / 4)

    @ENGINES
    def test_impossible_evidence(self, exact):
        with pytest.raises(ImpossibleEvidence, match="probability zero"):
            ask("(define a (random-integer 4))", "a", "(condition (> a 5))", exact=exact)
        with pytest.raises(ImpossibleEvidence):
            ask("(define a (flip))", "a", "(condition a)", "(condition (not a))", exact=exact)

    def test_draws_are_made_only_where_something_asks_for_them(self):
        """Of 2^40 trees, a walk down one branch sees one branch."""
        source = """
        (define side (mem (lambda (path) (flip 0.5))))
        (define (walk depth path)
          (if (= depth 0) path (walk (- depth 1) (if (side path) (* 2 path) (+ 1 (* 2 path))))))
        """
        found = ask(source, "(walk 7 1)", exact=STATES)
        assert len(found.table) == 128
        assert {row.probability for row in found.table} == {1 / 128}

    def test_blocks_of_states_give_what_all_at_once_give(self, monkeypatch):
        whole = [row.probability for row in ask(WIDE, "(list a b d)", exact=STATES).table]
        monkeypatch.setattr(states, "BLOCK", 200)
        parts = [row.probability for row in ask(WIDE, "(list a b d)", exact=STATES).table]
        assert parts == pytest.approx(whole, rel=1e-12)


WIDE = """
(define a (random-integer 9)) (define b (random-integer (+ a 2))) (define c (random-integer 7))
(define d (* b (+ c 0.5))) (condition (< d (* a 3)))
"""


class TestWhatCannotBe:
    MIXED = "(define x (gaussian 0 1)) (define y (exponential 1)) (define a (flip 0.3))"

    @ENGINES
    def test_a_continuous_draw_that_matters_is_named(self, exact):
        with pytest.raises(Unsupported, match="gaussian") as caught:
            ask(self.MIXED, "(if a x 0)", exact=exact)
        assert caught.value.span is not None and caught.value.span.text == "(gaussian 0 1)"
        with pytest.raises(Unsupported, match="exponential"):
            ask(self.MIXED, "a", "(condition (> y 1))", exact=exact)

    @ENGINES
    def test_one_that_does_not_matter_is_no_obstacle(self, exact):
        assert ask(self.MIXED, "a", exact=exact).probability(True).value == pytest.approx(0.3)

    def test_a_loop_is_refused(self):
        with pytest.raises(Unsupported, match="loop"):
            ask("(define (go n) (if (flip 0.5) n (go (+ n 1))))", "(go 0)")

    def test_too_many_states(self):
        source = "(define xs (repeat 14 (lambda () (random-integer 7))))"
        with pytest.raises(Unsupported, match="joint states") as caught:
            ask(source, "xs", exact=Exact(most_bytes=10_000))
        assert caught.value.span is not None and "random-integer" in caught.value.message

    @pytest.mark.parametrize("name", ["most_bytes", "most_operations", "most_states"])
    def test_bad_options(self, name):
        with pytest.raises(ValueError, match=name):
            Exact(**{name: 0})


class TestCost:
    COINS = "(define n (sum (repeat 60 (lambda () (if (flip 0.3) 1 0))))) (define x (uniform 0 1))"

    def test_of_tables(self):
        cost = TABLES.cost(World.from_source(self.COINS).ask("n"))
        assert cost.possible and cost.method == "tables" and cost.draws == 60
        assert 0 < cost.bytes < 1e6 and 0 < cost.operations < 1e7

    def test_of_states_only_trying_tells(self):
        cost = STATES.cost(World.from_source(self.COINS).ask("n"))
        assert cost.possible is None and cost.method == "states"

    def test_of_what_cannot_be(self):
        cost = TABLES.cost(World.from_source(self.COINS).ask("(> x 0.5)"))
        assert cost.possible is False and "uniform" in cost.refusal.message

    def test_nothing_is_summed(self, monkeypatch):
        monkeypatch.setattr(engine.Contraction, "run", None)
        monkeypatch.setattr(engine, "joint", None)
        assert TABLES.cost(World.from_source(self.COINS).ask("n")).possible


class TestTheComparisonRings:
    """A law that is a little off is caught by the same comparison."""

    @pytest.mark.parametrize("where", [ways, contraction])
    def test_a_wrong_law(self, where, monkeypatch):
        def wrong(choice, values, parameters):
            return np.roll(laws.law(choice, values, parameters), 1, axis=1)

        monkeypatch.setattr(where, "law", wrong)
        with pytest.raises(AssertionError):
            for seed in range(8):
                compare(program(seed))

    def test_merging_states_that_differ(self, monkeypatch):
        right = table_of(
            (r.value, r.probability) for r in ask(WIDE, "(list a b d)", exact=STATES).table
        )
        monkeypatch.setattr(states.States, "merged", _too_much_merged)
        wrong = table_of(
            (r.value, r.probability) for r in ask(WIDE, "(list a b d)", exact=STATES).table
        )
        assert wrong != right


def _too_much_merged(self):
    """States that differ only in the lane that was made last become one."""
    last = next(reversed(self.columns), None)
    rest = [column for node, column in self.columns.items() if node is not last]
    key, _ = states.keys(rest, len(self.logs))
    _, first, index = np.unique(key, return_index=True, return_inverse=True)
    logs = states.merged_logs(index.reshape(-1), len(first), self.logs)
    return states.States({n: c.take(first) for n, c in self.columns.items()}, logs)
