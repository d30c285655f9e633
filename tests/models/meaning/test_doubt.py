"""Doubt about meanings, and prediction sets that cover what they promise."""

import jax
import numpy as np
import pytest

from models.meaning.doubt import doubt, merged
from models.meaning.prediction_sets import (
    NEVER,
    calibrate,
    generalise,
    needed,
    prediction_set,
)
from models.meaning.translate import Kind, Reading, Readings
from plot.printer import write
from plot.reader import read_one
from plot.world import World

WORLD = World.from_source("(define a (flip 0.5)) (define b (flip 0.5)) (define x (uniform 0 1))")


def readings(**shares: float) -> Readings:
    texts = {
        "a": "(condition a)",
        "not_not_a": "(condition (if a #t #f))",
        "b": "(condition b)",
        "x": "(condition (> x 0.5))",
        "nearly_x": "(condition (> x 0.6))",
    }
    found = tuple(
        Reading(Kind.STATEMENT, read_one(texts[n]), texts[n], p) for n, p in shares.items()
    )
    return Readings("s", found, 0.1, 0.0, -0.2)


class TestDoubt:
    def test_readings_that_say_the_same_are_one_meaning(self):
        found = readings(a=0.5, not_not_a=0.3, b=0.2)
        assert [r.probability for r in merged(WORLD, found).readings] == pytest.approx([0.8, 0.2])
        measured = doubt(WORLD, found)
        assert measured.meanings == pytest.approx(-0.8 * np.log2(0.8) - 0.2 * np.log2(0.2))
        assert measured.texts > measured.meanings
        assert measured.best == pytest.approx(0.2) and measured.margin == pytest.approx(0.4)
        assert measured.confidence == pytest.approx(0.8 * 0.9) and measured.surprise == 0.2

    def test_a_meaning_that_gains_by_merging_comes_first(self):
        found = merged(WORLD, readings(b=0.4, a=0.35, not_not_a=0.25))
        assert found.best.text == "(condition a)" and found.best.probability == pytest.approx(0.6)

    def test_where_all_is_certain_there_is_none(self):
        measured = doubt(WORLD, readings(a=1.0))
        assert (measured.meanings, measured.texts, measured.margin, measured.best) == (0, 0, 0, 0)
        assert measured.spread == pytest.approx(0)

    def test_near_readings_spread_less_than_far_ones(self):
        near, far = readings(x=0.5, nearly_x=0.5), readings(x=0.5, b=0.5)
        # They agree on 0.9 of the worlds, and on 0.5.
        assert doubt(WORLD, near).spread == pytest.approx(0.05, abs=0.02)
        assert doubt(WORLD, far).spread == pytest.approx(0.25, abs=0.03)


def reading(text: str, share: float) -> Reading:
    return Reading(Kind.STATEMENT, read_one(text), text, share)


class TestPredictionSets:
    def test_what_readings_have_in_common(self):
        a, b = read_one("(f 'tom (g 3))"), read_one("(f 'ann (g 3))")
        assert write(generalise(a, b)) == "(f '? (g 3))"
        assert write(generalise(a, read_one("(h 1)"))) == "?"

    def test_a_larger_share_has_more_holes_and_contains_more(self):
        found = [
            reading("(condition (f 'tom 3))", 0.6),
            reading("(condition (f 'ann 3))", 0.3),
            reading("(condition (g))", 0.1),
        ]
        sets = [prediction_set(found, share) for share in (0.5, 0.8, 0.95, 1.5)]
        assert [s.holes for s in sets] == [0, 1, 1, 1]
        assert [s.size for s in sets] == sorted((s.size for s in sets), reverse=True)
        right = read_one("(condition (f 'bob 3))")
        assert [right in s for s in sets] == [False, True, True, True]
        assert needed(found, right) == pytest.approx(0.6)
        assert needed(found, read_one("(condition (f 'tom 3))")) == 0
        assert needed(found, read_one("(query 3)")) > 0.89

    def test_coverage_holds_over_many_splits(self):
        rng = np.random.default_rng(0)
        names = ["tom", "ann", "bob", "sue"]
        cases = []
        for _ in range(400):  # a reader that is right with the probability that it says, or less
            shares = np.sort(rng.dirichlet([2.0, 1.0, 0.5]))[::-1]
            order = rng.permutation(names)
            found = [
                reading(f"(condition (f '{n}))", float(p))
                for n, p in zip(order, shares, strict=False)
            ]
            right = order[rng.choice(4, p=[*(0.85 * shares), 0.15])]
            cases.append(needed(found, read_one(f"(condition (f '{right}))")))
        for coverage in (0.8, 0.9):
            covered = []
            for _ in range(300):
                order = rng.permutation(len(cases))
                share = calibrate([cases[i] for i in order[:100]], coverage)
                covered.append(np.mean([cases[i] <= share for i in order[100:]]))
            # Splits of one set depend on each other; a split's own error is about 0.04.
            assert np.mean(covered) > coverage - 0.01

    def test_what_cannot_be_promised_is_refused(self):
        with pytest.raises(ValueError, match="19 are needed"):
            calibrate([0.0] * 10, 0.95)
        with pytest.raises(ValueError, match="between 0 and 1"):
            calibrate([0.0] * 10, 1.0)
        assert calibrate([NEVER] * 20, 0.9) == NEVER
        assert prediction_set([reading("(condition a)", 1.0)], NEVER).holes == 1


def test_the_seed_decides():
    key = jax.random.key(3)
    found = readings(a=0.5, not_not_a=0.3, b=0.2)
    assert doubt(WORLD, found, key) == doubt(WORLD, found, key)
