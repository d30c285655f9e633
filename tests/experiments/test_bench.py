"""Pieces of the benchmark; how fast anything is, is not tested."""

from __future__ import annotations

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.bench import hand_written, main, nested, npm, webppl
from experiments.bench.compilations import counted
from experiments.bench.model import program_of, question, run_worlds
from experiments.bench.timing import Times, ratio, take_turns
from plot.backends import LaneMachine

MEAN, EVIDENCE = 59.36, 0.166  # the reference


def test_a_new_compilation_is_counted():
    double = jax.jit(lambda x: 2 * x + 0.125)
    with counted() as outer:
        with counted() as first:
            double(jnp.arange(3.0)).block_until_ready()
        with counted() as again:
            double(jnp.arange(3.0)).block_until_ready()
    assert first.count >= 1
    assert again.count == 0
    assert outer.count == first.count
    double(jnp.arange(4.0)).block_until_ready()
    assert outer.count == first.count, "what is compiled after the block is not counted"


@pytest.mark.parametrize("game", nested.GAMES, ids=lambda game: game.name)
def test_games_are_solved_as_by_hand(game):
    work = nested.solver(nested.question(game), game, LaneMachine(), 1 << 14)
    assert work(0) <= nested.WANTED_ERROR
    moved = dataclasses.replace(game, exact=lambda x: game.exact(x) + 1e-3)
    assert nested.solver(nested.question(game), moved, LaneMachine(), 1 << 14)(0) > 5e-4


def test_peers_take_turns():
    order: list[tuple[str, int]] = []
    times, last = take_turns(
        {"a": lambda i: order.append(("a", i)), "b": lambda i: order.append(("b", i))}, repeats=2
    )
    assert order == [(n, i) for i in range(3) for n in "ab"]
    assert {n: len(t.seconds) for n, t in times.items()} == {"a": 2, "b": 2}
    assert last == {"a": None, "b": None}


def test_ratios_are_of_rounds():
    slow = Times(np.array([2.0, 30.0, 4.0]), np.array([4.0, 4.0, 4.0]))
    fast = Times(np.array([1.0, 10.0, 1.0]), np.ones(3))
    found = ratio(slow, fast)
    assert (found.value, found.processor) == (3.0, 4.0)
    assert found.quartiles == (2.5, 3.5)


@pytest.mark.parametrize("kernel", [hand_written.whole_array, hand_written.tiled])
@pytest.mark.parametrize("threads", [1, 2])
def test_hand_written_programs_agree_with_the_reference(kernel, threads):
    found = hand_written.sample(kernel, jax.random.key(3), 200_000, threads)
    n = len(found.strengths)
    assert abs(found.strengths.mean() - MEAN) < 4 * 18.12 / math.sqrt(n) + 0.08
    assert abs(n / found.drawn - EVIDENCE) < 4 * math.sqrt(EVIDENCE / found.drawn) + 0.0005


def test_our_program_is_the_same_model():
    asked = question()
    program, width = program_of(asked)
    assert len(program.uniform_sites) + len(program.normal_sites) == 14
    assert width >= 512
    found = run_worlds(asked, LaneMachine(), 3, 200_000)
    (strengths,) = found.rows.values()
    assert abs(strengths.mean() - MEAN) < 4 * 18.12 / math.sqrt(found.kept) + 0.08


def test_webppl_is_skipped_without_node(monkeypatch):
    monkeypatch.setattr(npm.shutil, "which", lambda tool: None)
    with pytest.raises(npm.Skipped, match="node is not installed"):
        webppl.measure(10, 1)


def test_unknown_subject(capsys):
    assert main(["plt"]) == 2
    assert "there is plot" in capsys.readouterr().err
    assert main([]) == 0
    assert "plot" in capsys.readouterr().out
