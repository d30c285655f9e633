"""What a line that is no sentence can ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from models.chat.display import candidates, history, influences
from plot.errors import PlotError

if TYPE_CHECKING:
    from models.chat.terminal import Terminal


ALIKE = 0.75  # a word that is no command, to one that was meant


class Quit(Exception):
    """Ends the conversation."""


@dataclass(frozen=True)
class Command:
    """A command of the terminal.

    Args:
      usage: how it is written.
      help: one line.
      run: does it; whether it could be done.
      most: the most arguments it takes.
      arguments: of one call.
    """

    usage: str
    help: str
    run: Callable[[Terminal, tuple[str, ...]], bool]
    most: int = 0
    arguments: tuple[str, ...] = ()


def find_command(line: str) -> Command | None:
    """The command of a line, or None where the line is a sentence.

    >>> find_command("undo").help
    'take back the last sentence'
    >>> find_command("Why is the sky blue?") is None
    True

    Raises:
      PlotError: where it is none but looks like one, or has more arguments than that takes.
    """
    words = line.rstrip("?").split()
    slash = line.startswith("/")
    name = words[0].lstrip("/").lower() if words else ""
    known = COMMANDS.get(name)
    if known is None:
        near = get_close_matches(name, COMMANDS, 1, ALIKE)
        if slash or (len(words) == 1 and near):
            meant = f"did you mean `{near[0]}`? " if near else ""
            raise PlotError(f"there is no command `{words[0]}`", None, f"{meant}`help` lists them")
        return None
    arguments = tuple(words[1:])
    if not slash and not _plain(known, arguments):
        return None
    if len(arguments) > known.most:
        raise PlotError(f"`{name}` takes no more than that: {known.usage}")
    return Command(known.usage, known.help, known.run, known.most, arguments)


def _plain(command: Command, arguments: tuple[str, ...]) -> bool:
    """Whether a line without a slash is a command: it has no words but numbers and one path."""
    if len(arguments) > command.most:
        return False
    return all(a.isdigit() for a in arguments) or command.usage.split()[0] in (
        "save",
        "load",
        "look",
    )


def _undo(at: Terminal, _: tuple[str, ...]) -> bool:
    turn = at.talk.undo()
    at.write(f"taken back: {turn.sentence}" if turn else "there is nothing to take back", "yellow")
    return turn is not None


def _why(at: Terminal, arguments: tuple[str, ...]) -> bool:
    place = _place(at, arguments[0]) if arguments else None
    with at.console.status("asking again without each sentence"):
        found = at.talk.why(place)
    at.console.print(influences(found))
    at.write("moved: total variation distance, 0 to 1; ± what chance alone would make of it", "dim")
    return True


def _show(at: Terminal, _: tuple[str, ...]) -> bool:
    with at.console.status("drawing"):
        figure = at.talk.show()
    path = at.pictures / f"{Path(at.talk.name or 'world').stem}-{len(at.talk.turns)}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    at.write(f"drawn: {path}", "green")
    return True


def _look(at: Terminal, arguments: tuple[str, ...]) -> bool:
    if not arguments:
        raise PlotError("at which picture?", None, "`look table.png`")
    at.talk.look(arguments[0])
    at.write("seen; answers from now on go by it too, and the first takes a minute", "green")
    return True


def _readings(at: Terminal, arguments: tuple[str, ...]) -> bool:
    turn = at.talk.turns[_place(at, next(iter(arguments), None))]
    at.write(turn.sentence, "bold")
    at.console.print(candidates(turn.readings.readings, turn.used))
    none = 1 - sum(map(turn.readings.stated, turn.readings.readings))
    at.write(f"about something else: {turn.readings.unclear:.1%}; none of these: {none:.1%}", "dim")
    return True


def _pick(at: Terminal, arguments: tuple[str, ...]) -> bool:
    number, turn_number, *_ = (*arguments, None, None)
    if number is None:
        raise PlotError(
            "which reading is meant?", None, "`readings` lists them, `pick 2` takes one"
        )
    place = _place(at, turn_number)
    with at.console.status("saying it again"):
        turn = at.talk.pick(_number(number), place)
    at.tell(turn)
    for later in at.talk.turns[place + 1 :]:
        at.write(later.sentence, "dim")
        at.tell(later)
    return True


def _save(at: Terminal, arguments: tuple[str, ...]) -> bool:
    if not arguments:
        raise PlotError("to which file?", None, "`save lunch.talk`")
    at.talk.save(arguments[0])
    at.write(f"saved: {arguments[0]}; go on with `load {arguments[0]}`", "green")
    if at.talk.looked:
        at.write("the picture is not kept: `look` at it again then", "yellow")
    return True


def _load(at: Terminal, arguments: tuple[str, ...]) -> bool:
    from models.conversation import load

    if not arguments:
        raise PlotError("from which file?", None, "`load lunch.talk`")
    with at.console.status("saying it again"):
        at.talk = load(arguments[0], **at.talk.options)
    at.console.print(history(at.talk.turns))
    return True


def _turns(at: Terminal, _: tuple[str, ...]) -> bool:
    at.console.print(history(at.talk.turns))
    return True


def _words(at: Terminal, _: tuple[str, ...]) -> bool:
    from models.meaning.prompt import prefix
    from models.worlds import available, sentences

    at.write(prefix(at.talk.world.vocabulary))
    if at.talk.name in available():
        for sentence, _meaning in sentences(at.talk.name)[:6]:
            at.write(f"  {sentence}", "green")
    return True


def _help(at: Terminal, _: tuple[str, ...]) -> bool:
    width = max(len(c.usage) for c in COMMANDS.values())
    for command in COMMANDS.values():
        at.write(f"{command.usage:<{width}}  {command.help}")
    at.write("Anything else is a sentence. A slash before a command is welcome: /why", "dim")
    return True


def _quit(at: Terminal, _: tuple[str, ...]) -> bool:
    raise Quit


def _place(at: Terminal, number: str | None) -> int:
    """Where in the conversation a sentence stands; the last one where no number is given."""
    place = len(at.talk.turns) if number is None else _number(number)
    if not 1 <= place <= len(at.talk.turns):
        raise PlotError(f"{len(at.talk.turns)} sentences were said", None, "`turns` lists them")
    return place - 1


def _number(text: str) -> int:
    if not text.isdigit():
        raise PlotError(f"a number was expected, not `{text}`")
    return int(text)


COMMANDS = {
    "help": Command("help", "this list", _help),
    "words": Command("words", "what this world knows, and sentences to begin with", _words),
    "turns": Command("turns", "what was said so far", _turns),
    "undo": Command("undo", "take back the last sentence", _undo),
    "why": Command(
        "why [N]", "which sentences moved the last answer (or that of sentence N)", _why, 1
    ),
    "show": Command("show", "draw likely worlds", _show),
    "look": Command("look FILE", "take a picture of the table as evidence", _look, 1),
    "readings": Command(
        "readings [N]", "how the last sentence (or sentence N) was understood", _readings, 1
    ),
    "pick": Command("pick K [N]", "take reading K of it instead", _pick, 2),
    "save": Command("save FILE", "keep the conversation", _save, 1),
    "load": Command("load FILE", "go on with a kept one", _load, 1),
    "quit": Command("quit", "end", _quit),
}
