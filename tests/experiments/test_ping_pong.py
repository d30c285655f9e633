"""Ping Pong in Church: the patterns, the reading of ratings, the conventions, and the model."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from experiments.errors import UsageError
from experiments.ping_pong import FAR, ROUNDING, WORLD, fit, main, posterior
from experiments.ping_pong.patterns import PATTERNS, Match, read_match
from experiments.ping_pong.people import FILE, HEADER, read_ratings
from plot.world import World

DATA = Path(__file__).parents[3] / "shared" / "data" / "pingpong"
needs_data = pytest.mark.skipif(
    not (DATA / FILE).exists(), reason="the people's ratings are not beside this checkout"
)


def lines(people: int = 2) -> list[str]:
    rows = [
        f"{p},{k},{(7 * p * k) % 101 - 50},," for p in range(1, people + 1) for k in range(1, 21)
    ]
    return [",".join(HEADER) + ",,Legend:", *rows]


def test_patterns_come_in_reversed_pairs():
    assert [p.number for p in PATTERNS] == list(range(1, 21))
    for odd, even in zip(PATTERNS[::2], PATTERNS[1::2], strict=True):
        assert len(odd.matches) == 3
        assert even.matches == tuple(m.reversed() for m in odd.matches)
        assert odd.model_mean > 10 > even.model_mean
        assert odd.people_mean > 0 > even.people_mean


def test_matches_are_read():
    assert read_match("AB<CD") == Match("CD", "AB")
    assert Match("CD", "AB").condition() == "(condition (won-against '(c d) '(a b)))"
    for bad in ("AB", "A>", ">B", "A=B", "A>B>C", ""):
        with pytest.raises(ValueError, match="expected a match"):
            read_match(bad)


@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n"])
def test_ratings_are_read_whatever_ends_their_lines(newline, tmp_path):
    (tmp_path / FILE).write_bytes(newline.join(lines()).encode())
    ratings = read_ratings(tmp_path)
    assert ratings.participants == (1, 2)
    assert ratings.values.shape == (2, 20)
    assert ratings.values[1, 2] == (7 * 2 * 3) % 101 - 50


def swap(number: int, text: str) -> bytes:
    rows = lines()
    rows[number - 1] = text
    return "\n".join(rows).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1: expected the header Participant,Pattern,Strength Rating, and got 'nothing'"),
        (b"a,b,c\n1,1,1\n", "line 1: expected the header"),
        (lines()[0].encode(), "expected ratings after the header"),
        (
            swap(5, "1,4,strong,,"),
            "line 5: expected a whole number as Strength Rating, and got 'strong'",
        ),
        (swap(5, "1,4"), "line 5: expected a whole number as Strength Rating, and got ''"),
        (swap(6, "1,21,3"), "line 6: expected a pattern from 1 to 20, and got 21"),
        (swap(7, "1,6,51"), "line 7: expected a rating from -50 to 50, and got 51"),
        (swap(8, "1,6,3"), "line 8: participant 1 has rated pattern 6 before"),
        (swap(9, ""), "participant 1 has no rating of pattern 8"),
        (
            b"\n".join([lines()[0].encode(), *(b"1,%d,5" % k for k in range(1, 21))]),
            "the same rating",
        ),
        (b"\xff\xfe\x00\x81", "expected a text file"),
        (swap(4, "1,3,\x00"), "line 4"),
    ],
)
def test_damaged_ratings_are_named(content, said, tmp_path):
    path = tmp_path / FILE
    path.write_bytes(content)
    with pytest.raises(UsageError) as error:
        read_ratings(tmp_path)
    assert said in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_ratings_are_a_usage_error(tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["--data", str(tmp_path / "nowhere"), "--out", str(out)]) == 2
    said = capsys.readouterr().err
    assert "there is no such file" in said
    assert said.count("\n") == 1
    assert not out.exists()
    assert main(["--data", str(tmp_path), "--out", str(out)]) == 2
    assert FILE in capsys.readouterr().err


def test_z_scores_by_hand():
    x = np.array([[1.0, 2.0, 3.0], [0.0, 10.0, 20.0]])
    assert fit.z_scores(x).tolist() == [[-1.0, 0.0, 1.0], [-1.0, 0.0, 1.0]]
    assert fit.flip_reversed(np.arange(4.0)).tolist() == [0.0, -1.0, 2.0, -3.0]


def test_conventions_by_hand():
    model = np.array([1.0, -1.0, 3.0, -3.0])
    ratings = np.array(
        [[10.0, -10.0, 30.0, -30.0], [-10.0, 10.0, -30.0, 30.0], [1.0, 0.0, 2.0, 0.0]]
    )
    assert fit.raw_fit(model, ratings[0]) == pytest.approx(1)
    assert fit.individual_fits(model, ratings)[:2] == pytest.approx([1, -1])
    # Deviations 1, -1, 3, -3 and 1/4, -3/4, 5/4, -3/4: products 0.25 + 0.75 + 3.75 + 2.25 = 7.
    assert fit.individual_fits(model, ratings)[2] == pytest.approx(7 / np.sqrt(20 * 2.75))
    # One person who follows the model: z-scores are x / sqrt(20 / 3), and so are the model's.
    scale = np.sqrt(20 / 3)
    assert fit.standardised_people(ratings[:1]) == pytest.approx(np.array([1, 1, 3, 3]) / scale)
    perfect = fit.standardised_fit(model, ratings[:1])
    assert (perfect.r, perfect.rmse) == pytest.approx((1, 0))
    # With a person who says nothing of use (mean 0 with the first) the average is 2/3 of the first.
    people = np.array([ratings[0], ratings[0], ratings[0], ratings[0], ratings[0], ratings[1]])
    shrunk = fit.standardised_fit(model, people)
    assert shrunk.r == pytest.approx(1)
    assert shrunk.rmse == pytest.approx(np.sqrt(5) / scale / 3)


def test_errors_of_fits():
    generator = np.random.default_rng(0)
    model, people = np.arange(20.0), np.arange(20.0) ** 2
    none = fit.simulation_error(
        lambda m: fit.raw_fit(m, people), model, np.zeros(20), generator, 50
    )
    some = fit.simulation_error(lambda m: fit.raw_fit(m, people), model, np.ones(20), generator, 50)
    assert none == pytest.approx(0, abs=1e-12)
    assert some > 1e-3
    ratings = generator.normal(size=(12, 1)) + np.zeros((12, 3))
    low, high = fit.interval_over_people(lambda r: float(r.mean()), ratings, generator)
    assert low < ratings.mean() < high


def test_published_means_give_the_published_correlation():
    model = np.array([p.model_mean for p in PATTERNS])
    people = np.array([p.people_mean for p in PATTERNS])
    assert fit.raw_fit(model, people) == pytest.approx(0.990, abs=0.0005)


@needs_data
def test_each_convention_reproduces_its_reference():
    ratings = read_ratings(DATA)
    assert len(ratings.participants) == 30
    assert ratings.values.mean(axis=0) == pytest.approx(
        [p.people_mean for p in PATTERNS], abs=0.0501
    )
    model = np.array([p.model_mean for p in PATTERNS])
    found = fit.standardised_fit(model, ratings.values)
    assert np.median(fit.individual_fits(model, ratings.values)) == pytest.approx(0.923, abs=0.001)
    assert found.r == pytest.approx(0.908, abs=0.001)
    assert found.rmse == pytest.approx(0.163, abs=0.001)


@pytest.mark.parametrize("number", [1, 5, 8, 14, 19])
def test_model_agrees_with_the_reference(number):
    pattern = PATTERNS[number - 1]
    mean = posterior(World.from_file(WORLD), pattern, seed=1, worlds=100_000).mean
    assert abs(mean.value - pattern.model_mean) <= FAR * mean.standard_error + ROUNDING


def test_without_ratings_the_result_says_what_is_absent(tmp_path):
    assert main(["--worlds", "5000", "--out", str(tmp_path)]) == 0
    result = json.loads((tmp_path / "result.json").read_text())
    assert "as published" in result["people"]["source"]
    assert set(result["absent"]) == {"r_individual_median", "r_standardised", "rmse_standardised"}
    assert not set(result["absent"]) & set(result["figures"])
    assert result["figures"]["r_raw"]["value"] > 0.95
    assert sum(name.startswith("pattern_") for name in result["figures"]) == 20
    assert (tmp_path / "model_and_people.png").stat().st_size > 10_000
