"""The folder of files that can be made again: found, read, written whole or not at all, bounded."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from plot.files import write_whole

MOST_BYTES = 200 * 2**20  # of all files of one kind; the ones used longest ago go first


SWITCH = "PLOTLINE_CACHE"  # environment variable; `off` keeps and reads nothing


def caching() -> bool:
    """Whether anything may be kept between runs."""
    return os.environ.get(SWITCH, "").lower() not in ("off", "0", "no", "false")


def cache_folder(kind: str) -> Path:
    """Where the user's files of a kind are kept between runs; it may not be there yet.

    >>> cache_folder("graphs").parts[-2:]
    ('plotline', 'graphs')
    """
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "plotline" / kind


def read_file(path: Path) -> bytes | None:
    """The content of a file, or None where it cannot be read; notes that it was used."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    return content


def write_file(path: Path, content: bytes, most: int = MOST_BYTES) -> None:
    """Write a file so that others see all of it or nothing, and make room for it.

    Args:
      path: where; its folder is made.
      content: what.
      most: bytes that the files of the folder may take together.

    Raises:
      OSError: where it cannot be written.
    """
    write_whole(path, content)
    _make_room(path, most)


def _make_room(newest: Path, most: int) -> None:
    files = []
    for path in newest.parent.glob(f"*{newest.suffix}"):
        with contextlib.suppress(OSError):  # another process may be deleting too
            found = path.stat()
            files.append((path != newest, -found.st_mtime, found.st_size, path))
    used = 0
    for _, _, size, path in sorted(files):
        used += size
        if used > most and path != newest:
            with contextlib.suppress(OSError):
                path.unlink()
