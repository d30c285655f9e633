"""Targets whose terms read nearly all rows are taken in one piece; no charge is lost in it."""

import jax
import numpy as np

from inference import Belief, Sequential
from inference.lanes import Lanes
from inference.scan import reached, tangled
from inference.targets import Scale, Way, evidence
from plot.world import World

KEY = jax.random.key(0)
WORLDS = 4_000
# A coin that is observed, which adds a number of usual size; then 20 pieces of evidence about one sum.
SOURCE = """
(define coin (flip 0.25))
(define parts (map (lambda (i) (random-integer 8)) '(1 2 3 4 5)))
(define total (sum parts))
(define (odd-one? i) (and (= (mod total 20) i) (> (mod (+ total i) 3) 0)))
"""
TOLD = "(condition coin)"
NEWS = f"(condition (not (any odd-one? '({' '.join(map(str, range(20)))}))))"


def way():
    world = World.from_source(SOURCE, cache=False).tell(TOLD)
    belief = Belief.of(world, KEY, Sequential(worlds=WORLDS))
    after = world.tell(NEWS)
    graph, rows = world.session.graph, belief.particles.rows
    old, new = (evidence(graph, w.effects, rows) for w in (world, after))
    return Way(graph, old, new), rows


def test_a_target_in_one_piece_keeps_every_charge():
    made, rows = way()
    scale = Scale(np.ones(len(made.parts)))
    terms = made.terms(scale, 0.5)
    assert tangled(reached(made.graph, terms, made.new.clamps), terms)
    whole = [term.node for term in made.terms(scale, 0.5, tangled=True)]
    lanes = Lanes(made.graph, tuple(whole), made.new.clamps)
    news = made.news
    rows = {**rows, **news.draw(rows, KEY, WORLDS)}
    # Each summand on its own: a sum in floats would lose what the code keeps apart.
    values = np.array(lanes.values(lanes.tiles(rows, WORLDS), WORLDS), float)[-1]
    broken = made.look(rows, WORLDS)[0].broken.sum(axis=0)
    assert set(broken) == {0, 1}
    assert len(set(values[broken == 0])) == 1
    assert not np.any(values[broken > 0] == values[broken == 0][0])
