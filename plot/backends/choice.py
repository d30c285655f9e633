"""Which back end to run: a cost model that says why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import jax
import numpy as np
from jax.sharding import Mesh

from plot.backends.base import Backend
from plot.backends.machine import LaneMachine
from plot.backends.program import OPCODES, Program, Region
from plot.backends.reference import Reference
from plot.backends.sharded import Sharded
from plot.backends.xla import XLA
from plot.compiler.ops import EXTERNAL

# Seconds, measured on two cores; only their order of magnitude matters for the choice.
XLA_COMPILE = 0.3
XLA_COMPILE_EACH = 0.015  # an instruction
MACHINE_EACH = 2.5e-10  # an instruction and world
XLA_EACH = 1.0e-10
REFERENCE_EACH = 1e-5  # an instruction and few worlds
MACHINE_COMPILE = 2.5  # once, not for each program
REFERENCE_WORLDS_EACH = 3e-8  # an instruction and world, where there are more
MODULE_COMPILE = 1.0  # a call of a module, compiled anew with each program; the reference keeps it
FEW_WORLDS = 4096
ROUNDS = 30  # that a loop is taken to run, unless its limit is lower

REFERENCE, MACHINE, COMPILED = Reference(), LaneMachine(), XLA()


@dataclass(frozen=True)
class Choice:
    """A back end and the reason for it."""

    backend: Backend
    why: str


def choose(program: Program, worlds: int) -> Choice:
    """The back end that is likely to answer first.

    Where JAX sees several devices in this process, and each gets more worlds than are worth compiling
    for, the worlds are spread over all of them. What runs on each is chosen as if there were one:
    back ends round differently, so the answer would depend on the number of devices otherwise. The
    devices of other processes are never chosen, since those may have nothing to run.

    Args:
      program: what is to run.
      worlds: over how many worlds.
    """
    one = _on_one_device(program, worlds)
    if isinstance(one.backend, Reference) or not _shared(worlds):
        return one
    assert isinstance(one.backend, LaneMachine | XLA)
    count = jax.local_device_count()
    return Choice(_on_all(one.backend), f"{one.why}; there are {count} devices to share them")


def spread_over(backend: Backend | None, worlds: int) -> Sharded | None:
    """What spreads moves of worlds over devices: those of a back end, or all where there are several.

    Args:
      backend: that was asked for; nothing where it is to be chosen.
      worlds: how many.

    >>> spread_over(REFERENCE, 10**9) is None
    True
    """
    if backend is None and _shared(worlds):
        return _on_all(MACHINE)
    return backend if isinstance(backend, Sharded) else None


def _shared(worlds: int) -> bool:
    devices = jax.local_device_count()
    return devices > 1 and worlds > devices * FEW_WORLDS


@cache
def _on_all(inner: LaneMachine | XLA) -> Sharded:
    return Sharded(Mesh(np.array(jax.local_devices()), ("worlds",)), inner)


def _on_one_device(program: Program, worlds: int) -> Choice:
    length, run = len(program.instructions), work(program)
    few = worlds <= FEW_WORLDS
    if few and (not program.regions or run * REFERENCE_EACH <= MACHINE_COMPILE):
        return Choice(REFERENCE, f"{worlds} worlds are too few to compile anything for")
    if program.externals:
        return _with_modules(program, worlds, length, run)
    saved = worlds * run * (MACHINE_EACH - XLA_EACH)
    cost = XLA_COMPILE + XLA_COMPILE_EACH * length
    if saved > cost:
        return Choice(COMPILED, f"compiling takes about {cost:.1f} s and saves about {saved:.1f} s")
    return Choice(MACHINE, f"compiling would take about {cost:.1f} s and save about {saved:.1f} s")


def _with_modules(program: Program, worlds: int, length: int, run: int) -> Choice:
    """For programs that call modules, which the lane machine cannot hold."""
    calls = int(np.sum(program.instructions[:, 0] == OPCODES[EXTERNAL]))
    cost = XLA_COMPILE + XLA_COMPILE_EACH * length + MODULE_COMPILE * calls
    saved = worlds * run * (REFERENCE_WORLDS_EACH - XLA_EACH)
    times = f"compiling a program with {calls} calls of modules takes about {cost:.1f} s"
    if program.regions or saved > cost:
        return Choice(COMPILED, f"{times} and saves about {saved:.1f} s")
    return Choice(REFERENCE, f"{times} and would save about {saved:.1f} s")


def work(program: Program, region: Region | None = None) -> int:
    """About how many instructions a tile of worlds runs, those of a loop in each of its rounds.

    In a round there is also one for each variable and one for the jump.

    Args:
      program: what is to run.
      region: a loop of it, to count one round.
    """
    total = 0
    for item in program.block(region):
        if isinstance(item, Region):
            rounds = min(ROUNDS, int(program.limits[item.index]))
            total += rounds * (work(program, item) + len(item.variables) + 1)
        else:
            total += 1
    return total
