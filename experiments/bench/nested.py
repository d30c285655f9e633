"""Queries inside models: reference games and coordination, beside WebPPL's Enumerate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import jax
import numpy as np

from experiments.bench import npm, webppl
from experiments.bench.timing import Times, take_turns
from plot.backends import XLA, Backend, LaneMachine
from plot.data import Pair, show
from plot.simulate import simulate
from plot.world import Question, World

if TYPE_CHECKING:
    from experiments.common import Experiment

PROGRAMS = Path(__file__).parent / "programs"
SOLVES = 1 << 20
WANTED_ERROR, WANTED_RATIO = 1e-5, 1000

REFERENCE_GAME = """\
var objects = ['green-square', 'green-circle', 'pink-circle'];
var words = ['green', 'pink', 'square', 'circle'];
var trueOf = function(word, object) {
  return word === 'green' ? object === 'green-square' || object === 'green-circle'
    : word === 'pink' ? object === 'pink-circle'
    : word === 'square' ? object === 'green-square'
    : object === 'green-circle' || object === 'pink-circle';
};
var literal = function(word) {
  return Infer({method: 'enumerate', model: function() {
    var object = uniformDraw(objects);
    condition(trueOf(word, object));
    return object;
  }});
};
var speaker = function(object, alpha) {
  return Infer({method: 'enumerate', model: function() {
    var word = uniformDraw(words);
    condition(trueOf(word, object));
    factor(alpha * Math.exp(literal(word).score(object)));
    return word;
  }});
};
var solve = function(alpha) {
  var listener = Infer({method: 'enumerate', model: function() {
    var object = uniformDraw(objects);
    factor(speaker(object, alpha).score('green'));
    return object;
  }});
  return Math.exp(listener.score('green-square'));
};
"""
MEETING = """\
var place = function(popularity) { return flip(popularity) ? 'bar' : 'cafe'; };
var anna = function(popularity, depth) {
  return Infer({method: 'enumerate', model: function() {
    var mine = place(popularity);
    factor(ben(popularity, depth - 1).score(mine));
    return mine;
  }});
};
var ben = function(popularity, depth) {
  return Infer({method: 'enumerate', model: function() {
    var mine = place(popularity);
    if (depth > 0) { factor(anna(popularity, depth).score(mine)); }
    return mine;
  }});
};
var solve = function(popularity) { return Math.exp(anna(popularity, 5).score('bar')); };
"""
LOOP = """\
var once = function(round) {
  var began = _.now();
  var found = mapN(function(i) { return solve(LOW + (HIGH - LOW) * (i + 0.5) / COUNT); }, COUNT);
  return {seconds: (_.now() - began) / 1000, first: found[0], last: found[COUNT - 1]};
};
console.log(JSON.stringify(mapN(once, TIMES)));
"""


@dataclass(frozen=True)
class Game:
    """A query inside a query, to be solved for many values of what it closes over.

    Args:
      name: of its PLoT program.
      parameter: what differs from world to world, drawn evenly from `low` to `high`.
      first: the outcome whose probability is compared.
      values, chances: expressions of the table.
      exact: the probability, from the parameter, by hand.
      javascript: the same for WebPPL: defines `solve`.
    """

    name: str
    parameter: str
    low: float
    high: float
    first: str
    values: str
    chances: str
    exact: Callable[[np.ndarray], np.ndarray]
    javascript: str


def listener(alpha: np.ndarray) -> np.ndarray:
    """P(green square | "green"): the speaker of a green square could say "square" as well."""
    square = np.exp(alpha / 2) / (np.exp(alpha / 2) + np.exp(alpha))
    return square / (square + 0.5)


def meeting(popularity: np.ndarray) -> np.ndarray:
    """P(bar): every step of reasoning multiplies by the popularity once more, ten in all."""
    bar, cafe = popularity**10, (1 - popularity) ** 10
    return bar / (bar + cafe)


GAMES = (
    Game(
        *("reference_game", "alpha", 0.0, 4.0, "green-square"),
        *("(first heard)", "(second heard)", listener, REFERENCE_GAME),
    ),
    Game(
        *("meeting", "popularity", 0.4, 0.7, "bar"),
        *("(first went)", "(second went)", meeting, MEETING),
    ),
)


def measure(run: Experiment, repeats: int, with_webppl: bool) -> None:
    """Solve each game in a million worlds and in WebPPL; figures go to the run."""
    for game in GAMES:
        asked = question(game)
        contenders = {
            "XLA": solver(asked, game, XLA(), SOLVES),
            "lane machine": solver(asked, game, LaneMachine(), SOLVES),
        }
        times, errors = take_turns(contenders, repeats)
        peer = _peer(run, game, repeats) if with_webppl else None
        for name, taken in times.items():
            label = f"{game.name}_{name.replace(' ', '_').lower()}"
            rate = SOLVES / taken.median
            run.figure(
                f"{label}_error", errors[name], wanted=WANTED_ERROR, note="largest, of 1,048,576"
            )
            run.figure(f"{label}_solves_per_second", rate)
            if peer is not None:
                run.figure(
                    f"{label}_over_webppl",
                    rate * peer.median,
                    wanted=WANTED_RATIO,
                    note="solves a second, ours over WebPPL's Enumerate",
                )


def question(game: Game) -> Question:
    """The game with its parameter drawn, asked for its table."""
    world = World.from_file(PROGRAMS / f"{game.name}.church")
    return world.ask(f"(list {game.parameter} {game.values} {game.chances})")


def solver(asked: Question, game: Game, backend: Backend, solves: int) -> Callable[[int], float]:
    """A function of a seed that solves the game in every world and gives the largest error."""
    parameter, values, chances = _items(asked.value)
    names = [show(name) for name in _items(values)]
    chance = _items(chances)[names.index(game.first)]
    session = asked.world.session

    def work(seed: int) -> float:
        worlds = simulate(
            session.graph,
            session.atoms,
            asked.effects,
            [parameter, chance],
            jax.random.key(seed),
            solves,
            backend,
        )
        wanted = game.exact(worlds.rows[parameter].astype(np.float64))  # type: ignore[index]
        return float(np.abs(worlds.rows[chance] - wanted).max())  # type: ignore[index]

    return work


def _items(value: object) -> list:
    out = []
    while isinstance(value, Pair):
        out.append(value.first)
        value = value.rest
    return out


def _peer(run: Experiment, game: Game, repeats: int) -> Times | None:
    """Seconds of one solve in WebPPL, repeated."""
    count = 200
    loop = LOOP.replace("COUNT", str(count)).replace("TIMES", str(repeats + 1))
    loop = loop.replace("LOW", str(game.low)).replace("HIGH", str(game.high))
    try:
        found = webppl.printed(game.javascript + loop)[1:]
    except npm.Skipped as why:
        run.section(f"webppl {game.name}", {"skipped": str(why)})
        return None
    seconds = np.array([r["seconds"] for r in found]) / count
    ends = np.array([game.low, game.high])
    at = ends + np.array([0.5, -0.5]) * (game.high - game.low) / count
    off = np.abs(np.array([found[-1]["first"], found[-1]["last"]]) - game.exact(at)).max()
    run.section(f"webppl {game.name}", {"solves_per_second": 1 / np.median(seconds), "error": off})
    return Times(seconds, seconds)
