"""A particle filter over many sentences as one compiled loop, to which their code is data.

What worlds carry is one array, `[slots, worlds]`; the code of a cell runs over a tile of worlds at a time.
Log weights and their sums are float64.

Source: Gordon, Salmond and Smith (1993); Gilks and Berzuini, Following a moving target (2001), for moves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from inference.filtering.plan import NAMES
from inference.kernel import DRAWS, counted, proposal
from inference.moves import Move
from plot.backends.kept import keep_compilations
from plot.backends.machine import get, put, stepper
from plot.backends.rows import normal_row, uniform_row


@dataclass(frozen=True)
class Shape:
    """What a compiled filter is made for.

    Args:
      slots, registers, stages: padded sizes.
      tiles, width: of worlds.
      moves: that may be made.
      together: how many rows move together at the most.
    """

    slots: int
    registers: int
    stages: int
    tiles: int
    width: int
    moves: tuple[Move, ...] = ()
    together: int = 1


@dataclass(frozen=True, eq=False)
class Tables:
    """Sentences, and what is to be done after each, as arrays; padded but for those of a stage.

    Args:
      code: int32 `[steps, 5]`, as for the lane machine.
      constants: float32 `[constants]`, in the first registers.
      draws: int32 `[draws, 3]`: site, whether normal, slot.
      cells: int32 `[cells, 8]`: first and end of `reads`, and of its code, its register, its slot,
        whether it is a term, whether it weighs worlds.
      reads: int32 `[any]`, slots that the code of a cell finds in the registers after the constants.
      stages: int32 `[stages, 8]`: first and end of draws, of cells, of slots that are read later, and of
        visits.
      added: float64 `[stages]`, what each adds to all log weights.
      kept: int32 `[any]`, slots that are put in order at a resampling.
      visits: int32 `[visits, 4]`: first and end of `moved` and of `reached`.
      moved: int32 `[any, 2]`: slot of a row that moves, and its branch.
      reached: int32 `[any]`, cells that a visit computes again.
    """

    code: np.ndarray
    constants: np.ndarray
    draws: np.ndarray
    cells: np.ndarray
    reads: np.ndarray
    stages: np.ndarray
    added: np.ndarray
    kept: np.ndarray
    visits: np.ndarray
    moved: np.ndarray
    reached: np.ndarray

    def arrays(self) -> tuple[np.ndarray, ...]:
        """All of them, in this order."""
        return tuple(vars(self).values())


_filters: dict[Shape, Callable[..., Any]] = {}


def run(shape: Shape, *arguments: Any) -> dict[str, np.ndarray]:
    """Run a filter; see `_filter` for arguments and results."""
    with jax.enable_x64(True):
        if shape not in _filters:
            keep_compilations()
            _filters[shape] = jax.jit(_filter(shape))
        found = _filters[shape](*arguments)
        return {name: np.asarray(value) for name, value in found.items()}


def _filter(shape: Shape) -> Callable[..., Any]:
    """The filter of a shape, a function of

    held: float32 `[slots, worlds]`, those that are there from the beginning;
    log_weights: float64 `[worlds]`; families: int32 `[worlds]`;
    ciphers, move_ciphers: uint32 `[stages, tiles, 2]`; combs: float64 `[stages]`, uniform;
    numbers: int32 `[2]`, worlds that count and stages; shares: float64 `[2]`, `keep` and `threshold`;
    the arrays of `Tables`.
    """
    width, tiles = shape.width, shape.tiles
    worlds = tiles * width
    steps = stepper(NAMES, False, width)
    branches = [proposal(m, normal, width) for m in shape.moves for normal in (False, True)]
    whole = jnp.int32

    def filter_(
        held, log_weights, families, ciphers, move_ciphers, combs, numbers, shares, *tables
    ):
        code, constants, draws, cells, reads, stages, added, kept, visits, moved, reached = tables
        count, stage_count = numbers
        keep, threshold = shares
        real = jnp.arange(worlds, dtype=whole) < count

        def slot(state, at, start):
            return lax.dynamic_slice(state, (at, start), (1, width))[0]

        def write(state, at, start, row):
            return lax.dynamic_update_slice(state, row[None], (at, start))

        def value(cell, start, state, local):
            """A cell, and whether it is a term."""
            read, read_end, first, end, result, _, term, _ = cells[cell]

            def load(r, local):
                return put(local, slot(state, reads[r], start), len(constants) + r - read)

            local = lax.fori_loop(read, read_end, load, local)
            local = steps(code, first, end, None, local)
            row = get(local, result)
            return local, jnp.where(term > 0, counted(row), row), term > 0

        def weigh(k, state, local, log_weights):
            """The worlds with what a stage adds to them."""
            first_draw, end_draw, first_cell, end_cell = stages[k, :4]

            def tile(i, carried):
                state, local, logs = carried
                start = (i * width).astype(whole)

                def draw(d, state):
                    site, normal, at = draws[d]
                    row = lax.cond(
                        normal > 0,
                        lambda s: normal_row(ciphers[k, i], s, width),
                        lambda s: uniform_row(ciphers[k, i], s, width),
                        site,
                    )
                    return write(state, at, start, row)

                def cell(c, carried):
                    state, local, gain = carried
                    local, row, term = value(c, start, state, local)
                    state = write(state, cells[c, 5], start, row)
                    told = jnp.where(term & (cells[c, 7] > 0), row, 0)
                    return state, local, gain + told.astype(jnp.float64)

                state = lax.fori_loop(first_draw, end_draw, draw, state)
                gain = jnp.full(width, added[k])
                state, local, gain = lax.fori_loop(first_cell, end_cell, cell, (state, local, gain))
                gain = gain + lax.dynamic_slice(logs, (start,), (width,))
                return state, local, lax.dynamic_update_slice(logs, gain, (start,))

            return lax.fori_loop(0, tiles, tile, (state, local, log_weights))

        def visit(v, i, cipher, number, carried):
            """Propose rows in a tile, and keep them where they are accepted."""
            state, local, aside, accepted = carried
            start = (i * width).astype(whole)
            row, row_end, part, part_end = visits[v]
            counter = number * (DRAWS * shape.together + 1)

            def propose(n, carried):
                state, aside, ratio = carried
                at, branch = moved[row + n]
                old = slot(state, at, start)
                aside = lax.dynamic_update_slice(aside, old[None], (n.astype(whole), whole(0)))
                following = slot(state, moved[row + n + 1, 0], start)
                other = jnp.where(n + 1 == row_end - row, aside[0], following)
                fresh = counter + 1 + DRAWS * n.astype(whole)
                both = jnp.stack([old, other])
                new, more = lax.switch(
                    branch, branches, both, whole(0), whole(1), cipher, fresh.astype(whole)
                )
                return write(state, at, start, new), aside, ratio + more

            ratio = jnp.zeros(width, jnp.float32)
            state, aside, ratio = lax.fori_loop(
                whole(0), row_end - row, propose, (state, aside, ratio)
            )

            def again(p, carried):
                state, local, aside, ratio = carried
                cell = reached[part + p]
                at = cells[cell, 5]
                old = lax.optimization_barrier(slot(state, at, start))
                aside_at = shape.together + p
                aside = lax.dynamic_update_slice(aside, old[None], (aside_at, whole(0)))
                local, new, term = value(cell, start, state, local)
                ratio = ratio + jnp.where(term, new - old, 0)
                # Read once, and before the write, which therefore has to depend on it: otherwise XLA
                # keeps a copy of the whole state to read from.
                after = jnp.where(count < 0, old, new)
                return write(state, at, start, after), local, aside, ratio

            state, local, aside, ratio = lax.fori_loop(
                whole(0), part_end - part, again, (state, local, aside, ratio)
            )
            chance = jnp.exp(jnp.minimum(ratio, 0))
            better = 1 - uniform_row(cipher, counter, width) <= chance  # false for NaN

            def settle(at, saved, state):
                old = lax.dynamic_slice(aside, (saved, whole(0)), (1, width))[0]
                return write(state, at, start, jnp.where(better, slot(state, at, start), old))

            def settle_row(n, state):
                return settle(moved[row + n, 0], n, state)

            def settle_cell(p, state):
                return settle(cells[reached[part + p], 5], shape.together + p, state)

            state = lax.fori_loop(whole(0), part_end - part, settle_cell, state)
            state = lax.fori_loop(whole(0), row_end - row, settle_row, state)
            took = better & lax.dynamic_slice(real, (start,), (width,))
            return (
                state,
                local,
                aside,
                accepted.at[v].add(jnp.sum(took.astype(whole)).astype(whole)),
            )

        def move(k, again, state, local, aside, accepted):
            first, end = stages[k, 6:8]

            def tile(i, carried):
                def one(v, carried):
                    return visit(v, i, move_ciphers[k, i], v - first, carried)

                return lax.fori_loop(first, jnp.where(again, end, first), one, carried)

            return lax.fori_loop(0, tiles, tile, (state, local, aside, accepted))

        def ancestors(weights, comb):
            """Of each world, by a comb; see `inference.resampling.systematic`."""
            total = jnp.cumsum(weights)
            ends = jnp.ceil(total / total[-1] * count - comb).astype(whole)
            ends = jnp.clip(ends, 0, worlds)  # how many teeth each world and those before it have
            begun = jnp.zeros(worlds + 1, whole).at[ends].add(1)
            return jnp.minimum(jnp.cumsum(begun)[:worlds], count - 1).astype(whole)

        def stage(carried):
            k, s = carried["stage"], dict(carried)
            state, local, logs = weigh(k, s["state"], s["local"], s["log_weights"])
            top = jnp.max(logs)
            weights = jnp.exp(logs - top)
            mass = jnp.sum(weights)
            size = jnp.where(jnp.isfinite(top), mass**2 / jnp.sum(weights**2), 0.0)
            fine = size >= keep * jnp.maximum(s["size"], 1.0)
            again = fine & (size < threshold * count)
            level = s["level"] + top + jnp.log(mass / count)
            chosen = lax.cond(
                again,
                lambda: ancestors(weights, combs[k]),
                lambda: jnp.arange(worlds, dtype=whole),
            )

            def order(g, state):
                row = lax.dynamic_index_in_dim(state, kept[g], 0, False)[chosen]
                return lax.dynamic_update_index_in_dim(state, row, kept[g], 0)

            first, end = stages[k, 4:6]
            state = lax.fori_loop(first, jnp.where(again, end, first), order, state)
            if shape.moves:
                state, local, s["aside"], s["accepted"] = move(
                    k, again, state, local, s["aside"], s["accepted"]
                )
            else:
                s["ancestors"] = s["ancestors"].at[k].set(chosen)
            equal = jnp.where(real, 0.0, -math.inf)
            s["log_weights"] = jnp.where(fine, jnp.where(again, equal, logs), s["log_weights"])
            s["families"] = s["families"][chosen]
            alive = jnp.isfinite(s["log_weights"]).astype(whole)
            roots = jnp.sum(jnp.zeros(worlds, whole).at[s["families"]].max(alive))
            for name, found in (
                ("levels", level),
                ("sizes", size),
                ("resampled", again),
                ("roots", roots.astype(whole)),
            ):
                s[name] = s[name].at[k].set(found.astype(s[name].dtype))
            s["level"] = jnp.where(again, level, s["level"])
            s["size"] = jnp.where(
                again, count.astype(jnp.float64), jnp.where(fine, size, s["size"])
            )
            return s | {"state": state, "local": local, "fine": fine, "stage": k + fine}

        registers = jnp.zeros((shape.registers, width), jnp.float32)
        known = jnp.broadcast_to(constants[:, None], (len(constants), width))
        empty = jnp.zeros((shape.slots, worlds), jnp.float32)
        weights = jnp.exp(log_weights - jnp.max(log_weights))
        carried = {
            "stage": whole(0),
            "fine": jnp.bool_(True),
            "state": lax.dynamic_update_slice(empty, held, (0, 0)),
            "local": lax.dynamic_update_slice(registers, known, (0, 0)),
            "log_weights": log_weights,
            "families": families,
            "level": jnp.float64(0.0),
            "size": jnp.sum(weights) ** 2 / jnp.sum(weights**2),
            "levels": jnp.zeros(shape.stages),
            "sizes": jnp.zeros(shape.stages),
            "resampled": jnp.zeros(shape.stages, jnp.bool_),
            "roots": jnp.zeros(shape.stages, whole),
        }
        if shape.moves:
            carried["aside"] = jnp.zeros((shape.together + len(cells), width), jnp.float32)
            carried["accepted"] = jnp.zeros(len(visits), whole)
        else:
            carried["ancestors"] = jnp.zeros((shape.stages, worlds), whole)

        def going(s):
            return s["fine"] & (s["stage"] < stage_count)

        found = lax.while_loop(going, stage, carried)
        return {n: x for n, x in found.items() if n not in ("local", "aside", "fine", "size")}

    return filter_
