"""Conversations: told and asked in English.

| name | what it is |
|---|---|
| `Conversation` | tell, ask, undo, why, show, pick another reading, save |
| `open_talk` | a conversation about a world by its name or file, read by the embedded model |
| `load` | a conversation from the file that `save` wrote |
| `BestReading`, `Mixture` | which readings of a statement are believed |
| `Turn` | one sentence and what came of it |
| `Why` | how far each statement moved an answer |
| `NotSure` | raised where the conversation asks back |
"""

from models.conversation.doubt import BestReading, Mixture, NotSure, believe
from models.conversation.opening import open_talk
from models.conversation.saved import ConversationFileError, load
from models.conversation.talk import Conversation
from models.conversation.turn import Turn
from models.conversation.why import Influence, Why, in_short

__all__ = [
    "BestReading",
    "Conversation",
    "ConversationFileError",
    "Influence",
    "Mixture",
    "NotSure",
    "Turn",
    "Why",
    "believe",
    "in_short",
    "load",
    "open_talk",
]
