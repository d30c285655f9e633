"""Which back end to run: a cost model that says why."""

from __future__ import annotations

from dataclasses import dataclass

from plot.backends.base import Backend
from plot.backends.machine import LaneMachine
from plot.backends.program import Program
from plot.backends.reference import Reference
from plot.backends.xla import XLA

# Seconds, measured on two cores; only their order of magnitude matters for the choice.
XLA_COMPILE = 0.3
XLA_COMPILE_EACH = 0.015  # an instruction
MACHINE_EACH = 2.5e-10  # an instruction and world
XLA_EACH = 1.0e-10
FEW_WORLDS = 4096

REFERENCE, MACHINE, COMPILED = Reference(), LaneMachine(), XLA()


@dataclass(frozen=True)
class Choice:
    """A back end and the reason for it."""

    backend: Backend
    why: str


def choose(program: Program, worlds: int) -> Choice:
    """The back end that is likely to answer first.

    Args:
      program: what is to run.
      worlds: over how many worlds.
    """
    if worlds <= FEW_WORLDS:
        return Choice(REFERENCE, f"{worlds} worlds are too few to compile anything for")
    length = len(program.instructions)
    saved = worlds * length * (MACHINE_EACH - XLA_EACH)
    cost = XLA_COMPILE + XLA_COMPILE_EACH * length
    if saved > cost:
        return Choice(COMPILED, f"compiling takes about {cost:.1f} s and saves about {saved:.1f} s")
    return Choice(MACHINE, f"compiling would take about {cost:.1f} s and save about {saved:.1f} s")
