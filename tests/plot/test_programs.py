"""The programs of `tests/programs`, on every back end and in the oracle, against their headers."""

import os
import re
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from plot.backends import XLA, LaneMachine, Reference
from plot.data import Name, Pair, from_list, show
from plot.reader import read_one
from tests.programs.answers import Found, run, run_oracle
from tests.programs.derivations import derived
from tests.programs.expectations import (
    Clause,
    HeaderError,
    Program,
    bernstein,
    compare,
    number,
    parse,
    parse_text,
)

FOLDER = Path(__file__).parents[1] / "programs"
FILES = sorted(FOLDER.glob("*/*.church"))
PROGRAMS = {program.name: program for program in map(parse, FILES)}
THEMES = sorted({path.parent.name for path in FILES})
BACKENDS = {"numpy": Reference(), "machine": LaneMachine(), "xla": XLA()}
# What the compiled back ends run in the slow tests alone, as they take seconds to compile it: some
# distributions, some wide programs, and with XLA, whose work for one program helps no other, most.
LONG_TO_COMPILE = re.compile(r"\((beta|gamma|dirichlet|student-t) ")
WIDE = {"grammars/random_letters", "grammars/markov_words"}
ON_XLA = {
    "conditioning/which_sensor",
    "counterfactuals/twin_worlds",
    "generative/two_dice",
    "grammars/heard_a_cat",
    "hmm/umbrella_filter",
    "language/mixed_kinds",
    "learning/constant_or_line",
    "memory/tug_of_war",
    "mixtures/restaurant_tables",
    "patterns/wet_grass",
    "physics/bouncing_ball",
    "pragmatics/some_but_not_all",
    "sequences/longest_run",
    "social/where_to_meet",
}
REFUSED: dict[str, tuple[str, Found]] = {}  # what the compiler refused, and the oracle's answer
LISTING = os.environ.get("PLOT_REFUSED_PROGRAMS")  # a file to write the refusals to


def cases(backend: str) -> list:
    """Every program; those that only slow tests run on this back end are marked."""
    out = []
    for name, program in PROGRAMS.items():
        slow = bool(program.slow)
        if backend in ("machine", "xla"):
            # A program that draws nothing is the same on every back end.
            slow |= all(clause.kind == "value" for clause in program.clauses)
            slow |= name in WIDE or bool(LONG_TO_COMPILE.search(program.text))
        if backend == "xla":
            slow |= name not in ON_XLA
        out.append(pytest.param(name, id=name, marks=[pytest.mark.slow] if slow else []))
    return out


def of_theme(theme: str) -> list[Program]:
    return [program for name, program in PROGRAMS.items() if name.startswith(f"{theme}/")]


def check(program: Program, found: Found) -> None:
    report = compare(program.clauses, found)
    assert not report.failures, "\n".join([program.name, *report.failures])


@cache
def asked_of_the_oracle(name: str) -> Found:
    program = PROGRAMS[name]
    return run_oracle(program.text, name, program.lost, program.oracle)


def check_on(backend: str, name: str) -> None:
    program = PROGRAMS[name]
    # What the compiler refuses runs by the oracle: the same run, whatever the back end.
    if name not in REFUSED:
        found, why = run(program.text, name, BACKENDS[backend], program.worlds)
        if not why:
            check(program, found)
            return
        REFUSED[name] = why, found
    check(program, REFUSED[name][1])


@pytest.fixture(scope="module", autouse=True)
def refusals():
    """Tell what the compiler refused."""
    yield
    lines = [f"{name}: {why}" for name, (why, _) in sorted(REFUSED.items())]
    if LISTING:
        Path(LISTING).write_text("".join(line + "\n" for line in lines))
    print(f"\n{len(lines)} programs ran by the oracle:", *lines, sep="\n  ")


@pytest.mark.parametrize("name", cases("oracle"))
def test_oracle(name):
    check(PROGRAMS[name], asked_of_the_oracle(name))


@pytest.mark.parametrize("name", cases("numpy"))
def test_numpy(name):
    check_on("numpy", name)


@pytest.mark.parametrize("name", cases("machine"))
def test_lane_machine(name):
    check_on("machine", name)


@pytest.mark.parametrize("name", cases("xla"))
def test_xla(name):
    check_on("xla", name)


# ---- the expectations themselves


def test_there_are_programs_of_each_theme():
    themes = Counter(path.parent.name for path in FILES)
    assert len(FILES) >= 150 and min(themes.values()) >= 8
    assert set(PROGRAMS) >= ON_XLA | WIDE


def test_most_answers_of_the_oracle_are_exact():
    names = [name for name, program in PROGRAMS.items() if not program.oracle]
    assert sum(asked_of_the_oracle(name).exact for name in names) >= 0.7 * len(names)


@pytest.mark.parametrize("theme", THEMES)
def test_derivations_give_the_numbers_of_the_headers(theme):
    """What a header says to be enumerated or integrated is derived in Python, and agrees."""
    for program in of_theme(theme):
        numbers = derived(program.name)
        said = {clause.label: clause.number for clause in program.clauses}
        for label, value in numbers.items():
            where = program.name, label
            assert label in said, where
            assert said[label] == pytest.approx(value, rel=1e-10, abs=1e-13), where
        for clause in program.clauses:
            if clause.source.startswith(("enumeration:", "quadrature:")) and clause.kind != "only":
                assert clause.label in numbers, (program.name, clause.label)


