"""WebPPL as a peer: installed with npm into a cache folder, timed from within its own program."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from experiments.bench import npm
from plot.cached.folder import cache_folder

VERSION = "0.9.15"
RUN_SECONDS = 300

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
    npm.tools()
    home = folder()
    command = home / "node_modules" / "webppl" / "webppl"
    if not command.exists():
        npm.install(home, [f"webppl@{VERSION}"])
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
        return npm.printed("webppl", ["node", str(command), str(program)], RUN_SECONDS)
