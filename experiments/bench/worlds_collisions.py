"""Collisions: seconds of inference for a sentence, and worlds a second beside WebPPL."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np

from experiments.bench import npm, webppl
from experiments.bench.spoken import turns

if TYPE_CHECKING:
    from experiments.common import Experiment
    from plot.world import World

WORLDS, MORE = 50_000, 1_000_000
WANTED_SECONDS, WANTED_RATIO = 2.0, 100
PEER_WORLDS, REPEATS = 20_000, 3
# Two conversations: what is told, and what is asked, as sentences are read.
TALKS = (
    (
        "(condition (all (lambda (x) (ball? x)) objects))",
        "(condition (> (mass 'red) 2))",
        "(query (speed-after 'blue))",
        "(condition (> (push 'red) 6))",
        "(query (hits-wall? 'blue))",
        "(query (> (speed-after 'blue) (speed-after 'red)))",
        "(condition (< (mass 'blue) 2))",
        "(query (speed-after 'blue))",
        "(query (hits-wall-without? 'red 'blue))",
    ),
    (
        "(condition (block? 'red))",
        "(condition (hits? 'red 'blue))",
        "(query (mass 'red))",
        "(query (collision-time))",
        "(condition (not (hits-wall? 'blue)))",
        "(query (argmax (lambda (x) (mass x)) objects))",
        "(query (filter (lambda (x) (rests? x)) objects))",
        "(query (> (distance-without 'red 'blue) (distance 'red)))",
    ),
)
PEER = """\
var inf = 1e30;
var pick = function(test, yes, no) { return test ? yes : no; };
var closing = function(gap, rate, change) {
  var square = rate * rate - 2 * change * gap;
  var speed = Math.sqrt(Math.max(square, 0)) - rate;
  var ahead = square >= 0 && speed > 0 && (rate < 0 || change < 0);
  var again = pick(rate > 0 && change < 0, -2 * rate / change, inf);
  return pick(gap > 0, pick(ahead, 2 * gap / speed, inf), pick(rate < 0, 0, again));
};
var slides = function(v, force, held, mass, b) {
  var stays = held || (v == 0 && force <= b.fixed * mass * 9.8);
  return pick(stays, 0, force / mass - b.kinetic * 9.8 * pick(v < 0, -1, 1));
};
var stops = function(v, a) { return pick(v * a < 0, -v / a, inf); };
var leg = function(s, b) {
  var pushed = s.time < 1 && s.met == inf;
  var a = slides(s.v, pick(pushed, b.push, 0), s.held, b.m, b);
  var c = slides(s.w, 0, s.caught, b.n, b);
  var ends = pick(pushed, 1 - s.time, inf);
  var stopV = stops(s.v, a), stopW = stops(s.w, c);
  var meets = closing(s.y - s.x, s.w - s.v, c - a);
  var wallX = pick(s.held, inf, closing(1.5 - s.x, -s.v, -a));
  var wallY = pick(s.caught, inf, closing(1.5 - s.y, -s.w, -c));
  var horizon = 10 - s.time;
  var stop = Math.min(stopV, stopW), wall = Math.min(wallX, wallY);  // min takes two numbers
  var dt = Math.min(Math.min(Math.min(ends, horizon), Math.min(stop, wall)), meets);
  var held = s.held || wallX <= dt, caught = s.caught || wallY <= dt;
  var v = pick(held || stopV <= dt, 0, s.v + a * dt);
  var w = pick(caught || stopW <= dt, 0, s.w + c * dt);
  var y = pick(wallY <= dt, 1.5, s.y + s.w * dt + c * dt * dt / 2);
  var x = pick(wallX <= dt, 1.5, s.x + s.v * dt + a * dt * dt / 2);
  var hit = meets <= dt && v > w;
  var centre = (b.m * v + b.n * w) / (b.m + b.n);
  var newV = pick(hit, pick(held, 0, pick(caught, -v, 2 * centre - v)), v);
  var newW = pick(hit, pick(caught, 0, pick(held, -w, 2 * centre - w)), w);
  var time = pick(ends <= dt, 1, pick(horizon <= dt, 10, s.time + dt));
  var first = hit && s.met == inf;
  return {time: time, x: pick(hit, y, x), y: y, v: newV, w: newW, held: held, caught: caught,
          met: pick(first, time, s.met), after: pick(first, Math.abs(newW), s.after)};
};
var go = function(s, b) { return s.time >= 10 ? s : go(leg(s, b), b); };
var model = function() {
  var ball = flip(0.5);
  var b = {m: Math.abs(gaussian(5, 3)), n: Math.abs(gaussian(5, 3)), push: Math.abs(gaussian(5, 3)),
           fixed: pick(ball, 0.02, 0.05), kinetic: pick(ball, 0.01, 0.02)};
  var s = {time: 0, x: -0.25, y: 0, v: 0, w: 0, held: false, caught: false, met: inf, after: 0};
  return go(s, b).after;
};
var once = function() {
  var began = _.now();
  var posterior = Infer({method: 'forward', samples: SAMPLES, model: model});
  return {seconds: (_.now() - began) / 1000, mean: expectation(posterior)};
};
console.log(JSON.stringify(repeat(TIMES, once)));
"""


def measure(run: Experiment) -> None:
    """Measure both; figures go to the run."""
    from models.worlds import load

    with run.stage("collisions: sentences", total=2 * sum(map(len, TALKS))) as progress:
        seconds: list[float] = []
        for turn in range(2):  # the first time warms what is compiled once
            seconds = []
            for talk in TALKS:
                held = turns("collisions", talk, WORLDS, run.key)
                seconds += [turn.seconds for turn in held]
                progress(len(seconds) + turn * sum(map(len, TALKS)))
    shared = {"n": len(seconds), "unit": "s", "worlds": WORLDS, "wanted": WANTED_SECONDS}
    run.figure("collisions_sentence_median_seconds", float(np.median(seconds)), **shared)
    run.figure("collisions_sentence_p95_seconds", float(np.quantile(seconds, 0.95)), **shared)
    with run.stage("collisions: WebPPL"):
        beside_webppl(run, load("collisions"))


def beside_webppl(run: Experiment, world: World) -> None:
    """Worlds a second of the same model, here and there, and that the answers agree."""
    import jax

    from inference import Importance

    question = world.ask("(if (hits? 'red 'blue) (speed-after 'blue) 0)")
    rates, answer = [], None
    for i in range(REPEATS + 1):
        began = time.perf_counter()
        answer = Importance(worlds=MORE).infer(jax.random.fold_in(run.key, i), question)
        rates.append(MORE / (time.perf_counter() - began))
    assert answer is not None
    ours = float(np.median(rates[1:]))
    run.figure("collisions_worlds_a_second", ours, worlds=MORE)
    program = PEER.replace("SAMPLES", str(PEER_WORLDS)).replace("TIMES", str(REPEATS + 1))
    try:
        found = webppl.printed(program)[1:]
    except npm.Skipped as why:
        run.section("collisions_webppl", {"skipped": str(why)})
        return
    theirs = float(np.median([PEER_WORLDS / one["seconds"] for one in found]))
    run.figure("collisions_webppl_worlds_a_second", theirs, worlds=PEER_WORLDS)
    run.figure("collisions_times_webppl", ours / theirs, wanted=WANTED_RATIO)
    mean = float(np.mean([one["mean"] for one in found]))
    error = answer.sd.value / np.sqrt(PEER_WORLDS * len(found))
    run.figure(
        "collisions_webppl_mean_standard_errors_apart", (mean - answer.mean.value) / float(error)
    )
