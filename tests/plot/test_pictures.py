"""What programs ask to see: as text, drawn, and as files."""

import math

import jax
import pytest

from plot.__main__ import main
from plot.data import Name
from plot.outcome import Outcome
from plot.pictures import Picture
from plot.program import Options, run_program

OPTIONS = Options(worlds=2000)


def shown(source: str) -> list[Outcome]:
    outcomes = run_program(source, key=jax.random.key(0), options=OPTIONS)
    return [o for o in outcomes if o.kind == "display"]


def picture(source: str) -> Picture:
    (outcome,) = shown(source)
    assert outcome.picture is not None
    return outcome.picture


def test_display_prints_its_arguments():
    assert [str(o) for o in shown('(display "a b") (display \'a 1) (display \'(1 "x"))')] == [
        "a b",
        "(a 1)",
        '(1 "x")',
    ]


def test_a_histogram_of_values_counts_them():
    found = picture('(hist \'(a b a (1 2) a) "letters")')
    assert found.shares() == [("a", 0.6), ("b", 0.2), ("(1 2)", 0.2)]
    assert str(found).splitlines()[:2] == ["letters:", "  a: 0.6000"]
    assert str(found).endswith("n = 5")


def test_a_histogram_of_many_numbers_sums_them_up():
    found = picture("(hist (repeat 400 (lambda () (gaussian 3 2))))")
    assert found.numbers is not None and len(found.numbers) == 400
    assert abs(found.numbers.mean() - 3) < 5 * 2 / math.sqrt(400)
    assert "mean" in str(found) and "n = 400" in str(found)


def test_a_block_can_be_shown():
    found = picture("(hist (mh-query 300 1 (define x (flip 0.25)) x (or x (flip 0.5))))")
    share = dict(found.shares())["#t"]
    assert abs(share - 0.4) < 5 * math.sqrt(0.4 * 0.6 / 300)


def test_labels_and_heights_or_pairs():
    wanted = [(Name("a"), 1), (Name("b"), 2), (Name("c"), 3)]
    assert picture("(barplot '((a b c) (1 2 3)))").points == wanted
    assert picture("(barplot '((a 1) (b 2) (c 3)))").points == wanted
    assert picture("(scatter (list (pair 1 2) (list 3 4)))").points == [(1, 2), (3, 4)]
    assert picture("(lineplot '(1 2))").points is None


def test_what_a_function_shows_stands_before_its_value():
    source = "(define (f x) (begin (hist (list x x)) (* 2 x))) (f 4)"
    outcomes = run_program(source, key=jax.random.key(0), options=OPTIONS)
    assert [(o.kind, str(o).splitlines()[0]) for o in outcomes] == [
        ("display", "hist:"),
        ("value", "8"),
    ]


def test_the_oracle_shows_the_same():
    source = '(define k (poisson 1000)) (condition #t) (hist (list k k) "counts") (display \'done)'
    with pytest.warns(UserWarning, match="oracle"):
        first, second = shown(source)
    assert first.picture is not None and first.picture.title == "counts"
    assert len(first.picture.shares()) == 1 and str(second) == "done"


@pytest.mark.parametrize(
    ("source", "labels"),
    [
        ('(hist \'(2 1 1 3) "t")', ["1", "2", "3"]),
        ('(barplot \'((b a) (1 2)) "t")', ["b", "a"]),
    ],
)
def test_bars_are_labelled(source, labels):
    axes = picture(source).plot()
    assert [tick.get_text() for tick in axes.get_xticklabels()] == labels
    assert axes.get_title() == "t" and axes.get_ylabel()


@pytest.mark.parametrize("kind", ["scatter", "lineplot", "density"])
def test_axes_are_labelled(kind):
    data = "(range 1 30)" if kind == "density" else "(map (lambda (x) (list x 2)) (range 1 30))"
    axes = picture(f'({kind} {data} "t")').plot()
    assert axes.get_xlabel() and axes.get_ylabel() and axes.get_title() == "t"


def test_one_value_has_no_picture():
    (outcome,) = shown("(display 3)")
    assert not outcome.drawable
    with pytest.raises(ValueError, match="nothing to draw"):
        outcome.plot()


def test_the_command_writes_files(tmp_path, capsys):
    program = tmp_path / "p.church"
    program.write_text("(hist '(1 2)) (display 3) (query (flip))")
    assert main([str(program), "--worlds", "100", "--pictures", str(tmp_path / "out")]) == 0
    names = sorted(p.name for p in (tmp_path / "out").iterdir())
    assert names == ["01-hist.png", "03-query.png"]
    assert "wrote" in capsys.readouterr().out
    assert main([str(program), "--worlds", "100", "--pictures", str(program)]) == 2
