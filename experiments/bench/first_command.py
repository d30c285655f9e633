"""How long a newcomer waits for the first command, start of Python included."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass

LONGEST = 600  # seconds


@dataclass(frozen=True)
class FirstCommand:
    """One run of `python -m experiments tug_of_war` in a process of its own.

    Args:
      seconds: from the start of the process to its end.
      stages: seconds by stage, as the result tells them.
    """

    seconds: float
    stages: dict[str, float]


def first_command(worlds: int) -> FirstCommand | str:
    """Run the first command once; a reason where it does not work.

    Args:
      worlds: for each of its answers.
    """
    with tempfile.TemporaryDirectory() as out:
        arguments = [sys.executable, "-m", "experiments", "tug_of_war", "--json"]
        began = time.perf_counter()
        try:
            done = subprocess.run(
                [*arguments, "--out", out, "--worlds", str(worlds)],
                capture_output=True,
                text=True,
                timeout=LONGEST,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"it took longer than {LONGEST} s"
        seconds = time.perf_counter() - began
    if done.returncode:
        said = (done.stderr.strip() or "nothing").splitlines()[-1]
        return f"it ended with status {done.returncode}: {said[:200]}"
    return FirstCommand(seconds, json.loads(done.stdout)["wall_times"])
