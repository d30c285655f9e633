"""What stands on a table, in words for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

_IRREGULAR = {"box": "boxes", "glass": "glasses"}


def listed(things: Sequence[str]) -> str:
    """Things in a row, those that are alike together.

    >>> listed(["small red mug", "big blue box", "big blue box"])
    '2 big blue boxes, a small red mug'
    >>> listed([])
    'nothing'
    """
    parts = []
    for thing, count in Counter(things).most_common():
        *adjectives, noun = thing.split()
        many = _IRREGULAR.get(noun, noun + "s")
        parts.append(f"a {thing}" if count == 1 else " ".join([str(count), *adjectives, many]))
    return ", ".join(parts) or "nothing"
