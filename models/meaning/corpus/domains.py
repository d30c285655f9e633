"""The domains whose sentences are generated beside those of tug-of-war and of invented worlds."""

from __future__ import annotations

from collections.abc import Callable

from models.meaning.corpus import collisions, kinship, lunch, scenes
from plot.vocabulary import Vocabulary

type Group = tuple[Vocabulary, list[tuple[str, str]]]
"""A vocabulary and pairs about it: a sentence, and the fragment that it means."""

GROUPS: dict[str, Callable[..., Group]] = {
    "collisions": collisions.group,
    "kinship": kinship.group,
    "lunch": lunch.group,
    "scenes": scenes.group,
}
"""By the name of a world model: from chance and a number, that many pairs about it."""
