"""A conversation in a terminal: lines in, answers out."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text

from models.chat.commands import COMMANDS, Quit, find_command
from models.chat.display import answer_lines, candidates
from models.conversation import Conversation, NotSure, Turn
from plot.errors import PlotError

GREETING = "Say what happened, or ask. `help` lists what else can be done; Ctrl-D ends."


class Terminal:
    """Reads lines, says them to a conversation, and shows what comes of it.

    Args:
      talk: the conversation; commands may put another in its place.
      console: where to show.
      pictures: the folder for pictures.
    """

    def __init__(self, talk: Conversation, console: Console, pictures: Path = Path()):
        self.talk, self.console, self.pictures = talk, console, pictures
        self._stream: TextIO | None = None

    def run(self, stream: TextIO) -> int:
        """Read lines to the end.

        Args:
          stream: standard input, or a file of sentences.

        Returns:
          0, or 1 where the lines come from a file and one of them could not be said.
        """
        self._stream = stream
        if self._typed:
            with contextlib.suppress(ImportError):
                import readline  # noqa: F401  (gives `input` a history and editing)
            self.write(GREETING, "dim")
        failed = 0
        while True:
            try:
                line = self.ask("> ")
                if line is None:
                    return int(failed > 0 and not self._typed)
                failed += not self.handle(line.strip())
            except Quit:
                return int(failed > 0 and not self._typed)
            except KeyboardInterrupt:
                self.write("interrupted; the conversation is as it was", "yellow")

    @property
    def _typed(self) -> bool:
        return self._stream is not None and self._stream.isatty()

    def ask(self, prompt: str) -> str | None:
        """The next line; None at the end."""
        assert self._stream is not None
        if self._typed:
            try:
                return input(prompt)
            except EOFError:
                return None
        line = self._stream.readline()
        if not line:
            return None
        self.write(f"{prompt}{line.rstrip()}", "dim")
        return line

    def handle(self, line: str) -> bool:
        """Do what a line asks for; whether it could be done."""
        if not line:
            return True
        try:
            command = find_command(line)
            if command is not None:
                return command.run(self, command.arguments)
            with self.console.status("thinking"):
                turn = self.talk.say(line)
            self.tell(turn)
        except NotSure as error:
            return self._ask_back(line, error)
        except OSError as error:
            self.write(f"error: {error.filename or 'a file'}: {error.strerror or error}", "red")
            return False
        except (PlotError, IndexError) as error:
            self.write(str(error), "red")
            return False
        return True

    def tell(self, turn: Turn) -> None:
        """Show a sentence's reading and its answer."""
        self.write(f"  {turn.meant}", "cyan")
        speaker = self.talk.speaker
        if turn.posterior is None:
            said = " Or: ".join(speaker.say(reading.tree) for reading in turn.used)
            self.write(f"  noted: {said}", "green")
        else:
            self.write(f"  {speaker.answer(turn.used[0].tree, turn.posterior)}", "green")
        for text, style in answer_lines(turn, speaker.value):
            self.write(f"  {text}", style)

    def write(self, text: str, style: str = "") -> None:
        """A line of plain text; what people say is never markup."""
        self.console.print(Text(text, style=style), soft_wrap=True)

    def _ask_back(self, line: str, error: NotSure) -> bool:
        self.write("I am not sure what that means:", "yellow")
        self.console.print(candidates(error.readings))
        reply = self.ask("which one (a number, or nothing)? ") if self._typed else None
        if reply is None or not reply.strip().isdigit():
            self.write("nothing was added; say it in other words", "yellow")
            return False
        turn = self.talk.say(line, reading=int(reply))
        self.tell(turn)
        return True


__all__ = ["COMMANDS", "Terminal"]
