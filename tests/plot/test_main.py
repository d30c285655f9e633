"""`python -m plot` as a user runs it."""

import json

import pytest

from plot.__main__ import main


@pytest.fixture
def church(tmp_path):
    def write(text: str) -> str:
        path = tmp_path / "program.church"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_values_and_a_numeric_query(church, tmp_path, capsys):
    out = tmp_path / "out.json"
    file = church("(+ 1 2)\n(define x (gaussian 5 1))\n(query x)")
    assert main([file, "--worlds", "20000", "--seed", "3", "--json", str(out)]) == 0
    assert capsys.readouterr().out.startswith("3\nx\nmean ")
    result = json.loads(out.read_text())
    assert abs(result["mean"] - 5) < 5 * result["mean_standard_error"]
    assert set(result["quantiles"]) == {"0.025", "0.25", "0.5", "0.75", "0.975"}
    assert result["results"][0]["value"] == 3 and result["seed"] == 3


def test_a_table(church, tmp_path):
    out = tmp_path / "out.json"
    assert main([church("(query (list 'a (flip 1)))"), "--json", str(out)]) == 0
    assert json.loads(out.read_text())["table"] == [
        {"value": ["a", True], "probability": 1.0, "standard_error": 0.0}
    ]


def test_the_same_seed_gives_the_same_answer(church, capsys):
    file = church("(define x (gaussian 0 1)) x (query x)")
    printed = []
    for seed in ("1", "1", "2"):
        assert main([file, "--worlds", "1000", "--seed", seed]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1] != printed[2]


def test_query_blocks_give_what_church_users_expect(church, tmp_path):
    out = tmp_path / "out.json"
    program = """
    (rejection-query (define a (flip)) a (condition a))
    (enumeration-query (define a (flip)) (define b (flip)) (list a b) (or a b))
    (length (mh-query 7 1 (define a (gaussian 0 1)) a (> a 0)))
    """
    assert main([church(program), "--json", str(out), "--worlds", "2000"]) == 0
    first, second, third = json.loads(out.read_text())["results"]
    assert first["table"][0]["value"] is True
    assert [row["probability"] for row in second["table"]] == pytest.approx([1 / 3] * 3, abs=1e-12)
    assert third["value"] == 7


def test_errors_are_located_and_nothing_is_written(church, tmp_path, capsys):
    out = tmp_path / "out.json"
    out.write_text("before")
    assert main([church("(define x 1)\n(+ x 'a)"), "--json", str(out)]) == 1
    error = capsys.readouterr().err
    assert "program.church:2:6" in error and "^^" in error and "number" in error
    assert out.read_text() == "before"


@pytest.mark.parametrize(
    ("arguments", "fragment"),
    [
        (["/no/such/file.church"], "No such file"),
        ([], "name a Church file"),
        (["--help-on", "nonsense"], "nothing called"),
    ],
)
def test_wrong_arguments_are_one_line(arguments, fragment, capsys):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert fragment in error and "Traceback" not in error


@pytest.mark.parametrize("worlds", ["0", "-5", "many"])
def test_worlds_must_be_positive(church, worlds, capsys):
    with pytest.raises(SystemExit) as caught:
        main([church("1"), "--worlds", worlds])
    assert caught.value.code == 2 and "positive whole number" in capsys.readouterr().err


def test_a_file_that_is_no_text(tmp_path, capsys):
    path = tmp_path / "bad.church"
    path.write_bytes(b"\xff\xfe\x00")
    assert main([str(path)]) == 2
    assert "cannot read" in capsys.readouterr().err


def test_help_on_a_name(capsys):
    assert main(["--help-on", "fold"]) == 0
    assert "fold" in capsys.readouterr().out


def test_a_block_inside_a_definition_knows_what_stands_before_it(church, tmp_path):
    out = tmp_path / "out.json"
    program = """
    (define p 0.25)
    (define found (enumeration-query (define a (flip p)) a #t))
    (second found)
    """
    assert main([church(program), "--json", str(out)]) == 0
    (value,) = json.loads(out.read_text())["results"]
    assert value["value"] == [0.75, 0.25]
