"""Peers that run under node: installed with npm into a cache folder, and called."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

INSTALL_SECONDS = 300


class Skipped(Exception):
    """A peer cannot be measured here; the message says why."""


def tools() -> None:
    """Look for node and npm.

    Raises:
      Skipped: where one is missing.
    """
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise Skipped(f"{tool} is not installed")


def install(home: Path, packages: Sequence[str], *options: str) -> None:
    """Install packages, without running their scripts.

    Args:
      home: the folder; their files go into its `node_modules`.
      packages: names with versions.
      options: further ones of npm.

    Raises:
      Skipped: where npm cannot.
    """
    home.mkdir(parents=True, exist_ok=True)
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts")
    arguments = ["npm", "install", "--prefix", str(home), *quiet, *options, *packages]
    call(arguments, INSTALL_SECONDS)


def printed(name: str, arguments: list[str], seconds: int, folder: Path | None = None) -> Any:
    """The list of objects that a peer prints as JSON, on a line of its own.

    Args:
      name: of the peer, for messages.
      arguments: the command line.
      seconds: that it may take.
      folder: in which it runs.

    Raises:
      Skipped: where it cannot be run, or prints no such line.
    """
    said = call(arguments, seconds, folder)
    for line in said.splitlines():
        if line.startswith("[{"):
            return json.loads(line)
    raise Skipped(f"{name} printed no result: {said.strip()[:200]!r}")


def call(arguments: list[str], seconds: int, folder: Path | None = None) -> str:
    """What a command prints.

    Raises:
      Skipped: where it cannot be run, takes too long, or ends with another status than 0.
    """
    try:
        done = subprocess.run(
            arguments, capture_output=True, text=True, timeout=seconds, check=False, cwd=folder
        )
    except subprocess.TimeoutExpired:
        raise Skipped(f"{arguments[0]} took longer than {seconds} s") from None
    except OSError as error:
        raise Skipped(f"{arguments[0]} cannot be run: {error.strerror}") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        raise Skipped(f"{arguments[0]} ended with status {done.returncode}: {said[:200]}")
    return done.stdout
