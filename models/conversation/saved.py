"""Conversations on disk: JSON with each sentence and the readings it was given.

The readings are kept, so that a conversation means the same when the language model has changed;
answers are worked out again from the same seed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from models.meaning.defining import Definition
from models.meaning.translate import Kind, Reading, Readings
from plot.errors import PlotError
from plot.files import write_whole
from plot.printer import write
from plot.reader import read_one

if TYPE_CHECKING:
    from models.conversation.talk import Conversation

FORMAT = "plotline conversation 1"


class ConversationFileError(PlotError):
    """A file that is no conversation, or not a whole one, or about a world that has changed."""


def save(talk: Conversation, path: Path) -> None:
    """Write a conversation to a file that appears whole or not at all.

    Args:
      talk: with the name of its world.
      path: the file, replaced where it is there.

    Raises:
      ConversationFileError: where the conversation's world has no name to find it by.
      OSError: where the file cannot be written.
    """
    if talk.name is None:
        raise ConversationFileError(
            "the world of this conversation has no name to find it by",
            None,
            "open it with `open_talk`, or give `Conversation` a name",
        )
    content = {
        "format": FORMAT,
        "world": talk.name,
        "key": np.asarray(jax.random.key_data(talk.key)).tolist(),
        "turns": [
            {
                "sentence": turn.sentence,
                "asks": turn.asks,
                "read": turn.readings.sentence,
                "readings": [[r.text, r.probability] for r in turn.readings.readings],
                "picked": turn.picked,
                "used": [[r.text, r.probability] for r in turn.used],
                "unclear": turn.readings.unclear,
                "log_evidence": turn.readings.log_evidence,
                "log_probability": turn.readings.log_probability,
                "new_names": list(turn.readings.new_names),
                "mass": turn.readings.mass,
                "trusted": turn.readings.trusted,
                "defines": None if turn.defines is None else asdict(turn.defines),
            }
            for turn in talk.turns
        ],
    }
    write_whole(path, json.dumps(content, indent=1).encode())


def load(
    path: str | Path, progress: Callable[[int], None] | None = None, **options: Any
) -> Conversation:
    """Read a conversation back; its questions are answered again.

    Args:
      path: a file that `Conversation.save` wrote.
      progress: called with the number of sentences that were said so far.
      options: as for `open_talk`, but for the key.

    Raises:
      ConversationFileError: where the file is damaged, is no conversation, or its world reads its
        expressions no longer.
      OSError: where it cannot be read.
    """
    from models.conversation.opening import open_talk

    path = Path(path)
    try:
        content = json.loads(path.read_bytes())
        if not isinstance(content, dict) or content.get("format") != FORMAT:
            raise ValueError("its first field is not the format's name")
        key = jax.random.wrap_key_data(jax.numpy.asarray(content["key"], jax.numpy.uint32))
        turns = [_turn(saved) for saved in content["turns"]]
        name = str(content["world"])
    except OSError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, PlotError) as error:
        raise ConversationFileError(
            f"{path} is no conversation, or a damaged one ({error})",
            None,
            f"a file that `save` wrote says {FORMAT!r}",
        ) from None
    try:
        talk = open_talk(name, key, **options)
        for i, (sentence, readings, used, picked) in enumerate(turns, start=1):
            talk.read_as(sentence, readings, used, picked=picked)
            if progress is not None:
                progress(i)
    except KeyError as error:
        raise ConversationFileError(f"{path}: {error.args[0]}") from None
    except PlotError as error:
        raise ConversationFileError(
            f"{path} was said of another version of `{name}`: {error.message}"
        ) from None
    return talk


def _turn(saved: dict[str, Any]) -> tuple[str, Readings, tuple[Reading, ...], bool]:
    kinds = {text: _reading(text, share) for text, share in (*saved["readings"], *saved["used"])}
    readings = Readings(
        str(saved["read"]),
        tuple(kinds[text] for text, _ in saved["readings"]),
        float(saved["unclear"]),
        float(saved["log_evidence"]),
        float(saved["log_probability"]),
        tuple(map(str, saved["new_names"])),
        defines=_definition(saved.get("defines")),
        mass=_share(saved.get("mass")),
        trusted=_share(saved.get("trusted")),
    )
    used = tuple(kinds[text] for text, _ in saved["used"])
    return str(saved["sentence"]), readings, used, bool(saved.get("picked", False))


def _reading(text: str, share: float) -> Reading:
    tree = read_one(text)
    kinds = {f"({kind.value} ": kind for kind in Kind}
    kind = next((k for head, k in kinds.items() if write(tree).startswith(head)), Kind.STATEMENT)
    return Reading(kind, tree, text, float(share))


def _share(saved: object) -> float | None:
    return None if saved is None else float(saved)  # type: ignore[arg-type]


def _definition(saved: dict[str, Any] | None) -> Definition | None:
    if saved is None:
        return None
    return Definition(
        word=str(saved["word"]),
        name=str(saved["name"]),
        sorts=tuple(map(str, saved["sorts"])),
        places=tuple(map(str, saved["places"])),
        sentence=str(saved["sentence"]),
        meaning=str(saved["meaning"]),
        result=str(saved.get("result", "boolean")),
        plain=saved.get("plain"),
    )
