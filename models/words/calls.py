"""Calls of a server, kept on disk by their content, so that an experiment repeats exactly and offline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plot.cache import cache_path
from plot.files import write_whole


@dataclass(frozen=True)
class CallCache:
    """Answers by what was asked; safe under writers at the same time, for files appear whole.

    Args:
      folder: where they are kept; None keeps nothing.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     cache = CallCache(Path(folder))
    ...     cache.put({"ask": 1}, {"answer": 2})
    ...     cache.get({"ask": 1}), cache.get({"ask": 3})
    ({'answer': 2}, None)
    """

    folder: Path | None

    @classmethod
    def of_user(cls) -> CallCache:
        """The cache in the user's own folder, which `PLOTLINE_CACHE=off` switches off."""
        folder = cache_path()
        return cls(None if folder is None else folder / "calls")

    def get(self, request: Mapping[str, Any]) -> dict[str, Any] | None:
        """The answer of an earlier call; None where there is none, or its file is damaged."""
        if self.folder is None:
            return None
        try:
            kept = json.loads(self._path(request).read_bytes())
        except (OSError, ValueError):
            return None
        if not isinstance(kept, dict) or kept.get("request") != json.loads(_canonical(request)):
            return None
        return kept.get("answer")

    def put(self, request: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Keep an answer.

        Raises:
          OSError: where it cannot be written.
        """
        if self.folder is not None:
            content = {"request": json.loads(_canonical(request)), "answer": answer}
            write_whole(self._path(request), json.dumps(content, indent=1).encode())

    def _path(self, request: Mapping[str, Any]) -> Path:
        assert self.folder is not None
        name = hashlib.sha256(_canonical(request).encode()).hexdigest()
        return self.folder / name[:2] / f"{name}.json"


def _canonical(request: Mapping[str, Any]) -> str:
    return json.dumps(request, sort_keys=True, ensure_ascii=False)
