"""The top level of a Church program is one world: draws are numbers, blocks are asked of many."""

import math

import jax
import numpy as np
import pytest
from scipy import stats

from plot.compiler import Budget
from plot.data import show, to_list
from plot.errors import ImpossibleEvidence, PlotError
from plot.program import Options, OracleWarning, run, run_program

OPTIONS = Options(worlds=20_000)
KEYS = [jax.random.key(i) for i in range(12)]


def values(source: str, key=KEYS[0]) -> list[str]:
    return [str(o) for o in run_program(source, key=key, options=OPTIONS) if o.kind == "value"]


class TestDraws:
    def test_a_name_is_one_value(self):
        for key in KEYS:
            first, second, third = values("(define x (gaussian 0 1)) x x (- x x)", key)
            assert first == second and third == "0"

    def test_every_distribution_draws_numbers_of_its_law(self):
        source = """
        (define (many f) (repeat 3000 f))
        (list (many (lambda () (gaussian 1 2))) (many (lambda () (uniform 1 3)))
              (many (lambda () (exponential 2))) (many (lambda () (gamma 2 3)))
              (many (lambda () (beta 2 3))) (many (lambda () (poisson 300)))
              (many (lambda () (binomial 0.3 400))) (many (lambda () (random-integer 1000)))
              (many (lambda () (boolean->number (flip 0.3)))))
        """
        laws = [
            stats.norm(1, 2),
            stats.uniform(1, 2),
            stats.expon(scale=0.5),
            stats.gamma(2, scale=3),
            stats.beta(2, 3),
            stats.poisson(300),
            stats.binom(400, 0.3),
            stats.randint(0, 1000),
            stats.bernoulli(0.3),
        ]
        drawn = to_list(run(source, key=KEYS[1], options=OPTIONS))
        assert len(drawn) == len(laws)
        for law, sample in zip(laws, drawn, strict=True):
            x = np.array(to_list(sample), float)
            assert abs(x.mean() - law.mean()) < 5 * law.std() / math.sqrt(len(x))
            kurtosis = float(law.stats("k")) + 3
            error = law.var() * math.sqrt((kurtosis - 1) / len(x))
            assert abs(x.var() - law.var()) < 6 * error

    def test_memory_lasts(self):
        source = (
            "(define f (mem (lambda (k) (gaussian 0 1)))) (list (= (f 1) (f 1)) (= (f 1) (f 2)))"
        )
        assert values(source) == ["(#t #f)"]

    def test_a_restaurant_repeats(self):
        source = "(define f (DPmem 1 gensym)) (length (unique (repeat 200 f)))"
        tables = [int(values(source, key)[0]) for key in KEYS]
        due = sum(1 / (1 + i) for i in range(200))
        spread = math.sqrt(sum((1 / (1 + i)) * (1 - 1 / (1 + i)) for i in range(200)))
        assert abs(np.mean(tables) - due) < 5 * spread / math.sqrt(len(KEYS))

    def test_an_error_of_the_one_world_is_an_error(self):
        with pytest.raises(PlotError, match="division by zero"):
            run("(define x (flip 1)) (/ 1 (if x 0 1))", key=KEYS[0])

    def test_what_is_observed_at_the_top_level_holds(self):
        source = "(define x (random-integer 6)) (condition (> x 3)) x"
        assert {values(source, key)[0] for key in KEYS} <= {"4", "5"}
        source = "(define x (random-integer 6)) (define (see) (condition (> x 3))) (see) x"
        assert {values(source, key)[0] for key in KEYS} <= {"4", "5"}


