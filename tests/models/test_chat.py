"""The console program: sentences and commands, from a terminal or a file."""

import io

import jax
import pytest
from rich.console import Console

from inference import Importance
from models.chat import Terminal, main
from models.chat.commands import find_command
from models.chat.display import candidates
from models.conversation import Conversation
from models.meaning.translate import Kind, Meaning, Reading
from models.words.model import embedded
from models.worlds import load
from plot.errors import PlotError
from plot.reader import read_one


@pytest.fixture(scope="module")
def meaning():
    return Meaning(embedded(), load("tug_of_war").vocabulary)


@pytest.fixture
def chat(meaning, tmp_path):
    """Says lines to a fresh conversation; gives the status and what was shown."""

    def run(*lines: str, **options):
        talk = Conversation(
            load("tug_of_war"),
            meaning,
            jax.random.key(0),
            Importance(2000),
            name="tug_of_war",
            **options,
        )
        shown = io.StringIO()
        console = Console(file=shown, width=200, force_terminal=False)
        status = Terminal(talk, console, tmp_path).run(
            io.StringIO("".join(f"{x}\n" for x in lines))
        )
        return status, shown.getvalue()

    return run


def test_a_conversation_with_all_that_can_be_done(chat, tmp_path):
    status, shown = chat(
        "Tom beat John.",
        "Is Tom stronger than John?",
        "why",
        "readings",
        "turns",
        "words",
        "show",
        f"save {tmp_path / 'a.talk'}",
        "undo",
        f"load {tmp_path / 'a.talk'}",
        "pick 1 1",
        "help",
        "quit",
        "Tom beat Sue.",
    )
    assert status == 0
    assert "(condition (won-against '(tom) '(john)))" in shown and "yes" in shown
    assert "moved the answer by" in shown and "taken back: Is Tom" in shown
    assert (tmp_path / "tug_of_war-2.png").stat().st_size > 10_000
    assert "Sue." not in shown  # nothing is read after `quit`


def test_what_goes_wrong_is_said_and_costs_nothing(chat):
    status, shown = chat(
        "Tom beat John.",
        "The weather is nice.",
        "pick 9",
        "/undo 7",
        "/nothing",
        "load /no/such/file",
        "readings 5",
        "[bold]Tom[/bold] is [red]strong",
        "turns",
    )
    assert status == 1
    for part in ("not understood", "number 9", "`undo` takes no more", "`help` lists", "such file"):
        assert part in shown
    assert "1 sentences were said" in shown and "[bold]" in shown


def test_where_nothing_is_sure_the_candidates_are_shown(chat):
    status, shown = chat("Tom beat John.", least_sure=1.01)
    assert status == 1 and "I am not sure" in shown and "won-against" in shown


@pytest.mark.parametrize(
    "line", ["why is Tom strong?", "show me the way", "undo it all", "pick Tom", "help Tom win"]
)
def test_a_sentence_that_begins_like_a_command_is_a_sentence(line):
    assert find_command(line) is None


@pytest.mark.parametrize("line", ["undo", "/undo", "Why?", "why 2", ["save my", "talk.json"][0]])
def test_commands_with_and_without_a_slash(line):
    assert find_command(line) is not None


def test_a_command_that_is_none():
    with pytest.raises(PlotError, match="no command"):
        find_command("/bogus")


def test_the_command_line(capsys):
    assert main(["worlds"]) == 0
    assert "tug_of_war" in capsys.readouterr().out
    assert main(["chat", "no_such_world"]) == 2
    assert "no world model called 'no_such_world'" in capsys.readouterr().err
    for bad in (["chat", "--worlds", "0"], ["chat", "--least-sure", "2"], []):
        with pytest.raises(SystemExit) as end:
            main(bad)
        assert end.value.code == 2


def test_damaged_bytes_are_a_sentence_that_is_refused(monkeypatch, capsys):
    line = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n/undo\n"), encoding="utf-8", errors="strict")
    monkeypatch.setattr("sys.stdin", line)
    assert main(["chat", "tug_of_war"]) == 1
    shown = capsys.readouterr().out
    assert "there are no words here" in shown and "there is nothing to take back" in shown


@pytest.mark.parametrize(
    ("line", "meant"), [("redings", "readings"), ("undoo", "undo"), ("/shwo", "show")]
)
def test_a_misspelled_command_is_no_sentence(line, meant):
    with pytest.raises(PlotError, match=f"no command `{line}`") as caught:
        find_command(line)
    assert f"did you mean `{meant}`?" in str(caught.value.hint)
    assert find_command("Hello") is None and find_command("The wrods are few.") is None


def test_only_the_most_probable_readings_are_listed():
    readings = [
        Reading(Kind.STATEMENT, read_one(f"(condition {i})"), f"(condition {i})", 0.1)
        for i in range(10)
    ]
    shown = io.StringIO()
    Console(file=shown, width=100).print(candidates(readings))
    said = shown.getvalue()
    assert "(condition 7)" in said and "(condition 8)" not in said and "2 more" in said
