"""Worlds shared by several processes, on one machine or many.

Each process runs the same script. Every block of worlds is split among the devices of all of them, and
each process gets all of the block back; what follows (weights, answers, a whole belief) is computed in
each alike. So an answer is the same in every process, and the same as one process gives alone.
"""

from __future__ import annotations

import jax
import numpy as np
from jax.sharding import Mesh

from plot.backends import Sharded
from plot.backends.kernel import Compiling


def join(
    coordinator: str | None = None,
    processes: int | None = None,
    index: int | None = None,
    inner: Compiling | None = None,
    patience: int = 300,
) -> Sharded:
    """Join the other processes; gives the back end to run worlds on the devices of all of them.

    Call it first of all in a script that is started once for each process, and give what it returns
    to engines: `Importance(1_000_000, backend=join("10.0.0.1:1234", 2, index))`. The processes have to
    ask the same questions in the same order, with the same seeds; where they do not, all of them get
    an error. One that ends before the others leaves them waiting until JAX notices, about two minutes
    later, and ends them too.

    Args:
      coordinator: address and port of process 0, which all can reach; found by JAX on clusters
        that it knows.
      processes: how many there are.
      index: which of them this is, from 0.
      inner: what runs on each device; the lane machine where not given.
      patience: seconds in which all have to come; where they do not, JAX ends this process.

    Raises:
      RuntimeError: where JAX has computed something in this process already.

    Source: JAX, multi-process programming (`jax.distributed.initialize`).
    """
    jax.distributed.initialize(coordinator, processes, index, initialization_timeout=patience)
    return Sharded(Mesh(np.array(jax.devices()), ("worlds",)), inner)