class TestBlocks:
    @pytest.mark.parametrize("name", ["rejection-query", "mh-query 1 1"])
    def test_a_block_sees_the_world_around_it(self, name):
        wrap = "first" if name.startswith("mh") else "identity"
        block = f"({wrap} ({name} (define z (flip)) z (eq? z x)))"
        for source in (
            f"(define x (flip)) (define y {block}) (eq? x y)",
            f"(define x (flip)) (eq? x {block})",
            f"(define x (flip)) (define (f x) {block}) (eq? x (f x))",
            f"(define x (flip)) (let ((y {block})) (eq? x y))",
        ):
            assert {values(source, key)[0] for key in KEYS} == {"#t"}

    def test_an_outer_draw_is_certain_inside(self):
        for key in KEYS[:4]:
            (text,) = values("(define x (flip)) (list x (enumeration-query x #t))", key)
            assert text in ("(#t ((#t) (1)))", "(#f ((#f) (1)))")

    def test_data_drawn_outside_are_learned_from(self):
        source = """
        (define data (repeat 30 (lambda () (flip 0.9))))
        (define heads (count (lambda (x) x) data))
        (define p (mh-query 2000 1 (define p (uniform 0 1)) p
          (= heads (binomial p 30))))
        (list heads (mean p))
        """
        heads, mean = to_list(run(source, key=KEYS[2], options=Options(worlds=60_000)))
        law = stats.beta(1 + heads, 31 - heads)
        # 60,000 worlds, a 31st of them fit: some 1,900, resampled 2,000 times.
        assert abs(mean - law.mean()) < 5 * law.std() * math.sqrt(1 / 1900 + 1 / 2000)

    def test_a_function_that_infers_is_called_again_and_again(self):
        source = """
        (define (take) (rejection-query (define x (gaussian 0 1)) x (> x 1)))
        (define xs (repeat 500 take))
        (list (mean xs) (apply min xs) (length (unique xs)))
        """
        mean, least, different = to_list(run(source, key=KEYS[3], options=OPTIONS))
        law = stats.truncnorm(1, np.inf)
        assert abs(mean - law.mean()) < 5 * law.std() / math.sqrt(500)
        assert least > 1 and different > 400

    def test_arguments_make_blocks_differ(self):
        source = """
        (define (listen w) (enumeration-query (define s (uniform-draw '(a b))) s
          (or (eq? w 'any) (eq? w s))))
        (map listen '(a any b))
        """
        assert values(source) == ["(((a) (1)) ((a b) (0.5 0.5)) ((b) (1)))"]

    def test_what_a_block_remembers_stays_inside(self):
        source = """
        (define strength (mem (lambda (p) (gaussian 10 3))))
        (define before (mh-query 300 1 (strength 'bob) (> (strength 'bob) 12)))
        (define after (mh-query 300 1 (strength 'bob) (< (strength 'bob) 8)))
        (define own (strength 'bob))
        (list (apply min before) (apply max after) (= own (strength 'bob))
              (first (unique (mh-query 5 1 (strength 'bob) #t))) own)
        """
        low, high, same, inside, own = to_list(run(source, key=KEYS[4], options=OPTIONS))
        assert low > 12 and high < 8 and same is True
        assert inside == pytest.approx(own, rel=1e-6)  # now it has been drawn: a lane is a float32

    def test_a_restaurant_keeps_nothing_of_a_block(self):
        source = """
        (define f (DPmem 1 gensym)) (define a (f))
        (define inside (rejection-query (f) #t))
        (eq? (f) inside)
        """
        assert {values(source, key)[0] for key in KEYS} == {"#t", "#f"}

    def test_rare_evidence_over_finite_choices_is_listed(self):
        source = "(rejection-query (define x (repeat 12 flip)) (first x) (all x))"
        (outcome,) = run_program(source, key=KEYS[0], options=Options(worlds=500))
        assert show(outcome.as_value(KEYS[0])) == "#t"
        assert outcome.result.table[0].probability == 1

    def test_evidence_that_never_holds_is_located(self):
        source = "1\n(rejection-query (define x (gaussian 0 1)) x (> x 40))"
        with pytest.raises(ImpossibleEvidence) as caught:
            run(source, key=KEYS[0], options=OPTIONS)
        assert caught.value.span is not None and caught.value.span.line == 2

    def test_choices_that_cannot_be_listed_are_sampled_and_it_is_said(self):
        source = "(enumeration-query (define x (gaussian 0 1)) (> x 0) #t)"
        (outcome,) = run_program(source, key=KEYS[0], options=OPTIONS)
        assert any("too many choices" in note for note in outcome.result.worlds.notes)
        assert abs(outcome.result.probability(True).value - 0.5) < 5 * 0.5 / math.sqrt(20_000)


class TestShapeOfBlocks:
    """What stands before the result and the condition is done in order."""

    @pytest.mark.parametrize(
        ("block", "chance"),
        [
            ("(define a (flip)) (define b (flip)) (display 1) a (or a b)", 2 / 3),
            ("(define a (flip)) (define b (flip)) (flip (if a 0.9 0.1) #t) a #t", 0.9),
            ("(define a (flip)) (define b (flip)) (factor (if a (log 3) 0)) a #t", 0.75),
            ("(define a (flip)) (define b (flip)) (display a) a (condition (or a b))", 2 / 3),
            ("(define a (flip)) (define b (flip)) (condition (or a b)) (display a) a", 2 / 3),
            (
                "(define a (flip)) (for-each (lambda (x) (condition (or a x))) (list (flip))) a",
                2 / 3,
            ),
            ("(define a (flip)) (map (lambda (x) (condition (or a x))) (list (flip))) a", 2 / 3),
            ("(define a (flip)) (begin (condition (or a (flip)))) a", 2 / 3),
            ("(define a (flip)) a (condition (or a (flip)))", 2 / 3),
            ("(define a (flip)) (condition (or a (flip))) a", 2 / 3),
        ],
    )
    def test_statements(self, block, chance):
        for name in ("enumeration-query", "rejection-query"):
            (outcome,) = run_program(f"({name} {block})", key=KEYS[0], options=OPTIONS)
            found = {show(r.value): r.probability for r in outcome.result.table}
            error = 0 if name == "enumeration-query" else math.sqrt(chance * (1 - chance) / 10_000)
            assert abs(found["#t"] - chance) < 1e-6 + 5 * error
        inner = f"(query (first (first (enumeration-query {block}))))"
        (outcome,) = run_program(inner, key=KEYS[0], options=OPTIONS)
        assert show(outcome.result.table[0].value) == "#t"


def test_what_the_compiler_refuses_goes_to_the_oracle():
    source = "(define (f) (enumeration-query (poisson 1000) #t)) (list? (f))"
    with pytest.warns(OracleWarning):
        run(source, key=KEYS[0], options=OPTIONS)


def test_an_endless_program_ends_at_its_budget_at_once():
    with pytest.raises(PlotError, match="evaluation steps"):
        run("(define (f) (f)) (f)", key=KEYS[0], options=Options(budget=Budget(steps=1000)))
