"""Planners, an inverse planner and listeners beside memo, a language for reasoning about reasoning.

Source: Chandra, Chen, Tenenbaum and Ragan-Kelley, A domain-specific probabilistic programming language
for reasoning about reasoning (2025).
"""

from enum import IntEnum

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from inference import Exact
from models.worlds.lunch.campus import CAMPUS, MOVES
from models.worlds.lunch.planner import Soft, cost_table, values
from plot.data import Name
from plot.world import World

memo = pytest.importorskip("memo", reason="memo-lang is not installed").memo

STEPS = 8  # of the break that both plan
CELLS = np.arange(len(CAMPUS.cells))
ACTIONS = np.arange(MOVES)
ONTO = jnp.asarray(np.concatenate([CELLS[None], CAMPUS.neighbours, CAMPUS.neighbours]))
COSTS = jnp.asarray(cost_table(CAMPUS))
LIKED = ("sushi", "vegetarian", "pizza")
KEY = jax.random.key(0)


def pays(liked):
    """`[cells]`: ten for a step at the place that is liked."""
    return jnp.zeros(len(CELLS)).at[CAMPUS.at(liked)].set(10.0)


PAYS = jnp.stack([pays(liked) for liked in LIKED])


@jax.jit
def gain(goal, cell, move, bike):
    return PAYS[goal, cell] - COSTS[bike, move, cell]


@jax.jit
def leads(cell, move, to):
    return (ONTO[move, cell] == to) * 1.0


GOALS = np.arange(len(LIKED))


@memo
def Q[g: GOALS, s: CELLS, a: ACTIONS](bike, t):
    walker: knows(g, s, a)
    walker: given(to in CELLS, wpp=leads(s, a, to))
    walker: chooses(b in ACTIONS, wpp=exp(Q[g, to, b](bike, t - 1) if t > 0 else 0.0))
    return E[gain(g, s, a, bike) + (Q[g, walker.to, walker.b](bike, t - 1) if t > 0 else 0.0)]


def test_soft_value_iteration_agrees():
    grid = type(CAMPUS)(CAMPUS.rows, STEPS + 1)
    for bike in (0, 1):
        of_moves = np.asarray(Q(bike, STEPS - 1))  # [goals, cells, moves]
        worth = np.asarray(values(grid, PAYS.T, jnp.full(len(LIKED), bool(bike)), Soft(1.0)))[STEPS]
        open_cells = [c for c in CELLS if CAMPUS.cells[c] not in ("library", "hall")]
        chosen = np.asarray(jax.nn.softmax(jnp.asarray(of_moves), -1))
        np.testing.assert_allclose(
            np.sum(np.where(chosen > 0, chosen * of_moves, 0), -1).T[open_cells],
            worth[open_cells],
            rtol=1e-4,
        )


@memo
def guess[s: CELLS, a: ACTIONS, g: GOALS](bike, t):
    watcher: knows(s, a, g)
    watcher: thinks[
        walker : knows(s),
        walker : given(w in GOALS, wpp=1),
        walker : chooses(b in ACTIONS, wpp=exp(Q[w, s, b](bike, t))),
    ]
    watcher: observes[walker.b] is a
    return watcher[Pr[walker.w == g]]


def test_inverse_planning_agrees():
    """What a move from the office says about what is liked."""
    grid, start = type(CAMPUS)(CAMPUS.rows, STEPS + 1), CAMPUS.at("office")
    for bike in (0, 1):
        ahead = values(grid, PAYS.T, jnp.full(len(LIKED), bool(bike)), Soft(1.0))[STEPS - 1]
        options = [ahead[ONTO[a, start]] - COSTS[bike, a, start] for a in ACTIONS]
        chances = np.stack(Soft(1.0).chances(options))  # [moves, goals]
        judged = np.asarray(guess(bike, STEPS - 1))[start]  # [moves, goals]
        seen = chances.sum(1) > 1e-6
        ours = chances[seen] / chances[seen].sum(1, keepdims=True)
        np.testing.assert_allclose(ours, judged[seen], rtol=1e-3, atol=1e-5)


class Object(IntEnum):
    GREEN_CIRCLE = 0
    GREEN_SQUARE = 1
    RED_SQUARE = 2


class Word(IntEnum):
    GREEN = 0
    RED = 1
    SQUARE = 2
    CIRCLE = 3


TRUE = jnp.array([[1.0, 1, 0], [0, 0, 1], [0, 1, 1], [1, 0, 0]])


@jax.jit
def true_of(word, thing):
    return TRUE[word, thing]


@memo
def hears[u: Word, r: Object](alpha, level):
    listener: thinks[
        speaker : given(r in Object, wpp=1),
        speaker : chooses(
            u in Word,
            wpp=true_of(u, r) * (exp(alpha * hears[u, r](alpha, level - 1)) if level > 0 else 1),
        ),
    ]
    listener: observes[speaker.u] is u
    listener: chooses(r in Object, wpp=Pr[speaker.r == r])
    return Pr[listener.r == r]


LISTENER = """
(define things '(green-circle green-square red-square))
(define words '(green red square circle))
(define (true? word thing)
  (case word
    ((green) (not (eq? thing 'red-square)))
    ((red) (eq? thing 'red-square))
    ((square) (not (eq? thing 'green-circle)))
    (else (eq? thing 'green-circle))))
(define (words-of thing) (count (lambda (word) (true? word thing)) words))
; A speaker who names any true word; what a listener makes of a word then.
(define (plainly word thing)
  (if (true? word thing) (/ 1 (words-of thing)) 0))
(define (heard word thing)
  (/ (plainly word thing) (sum (map (lambda (other) (plainly word other)) things))))
(define (speaker thing)
  (query
    (define word (uniform-draw words))
    word
    (condition (true? word thing))
    (factor (heard word thing))))
(define thing (uniform-draw things))
(condition (eq? (speaker thing) 'green))
"""
REFERENCE = (0.4302, 0.5698, 0.0)


def test_a_listener_who_reasons_about_a_speaker_agrees():
    of_memo = np.asarray(hears(1.0, 1))[Word.GREEN]
    np.testing.assert_allclose(of_memo, REFERENCE, atol=5e-5)
    answer = Exact().infer(KEY, World.from_source(LISTENER).ask("(query thing)"))
    names = ("green-circle", "green-square", "red-square")
    ours = [answer.probability(Name(name)).value for name in names]
    np.testing.assert_allclose(ours, of_memo, atol=1e-6)
