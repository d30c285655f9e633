"""The programs of `tests/programs`, on every back end and in the oracle, against their headers."""

import math
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from plot.backends import XLA, LaneMachine, Reference
from plot.data import Name, from_list, show
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
BACKENDS = {"numpy": Reference(), "machine": LaneMachine(), "xla": XLA()}
XLA_OF_A_THEME = 2  # programs that the fast tests compile with XLA; the others are slow tests
REFUSED: dict[str, str] = {}  # programs that the compiler refused in this run, and why
LISTING = os.environ.get("PLOT_REFUSED_PROGRAMS")  # a file to write them to

programs = cache(parse)
by_oracle: dict[str, Found] = {}


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def cases(backend: str) -> list:
    """Every file, the ones that only slow tests run marked."""
    out, seen = [], {}
    for path in FILES:
        count = seen[path.parent] = seen.get(path.parent, 0) + 1
        slow = "\n;; slow:" in path.read_text() or (backend == "xla" and count > XLA_OF_A_THEME)
        marks = [pytest.mark.slow] if slow else []
        out.append(pytest.param(path, id=name_of(path), marks=marks))
    return out


def check(program: Program, found: Found) -> None:
    report = compare(program.clauses, found)
    assert not report.failures, "\n".join([program.name, *report.failures])


def check_on(backend: str, path: Path) -> None:
    program = programs(path)
    # What the compiler refuses runs by the oracle: the same run, whatever the back end.
    found = by_oracle.get(program.name)
    if found is None:
        found, refused = run(program.text, program.name, BACKENDS[backend], program.worlds)
        if refused:
            REFUSED[program.name] = refused
            by_oracle[program.name] = found
    check(program, found)


@pytest.fixture(scope="module", autouse=True)
def refusals():
    """Collect what the compiler refused."""
    yield
    lines = [f"{name}: {why}" for name, why in sorted(REFUSED.items())]
    if LISTING:
        Path(LISTING).write_text("".join(line + "\n" for line in lines))
    print(f"\n{len(lines)} programs ran by the oracle:", *lines, sep="\n  ")


@pytest.mark.parametrize("path", cases("oracle"))
def test_oracle(path):
    program = programs(path)
    check(program, run_oracle(program.text, program.name, program.lost))


@pytest.mark.parametrize("path", cases("numpy"))
def test_numpy(path):
    check_on("numpy", path)


@pytest.mark.parametrize("path", cases("machine"))
def test_lane_machine(path):
    check_on("machine", path)


@pytest.mark.parametrize("path", cases("xla"))
def test_xla(path):
    check_on("xla", path)


# ---- the expectations themselves


def test_there_are_programs_of_each_theme():
    themes = [path.parent.name for path in FILES]
    assert len(FILES) >= 80
    assert min(themes.count(theme) for theme in set(themes)) >= 3


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_derivations_give_the_numbers_of_the_header(path):
    """What a header says to be enumerated or integrated is derived in Python, and agrees."""
    program = programs(path)
    numbers = derived(program.name)
    said = {c.label: c.number for c in program.clauses}
    for label, value in numbers.items():
        assert label in said, f"{program.name} derives {label}, which its header does not expect"
        assert said[label] == pytest.approx(value, rel=1e-8, abs=1e-12), label
    for clause in program.clauses:
        if clause.source.startswith(("enumeration:", "quadrature:")) and clause.kind != "only":
            assert clause.label in numbers, f"{program.name}: {clause.label} is derived nowhere"


def test_every_derivation_has_a_program():
    assert set(derived.known()) <= {name_of(path) for path in FILES}


# ---- the comparison rings


def altered(clause: Clause, by: float) -> Clause:
    return Clause(clause.kind, clause.number + by, clause.value, clause.source)


@pytest.mark.parametrize("path", FILES[:: max(1, len(FILES) // 24)], ids=name_of)
def test_a_wrong_expectation_is_noticed(path):
    """Each number of a header, moved a little, fails; so does each value, replaced."""
    program = programs(path)
    found = run_oracle(program.text, program.name, program.lost)
    for clause in program.clauses:
        wrong = [altered(clause, 1e-6), altered(clause, -1e-6)]
        if clause.kind == "value":
            wrong = [Clause("value", 0.0, from_list([clause.value, Name("more")]))]
        elif clause.kind == "only":
            wrong = [Clause("only", 0.0, from_list(list(clause.value)[1:]))]  # type: ignore[call-overload]
        elif clause.kind in ("lost", "quantile"):
            continue
        elif not found.exact:
            wrong = [altered(clause, 1 + abs(clause.number)), altered(clause, -1.0)]
        if program.lost:
            wrong = [altered(w, 1.0) if w.kind not in ("value", "only") else w for w in wrong]
        for one in wrong:
            others = [c for c in program.clauses if c.kind == "lost"]
            assert compare([one, *others], found).failures, (program.name, one)


FAIR = ";; shows: a coin\n;; expect: P(#t) = {} mean = 0.5 ; closed form: the bias\n(query (flip 0.25))"


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("bias", "right"), [(0.25, True), (0.27, False), (0.23, False)])
def test_sampled_answers_are_held_to_their_bounds(backend, bias, right):
    found, refused = run("(query (flip 0.25))", "coin", BACKENDS[backend], 100_000)
    report = compare([Clause("P", bias, True), Clause("P", 1 - bias, False)], found)
    assert not refused and report.compared == 3 and report.widest < 0.01
    assert bool(report.failures) is not right


def test_what_is_lost_must_be_declared():
    found = Found([1], np.ones(1), lost=0.02)
    assert compare([Clause("value", 0, 1)], found).failures
    assert compare([Clause("value", 0, 1), Clause("lost", 0.01)], found).failures
    assert not compare([Clause("value", 0, 1), Clause("lost", 0.05)], found).failures


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
        ("mean", "()" if False else show(None), 6.283),
        ("sd", show(None), 1.0),
    ]
    assert math.isclose(number_of("(expt 2 (- 3))"), 0.125)


def number_of(text: str) -> float:
    from plot.reader import read_one

    return number(read_one(text))
