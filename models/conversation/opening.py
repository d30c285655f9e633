"""Opens a conversation about a world by its name or its file."""

from __future__ import annotations

from pathlib import Path

import jax
from jaxtyping import PRNGKeyArray

from inference import Engine, Sequential
from models.conversation.doubt import BestReading, Mixture
from models.conversation.talk import Conversation
from models.meaning.possible import PossibleWorlds
from models.meaning.pragmatics import Pragmatic
from models.meaning.translate import Meaning
from models.words.model import embedded
from models.worlds import load as load_world
from plot.world import World


def open_talk(
    name: str | Path,
    key: PRNGKeyArray | None = None,
    engine: Engine | Sequential | None = None,
    doubt: BestReading | Mixture | None = None,
    least_sure: float = 0.0,
    possible: PossibleWorlds | None = None,
    pragmatic: Pragmatic | None = None,
) -> Conversation:
    """A conversation about a world, read by the embedded model.

    Args:
      name: of a world model that comes with the package, or a PLoT file.
      key: the seed; that of 0 where not given.
      engine, doubt, least_sure, possible, pragmatic: as for `Conversation`.

    Raises:
      KeyError: where there is no such world model, nor a file of that name.
      PlotError: where the file is no world model.
    """
    world = find_world(name)
    meaning = Meaning(embedded(), world.vocabulary)
    key = jax.random.key(0) if key is None else key
    return Conversation(
        world, meaning, key, engine, doubt, least_sure, str(name), possible, pragmatic
    )


def find_world(name: str | Path) -> World:
    """The world model of a name or a PLoT file; raises as `open_talk`."""
    path = Path(name)
    return World.from_file(path) if path.is_file() else load_world(str(name))
