"""The console program `plotline`: conversations in a terminal.

| name | what it is |
|---|---|
| `main` | `plotline chat WORLD`, `plotline worlds` |
| `Terminal` | reads lines, says them to a conversation, shows what comes of it |
| `COMMANDS` | what a line that is no sentence can ask for: undo, why, show, readings, pick, save, load … |
"""

from models.chat.commands import COMMANDS
from models.chat.program import main
from models.chat.terminal import Terminal

__all__ = ["COMMANDS", "Terminal", "main"]
