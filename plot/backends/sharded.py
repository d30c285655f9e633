"""Worlds spread over the devices of a mesh, in one process or in several."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import jax
import numpy as np
from jax import lax
from jax.experimental.multihost_utils import process_allgather
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import PRNGKeyArray

from plot.backends.base import padded, slots
from plot.backends.kernel import Compiled, Compiling, Lanes
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
            words, cipher = np.asarray(jax.random.key_data(key)), jax.random.key_impl(key)
            if self.ordered:
                _agree(content + words.tobytes() + repr((first, count, width)).encode())
            run = self._compiled.get(
                (kernel.structure, str(cipher)), lambda: self._spread(kernel.build(), cipher)
            )
            # Devices have as many tiles as each other, but for the last ones that have any.
            each = -(-count // self.devices)
            before = each * np.arange(self.devices, dtype=np.int32)
            counts = np.clip(count - before, 0, each)
            rows = np.zeros((self.devices, *whole), np.float32)
            if program.given:
                for device in np.flatnonzero(counts):
                    mine = given[before[device] :][: counts[device]]
                    rows[device, : len(mine)] = mine
            shared = [
                self._share(x)
                for x in (first + before, counts, rows.reshape(self.devices * room, *whole[1:]))
            ]
            found = np.asarray(run(words, *shared, kernel.arrays))
            found = found.reshape(self.devices, room, *found.shape[1:])[:, :each]
            return found.reshape(self.devices * each, *found.shape[2:])

        return call

    def _share(self, values: np.ndarray) -> jax.Array:
        """Values whose first axis is spread over the devices; a process holds those of its own."""
        sharding = NamedSharding(self.mesh, PartitionSpec(self.mesh.axis_names))
        return jax.make_array_from_callback(values.shape, sharding, values.__getitem__)

    def _spread(self, lanes: Lanes, cipher) -> Lanes:
        """The lanes of all devices, `[devices * tiles, outputs, width]`."""
        axes, gather = self.mesh.axis_names, self.ordered

        def local(words, firsts, counts, given, arrays):
            key = jax.random.wrap_key_data(words, impl=cipher)
            out = lanes(key, firsts[0], counts[0], given, *arrays)
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
