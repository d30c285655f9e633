"""WebPPL as a peer: installed with npm into a cache folder, timed from within its own program."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from plot.cached.folder import cache_folder

VERSION = "0.9.15"
INSTALL_SECONDS, RUN_SECONDS = 300, 300

PROGRAM = """\
var model = function() {
  var strength = mem(function(person) { return gaussian(50, 20); });
  var laziness = mem(function(person) { return uniform(0, 1); });
  var pull = function(person) {
    return flip(laziness(person)) ? strength(person) / 2 : strength(person);
  };
  var teamPull = function(team) { return sum(map(pull, team)); };
  var won = function(winners, losers) { return teamPull(winners) > teamPull(losers); };
  condition(won(['tom'], ['john']));
  condition(won(['john', 'mary'], ['tom', 'sue']));
  return strength('mary');
};
var once = function() {
  var began = _.now();
  var posterior = Infer({method: 'rejection', samples: SAMPLES, model: model});
  return {seconds: (_.now() - began) / 1000, mean: expectation(posterior)};
};
console.log(JSON.stringify(repeat(TIMES, once)));
"""


class Skipped(Exception):
    """WebPPL cannot be measured here; the message says why."""


@dataclass(frozen=True)
class Run:
    """One timed run.

    Args:
      seconds: within the program: node's start and the compiling of the program are not in it.
      mean: of Mary's strength.
    """

    seconds: float
    mean: float


def folder() -> Path:
    """Where WebPPL is kept between runs."""
    return cache_folder("webppl")


def install() -> Path:
    """The WebPPL command, installed where it is not there yet.

    Raises:
      Skipped: where node or npm are missing, or npm cannot install.
    """
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise Skipped(f"{tool} is not installed")
    home = folder()
    command = home / "node_modules" / "webppl" / "webppl"
    if not command.exists():
        home.mkdir(parents=True, exist_ok=True)
        arguments = [
            "npm",
            "install",
            "--prefix",
            str(home),
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
        ]
        _call([*arguments, f"webppl@{VERSION}"], INSTALL_SECONDS)
    return command


def measure(samples: int, repeats: int) -> list[Run]:
    """Time rejection on the tug-of-war.

    Args:
      samples: accepted worlds of a run.
      repeats: runs that count; one more comes first and warms node's compiler up.

    Raises:
      Skipped: where it cannot be run.
    """
    found = printed(PROGRAM.replace("SAMPLES", str(samples)).replace("TIMES", str(repeats + 1)))
    return [Run(run["seconds"], run["mean"]) for run in found][1:]


def printed(text: str) -> list[dict[str, float]]:
    """What a program prints: a list of objects, as JSON on a line of its own.

    Raises:
      Skipped: where it cannot be run.
    """
    command = install()
    with tempfile.TemporaryDirectory() as place:
        program = Path(place) / "program.wppl"
        program.write_text(text, encoding="utf-8")
        said = _call(["node", str(command), str(program)], RUN_SECONDS)
    for line in said.splitlines():
        if line.startswith("[{"):
            return json.loads(line)
    raise Skipped(f"webppl printed no result: {said.strip()[:200]!r}")


def _call(arguments: list[str], seconds: int) -> str:
    try:
        done = subprocess.run(
            arguments, capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise Skipped(f"{arguments[0]} took longer than {seconds} s") from None
    except OSError as error:
        raise Skipped(f"{arguments[0]} cannot be run: {error.strerror}") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "nothing").splitlines()[-1]
        raise Skipped(f"{arguments[0]} ended with status {done.returncode}: {said[:200]}")
    return done.stdout