def test_every_derivation_has_a_program():
    assert set(derived.known()) <= set(PROGRAMS)


# ---- the comparison rings


def wrong(clause: Clause, bound: float, found: Found) -> list[Clause]:
    """The clause with something else in it: numbers off by a few times their bound."""
    kind, value = clause.kind, clause.value
    if kind == "value":
        return [Clause(kind, value=from_list([value, Name("more")]))]
    if kind == "only":
        assert isinstance(value, Pair)
        return [Clause(kind, value=value.rest)]
    if kind == "quantile":
        assert isinstance(value, int | float)
        slack = 1e-6 if found.exact else bernstein(value, found.size)
        ends = [found.quantile(share) for share in (value - 2 * slack, value + 2 * slack)]
        return [Clause(kind, x + d, value) for x, d in zip(ends, (-1e-6, 1e-6), strict=True)]
    # A rare value's bound is wider than its probability: what is wrong then is a multiple of it.
    shifts = (4 * bound, -4 * bound) if kind != "P" else (6 * bound, -6 * bound)
    return [Clause(kind, clause.number + shift, value) for shift in shifts]


@pytest.mark.parametrize("theme", THEMES)
def test_a_wrong_expectation_is_noticed(theme):
    """Each number of a header, moved by a few times its bound, fails; so does each value."""
    for program in of_theme(theme):
        found = asked_of_the_oracle(program.name)
        bounds = compare(program.clauses, found).bounds
        lost = [clause for clause in program.clauses if clause.kind == "lost"]
        for clause in program.clauses:
            others = wrong(clause, bounds.get(clause.label, 0.0), found)
            for other in others if clause.kind != "lost" else []:
                assert compare([other, *lost], found).failures, (program.name, other)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("bias", "right"), [(0.25, True), (0.27, False), (0.23, False)])
def test_sampled_answers_are_held_to_their_bounds(backend, bias, right):
    found, why = run("(query (flip 0.25))", "coin", BACKENDS[backend], 100_000)
    report = compare([Clause("P", bias, True), Clause("P", 1 - bias, False)], found)
    assert not why and report.compared == 3 and max(report.bounds.values()) < 0.01
    assert bool(report.failures) is not right


def test_what_is_lost_must_be_declared():
    found = Found([1], np.ones(1), lost=0.02)
    assert compare([Clause("value", 0, 1)], found).failures
    assert compare([Clause("value", 0, 1), Clause("lost", 0.01)], found).failures
    assert not compare([Clause("value", 0, 1), Clause("lost", 0.05)], found).failures


def test_too_few_worlds_are_no_comparison():
    found = Found([1, 2], np.array([0.5, 0.5]), size=20)
    assert compare([Clause("P", 0.5, 1)], found).failures


def test_numbers_and_quantiles_of_samples():
    x = np.random.default_rng(0).normal(3, 2, 40_000)
    found = Found(x.tolist(), np.full(x.size, 1 / x.size), x.size)
    right = [Clause("mean", 3), Clause("sd", 2), Clause("quantile", 3, 0.5)]
    assert not compare(right, found).failures
    wrong = [Clause("mean", 3.1), Clause("sd", 2.1), Clause("quantile", 3.2, 0.5)]
    assert len(compare(wrong, found).failures) == 3


def test_bounds_hold_at_the_declared_rate():
    """Bernstein's bound is passed far less often than one in a hundred at a rate of 1e-6."""
    draws = np.random.default_rng(1).binomial(500, 0.1, 20_000) / 500
    assert np.mean(np.abs(draws - 0.1) > bernstein(0.1, 500)) == 0


@pytest.mark.parametrize(
    "text",
    [
        "(query 1)",
        ";; shows: nothing expected\n(query 1)",
        ";; expect: value = 1 ; closed form: one\n1",
        ";; shows: x\n;; expect: value = 1\n1",
        ";; shows: x\n;; expect: value = 1 ; trust me\n1",
        ";; shows: x\n;; expect: value = 1 ; closed form:\n1",
        ";; shows: x\n;; expect: P(#t) 0.5 ; closed form: a half\n1",
        ";; shows: x\n;; expect: P(#t) = half ; closed form: a half\n1",
        ";; shows: x\n;; expect: mode = 3 ; closed form: three\n1",
        ";; shows: x\n;; expects: value = 1 ; closed form: one\n1",
        ";; shows: x\n;; expect: P(#t ; closed form: unbalanced\n1",
    ],
)
def test_a_header_that_says_nothing_is_an_error(text):
    with pytest.raises(HeaderError):
        parse_text(text, Path("theme/example.church"))


def test_headers_are_read():
    program = parse_text(
        ";; shows: two lines\n;;   of text\n;; worlds: 1_000\n"
        ";; expect: table (a (/ 1 4)) ((b . 2) 0.75) ; closed form: weights\n"
        ";; expect: mean = (* 2 pi) sd = 1 ; closed form: circles\n'a",
        Path("theme/example.church"),
    )
    assert (program.shows, program.worlds) == ("two lines of text", 1000)
    labels = [(c.label, show(c.value), round(c.number, 3)) for c in program.clauses]
    assert labels == [
        ("P(a)", "a", 0.25),
        ("P((b . 2))", "(b . 2)", 0.75),
        ("only", "(a (b . 2))", 0.0),
        ("mean", show(None), 6.283),
        ("sd", show(None), 1.0),
    ]
    assert number(read_one("(expt 2 (- 3))")) == 0.125
