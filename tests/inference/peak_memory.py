"""Run as a script: the memory that a question or a belief took at its peak, and its estimate."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import psutil

from inference import Belief, Importance, Sequential
from inference.capacity import Need, belief_need, question_need
from inference.targets import Way
from plot.backends import LaneMachine
from plot.simulate import seed
from plot.world import World

MODEL = "(define s (mem (lambda (p) (gaussian 50 15))))"
SENTENCE = "(condition (> (s 'a) (+ 25 (s 'b))))"
MACHINE = LaneMachine()
FEW = 20_000


def question(worlds: int) -> Need:
    """Draw worlds and summarise a number."""
    asked = World.from_source(MODEL).ask("(- (s 'a) (s 'b))")
    Importance(worlds, MACHINE).infer(seed(0), asked).summary()
    return question_need(asked)


def belief(worlds: int) -> Need:
    """Tell a sentence that takes steps and moves."""
    start = Belief.of(World.from_source(MODEL), seed(0), Sequential(worlds, backend=MACHINE))
    after, report = start.tell(SENTENCE)
    assert report.resampled > 0
    graph = after.world.session.graph
    way = Way(graph, None, after.world.effects.flatten(graph))
    return belief_need(way)


def high_water() -> int:
    """The most that was resident, in bytes.

    Not `ru_maxrss`: a new process begins with that of the one that started it.
    """
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise OSError("the peak of memory is not told here")


def main(what: str, worlds: str) -> None:
    run = {"question": question, "belief": belief}[what]
    run(FEW)  # compiles everything
    before = psutil.Process().memory_info().rss
    need = run(int(worlds))
    peak = high_water()
    json.dump({"estimate": need.of(int(worlds)), "measured": peak - before}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
