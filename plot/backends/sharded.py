"""Worlds spread over the devices of a mesh, in one process or in several."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax import lax
from jax.experimental.multihost_utils import process_allgather
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import PRNGKeyArray

from plot.backends.base import padded, slots
from plot.backends.kernel import Compiled, Compiling, Kernel, Lanes
from plot.backends.machine import LaneMachine
from plot.backends.program import Program
from plot.errors import PlotError


class ProcessesDiffer(PlotError):
    """Processes that share their worlds were asked different things."""

    kind = "processes differ"


class Sharded:
    """Runs each device's share of the tiles of every call.

    A tile of worlds is determined by the seed and its number, so the worlds are the same on any number of
    devices. Where the mesh has devices of other processes too, every process must make the same calls
    in the same order, and each gets the whole result; see `inference.processes`.

    Args:
      mesh: the devices; tiles are spread over all of its axes together.
      inner: what runs on each device.

    >>> mesh = jax.make_mesh((1,), ("worlds",))
    >>> Sharded(mesh).name
    'lane machine on 1 device'
    """

    def __init__(self, mesh: Mesh, inner: Compiling | None = None) -> None:
        self.mesh = mesh
        self.inner = inner or LaneMachine()
        self.devices = mesh.size
        self.name = f"{self.inner.name} on {mesh.size} device{'s' * (mesh.size != 1)}"
        self.ordered = mesh.is_multi_process
        self._compiled = Compiled()

    @property
    def compilations(self) -> int:
        """How many functions have been compiled."""
        return len(self._compiled)

    def prepare(
        self, program: Program, width: int
    ) -> Callable[[PRNGKeyArray, int, int, np.ndarray], np.ndarray]:
        """See `Backend.prepare`."""
        kernel, room = self.inner.kernel(program, width), slots(program)
        content = _content(program) if self.ordered else b""
        whole = room, padded(program.given), width

        def call(key: PRNGKeyArray, first: int, count: int, given: np.ndarray) -> np.ndarray:
            asked = content + repr((first, count, width)).encode()
            found = self.run(kernel, key, (first, count), given, whole, asked)
            return self.joined(found, count)

        return call

    def run(
        self,
        kernel: Kernel,
        key: PRNGKeyArray,
        tiles: tuple[int, int],
        given: np.ndarray,
        whole: tuple[int, int, int],
        asked: bytes = b"",
    ) -> Any:
        """Run a kernel on all devices, each with its share of some tiles.

        Devices have as many tiles as each other, but for the last ones that have any.

        Args:
          kernel: of which each array that it gives has a first axis of its own.
          key: the seed.
          tiles: the first, and how many.
          given: `[tiles, rows, width]` of the tiles, or fewer.
          whole: tiles, rows and width that the kernel takes on each device.
          asked: what tells this call from others, where several processes have to agree.

        Returns:
          What the kernel gives, `[devices, ...]` each.
        """
        words, cipher = np.asarray(jax.random.key_data(key)), jax.random.key_impl(key)
        if self.ordered:
            _agree(asked + words.tobytes())
        run = self._compiled.get(
            (kernel.structure, str(cipher)), lambda: self._spread(kernel.build(), cipher)
        )
        first, count = tiles
        each = -(-count // self.devices)
        before = each * np.arange(self.devices, dtype=np.int32)
        counts = np.clip(count - before, 0, each)
        rows = np.zeros((self.devices, *whole), np.float32)
        for device in np.flatnonzero(counts):
            mine = given[before[device] :][: counts[device]]
            rows[device, : len(mine), : mine.shape[1]] = mine
        flat = rows.reshape(self.devices * whole[0], *whole[1:])
        shared = [self._share(x) for x in (first + before, counts, flat)]
        found = run(words, *shared, kernel.arrays)
        return jax.tree.map(lambda x: np.stack(np.split(np.asarray(x), self.devices)), found)

    def joined(self, found: np.ndarray, count: int) -> np.ndarray:
        """The tiles of all devices in order: `[tiles or more, ...]` of `[devices, tiles, ...]`."""
        each = -(-count // self.devices)
        return found[:, :each].reshape(self.devices * each, *found.shape[2:])

    def _share(self, values: np.ndarray) -> jax.Array:
        """Values whose first axis is spread over the devices; a process holds those of its own."""
        sharding = NamedSharding(self.mesh, PartitionSpec(self.mesh.axis_names))
        return jax.make_array_from_callback(values.shape, sharding, values.__getitem__)

    def _spread(self, function: Lanes, cipher) -> Lanes:
        """What all devices give, one after the other."""
        axes, gather = self.mesh.axis_names, self.ordered

        def local(words, firsts, counts, given, arrays):
            key = jax.random.wrap_key_data(words, impl=cipher)
            out = function(key, firsts[0], counts[0], given, *arrays)
            return lax.all_gather(out, axes, tiled=True) if gather else out

        whole, part = PartitionSpec(), PartitionSpec(axes)
        return jax.shard_map(
            local,
            mesh=self.mesh,
            in_specs=(whole, part, part, part, whole),
            out_specs=whole if gather else part,
            check_vma=False,  # lanes start as zeros, which are the same everywhere
        )


def _content(program: Program) -> bytes:
    """What tells programs apart, in any process."""
    arrays = program.instructions, program.constants, program.outputs, program.limits
    sites = program.uniform_sites, program.normal_sites, program.loop_sites
    return b"".join(x.tobytes() for x in (*arrays, *sites))


def _agree(asked: bytes) -> None:
    """Raise in every process where they are about to run different things."""
    mine = np.frombuffer(hashlib.blake2b(asked, digest_size=8).digest(), np.uint32)
    if np.any(process_allgather(mine) != mine):
        raise ProcessesDiffer(
            "the processes that share these worlds do not run the same program with the same seed",
            hint="ask the same questions in the same order in each of them",
        )
