"""Lunch: seconds of inference for a sentence, and the planner's worlds a second beside WebPPL."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np

from experiments.bench import npm, webppl
from experiments.bench.spoken import say
from experiments.bench.timing import take_turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from experiments.common import Experiment
    from models.worlds.lunch.lunch_break import Break

WANTED_SECONDS, WANTED_RATIO = 2.0, 100
PEER_WORLDS, REPEATS = 300, 5
WARM_UP = ("(condition (informed? 'alex))", "(query (destination 'alex))")
SENTENCES = (
    "(condition (> (liking 'alex 'sushi) 0))",
    "(query (destination 'alex))",
    "(condition (not (open? 'sushi)))",
    "(query (stays-in? 'alex))",
    "(query (has-bike? 'alex))",
    "(condition (bikes? 'alex 'northern 'east))",
    "(query (liking 'alex 'pizza))",
    "(query (open? 'pizza))",
    "(query (count (lambda (x) (open? x)) places))",
    "(query (filter (lambda (x) (bikes? 'alex x)) ways))",
    "(condition (> (liking 'alex 'pizza) 0))",
    "(query (open? 'pizza))",
    "(query (heads? 'alex 'south))",
    "(condition (not (informed? 'bob)))",
    "(query (destination 'bob))",
    "(query (thinks-open 'bob 'vegetarian))",
    "(condition (saw? 'bob 'alex))",
    "(query (eats-at? 'bob 'vegetarian))",
    "(query (thinks-likes 'bob 'alex 'vegetarian))",
    "(query (eq? (destination 'alex) (destination 'bob)))",
)
# The same person who knows what is open, planned by the same sweeps over arrays: caching the values of
# cells one by one, as planners in WebPPL are often written, is slower.
PEER = """\
var grid = GRID;
var sweep = function(pays, cost, value) {
  return mapN(function(c) {
    return pays[c] + _.max(mapN(function(m) { return value[grid.onto[m][c]] - cost[m][c]; }, 9));
  }, grid.onto[0].length);
};
var iterate = function(pays, cost, steps, values) {
  return steps == 0 ? values
                    : iterate(pays, cost, steps - 1, [sweep(pays, cost, values[0])].concat(values));
};
var walk = function(cost, values, cell) {
  if (values.length == 0) { return cell; }
  var options = mapN(function(m) { return values[0][grid.onto[m][cell]] - cost[m][cell]; }, 9);
  var best = _.max(options);
  var ties = filter(function(m) { return options[m] > best - 0.001; }, _.range(9));
  return walk(cost, values.slice(1), grid.onto[uniformDraw(ties)][cell]);
};
var model = function() {
  var bike = flip(0.5);
  var places = repeat(3, function() {
    return {open: flip(0.5), liking: gaussian(flip(0.5) ? 10 : -10, 1)};
  });
  var pays = mapN(function(c) {
    var i = grid.places.indexOf(c);
    return i < 0 ? 0 : (places[i].open ? places[i].liking : -10);
  }, grid.onto[0].length);
  var cost = grid.cost[bike ? 1 : 0];
  var nothing = repeat(grid.onto[0].length, function() { return 0; });
  return walk(cost, iterate(pays, cost, grid.steps - 1, [nothing]), grid.office);
};
var once = function() {
  var began = _.now();
  var ends = repeat(SAMPLES, model);
  var seconds = (_.now() - began) / 1000;
  return {seconds: seconds, office: filter(function(c) { return c == grid.office; }, ends).length};
};
console.log(JSON.stringify(repeat(TIMES, once)));
"""


def measure(run: Experiment) -> None:
    """Measure both; figures go to the run."""
    sentences(run)
    planner(run)


def sentences(run: Experiment) -> None:
    """Seconds of inference for the sentences of a conversation, their expressions being known."""
    from inference import Auto
    from models.conversation import BestReading, Conversation
    from models.meaning.translate import Meaning
    from models.words.model import embedded
    from models.worlds import load

    world = load("lunch")
    meaning = Meaning(embedded(), world.vocabulary)
    engine = Auto(worlds=run.options.worlds)
    talk = Conversation(world, meaning, run.key, engine, BestReading())
    seconds, processor = [], []
    with run.stage("lunch: sentences", total=len(SENTENCES)) as progress:
        for text in WARM_UP:
            say(talk, text)
        for text in SENTENCES:
            before = time.process_time()
            seconds.append(say(talk, text).seconds)
            processor.append(time.process_time() - before)
            progress(len(seconds))
    for name, share in (("median", 0.5), ("p95", 0.95)):
        run.figure(
            f"lunch_sentence_{name}_seconds",
            float(np.quantile(seconds, share)),
            n=len(seconds),
            unit="s",
            worlds=run.options.worlds,
            wanted=WANTED_SECONDS,
            processor_seconds=float(np.quantile(processor, share)),
        )
    spent = [
        {"sentence": text, "seconds": s, "processor_seconds": p}
        for text, s, p in zip(SENTENCES, seconds, processor, strict=True)
    ]
    run.section("lunch_sentences", spent)


def planner(run: Experiment) -> None:
    """Worlds a second of the planner, drawing included, and of the same model in WebPPL."""
    from models.worlds.lunch.lunch_break import NOWHERE

    worlds = run.options.worlds
    work = planned(worlds)
    with run.stage("lunch: planner", total=REPEATS + 1) as progress:
        times, last = take_turns({"ours": lambda i: ours(work, run, i)}, REPEATS, said=progress)
    rate = worlds / times["ours"].median
    stays = float(jnp.mean(last["ours"] == NOWHERE))
    run.figure(
        "lunch_planner_worlds_per_second", rate, worlds=worlds, times=times["ours"].summary()
    )
    try:
        with run.stage("lunch: WebPPL"):
            text = PEER.replace("GRID", json.dumps(as_json())).replace("SAMPLES", str(PEER_WORLDS))
            found = webppl.printed(text.replace("TIMES", str(REPEATS + 1)))[1:]
    except npm.Skipped as reason:
        run.section("lunch_webppl_skipped", str(reason))
        run.show(f"  WebPPL left out: {reason}")
        return
    peer = PEER_WORLDS / float(np.median([r["seconds"] for r in found]))
    shares = np.array([r["office"] for r in found]) / PEER_WORLDS
    run.figure("lunch_webppl_worlds_per_second", peer, worlds=PEER_WORLDS, repeats=REPEATS)
    run.figure("lunch_planner_times_webppl", rate / peer, wanted=WANTED_RATIO)
    error = float(np.sqrt(stays * (1 - stays) * (1 / worlds + 1 / (PEER_WORLDS * REPEATS))))
    run.figure(
        "lunch_planner_stays_in",
        stays,
        error,
        webppl=float(shares.mean()),
        note="the same model: the two shares differ by chance alone",
    )


def planned(worlds: int) -> Callable[[jax.Array], Break]:
    """Draws worlds in which someone knows what is open, and plans in each; compiled once."""
    from models.worlds.lunch.campus import PLACES
    from models.worlds.lunch.lunch_break import lunch_break

    @jax.jit
    def work(key: jax.Array) -> Break:
        keys = jax.random.split(key, 5)
        shape = (len(PLACES), worlds)
        mean = jnp.where(jax.random.bernoulli(keys[0], 0.5, shape), 10.0, -10.0)
        is_open = jax.random.bernoulli(keys[1], 0.5, shape)
        return lunch_break(
            is_open.astype(jnp.float32),
            mean + jax.random.normal(keys[2], shape),
            is_open,
            jax.random.bernoulli(keys[3], 0.5, (worlds,)),
            jax.random.uniform(keys[4], (worlds,)),
        )

    return work


def ours(work: Callable[[jax.Array], Break], run: Experiment, turn: int) -> jax.Array:
    """One round: where each world's person goes."""
    return jax.block_until_ready(work(jax.random.fold_in(run.key, turn))).goal


def as_json() -> dict[str, object]:
    """The campus as the peer is given it."""
    from models.worlds.lunch.campus import CAMPUS, PLACES
    from models.worlds.lunch.planner import cost_table

    stay = list(range(len(CAMPUS.cells)))
    moves = [list(map(int, row)) for row in CAMPUS.neighbours]
    return {
        "onto": [stay, *moves, *moves],
        "cost": cost_table(CAMPUS).astype(float).round(6).tolist(),
        "places": [CAMPUS.at(place) for place in PLACES],
        "office": CAMPUS.at("office"),
        "steps": CAMPUS.break_length,
    }
