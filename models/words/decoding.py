"""Running a decoder on prompts and on trees of texts.

Everything is one kernel: tokens that go into a buffer and look at a prefix, and at those places of
the buffer that a mask gives them. A prompt is a tree without branches. Numbers of tokens and
buffers are rounded up to a few sizes, so that a session compiles a handful of kernels and then none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float32

from models.words.cache import Prefix, State, attend_held, grow
from models.words.cross_entropy import token_losses
from models.words.llama import Llama, embed, run_blocks, unembed
from models.words.tree import ROOT, Tree

SIZES = (4, 16, 32, 64)
"""The sizes to which a step's tokens are rounded up; more are split."""

_PROMPT_SIZES = (32, 128)
_PROMPT_ROOMS = (256, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192)
_HEADROOM = 64  # room a prefix keeps for what `start` adds to it
_ROOMS = (256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
_SCORED = (64, 128, 256, 512, 1024)


def extended(llama: Llama, tokens: Sequence[int], after: Prefix | None) -> Prefix:
    """A prefix with more tokens; raises `ValueError` where the context holds less."""
    config = llama.config
    start = 0 if after is None else after.length
    pieces = _pieces(len(tokens), _PROMPT_SIZES)
    padded = start + sum(size for _, size in pieces)
    if start + len(tokens) > config.context:
        raise ValueError(
            f"the prompt has {start + len(tokens)} tokens, and this model's context "
            f"holds {config.context}: shorten the world's text or the conversation"
        )
    if after is None:
        room = _round_up(padded + _HEADROOM, _PROMPT_ROOMS)
        empty = _buffer(llama, room)
        after = Prefix(empty, empty, jnp.zeros(config.width), 0)
    elif padded > after.room:
        room = _round_up(padded, _PROMPT_ROOMS)
        after = replace(after, keys=grow(after.keys, room), values=grow(after.values, room))
    keys, values, last, length = after.keys, after.values, after.last, after.length
    for count, size in pieces:
        chunk = np.zeros(size, np.int32)
        chunk[:count] = tokens[length - start : length - start + count]
        keys, values, last = _extend(llama, keys, values, np.int32(length), chunk, np.int32(count))
        length += count
    return Prefix(keys, values, last, length)


def started(llama: Llama, prefix: Prefix, particles: int) -> State:
    """Particles at the root of a tree, where a prefix ends."""
    empty = _buffer(llama, _ROOMS[0])
    states = jnp.zeros((_ROOMS[0], llama.config.width)).at[ROOT].set(prefix.last)
    return State(prefix, Tree.root(), empty, empty, states, np.zeros(particles, np.int32))


def followed(
    llama: Llama, state: State, nodes: Sequence[int] | np.ndarray, texts: Sequence[Sequence[int]]
) -> tuple[State, list[list[int]]]:
    """Runs those tokens of texts that the tree does not have yet.

    Args:
      llama: the weights.
      state: the tree and its numbers.
      nodes: where each text begins.
      texts: the tokens of each.

    Returns:
      The larger state, its particles where they were, and the nodes of each text.
    """
    start = [int(node) for node in nodes]
    tree, paths, tokens = state.tree.add(start, texts)
    pieces = _pieces(len(tokens), SIZES)
    needed = len(state.tree) + sum(size for _, size in pieces)
    if needed > state.room:
        state, moved = _with_room(state, needed - len(state.tree), start)
        tree, paths, tokens = state.tree.add(moved, texts)
    keys, values, states, at = state.keys, state.values, state.states, len(state.tree)
    places = np.zeros(state.room, np.int32)
    places[: len(tree)] = state.prefix.length - 1 + tree.depths
    done = 0
    for count, size in pieces:
        chunk = np.zeros(size, np.int32)
        chunk[:count] = tokens[done : done + count]
        keys, values, states = _advance(
            llama, state.prefix.keys, state.prefix.values, np.int32(state.prefix.length),
            keys, values, states, np.int32(at), chunk, places, tree.seen(at, size, state.room),
        )  # fmt: skip
        at, done = at + count, done + count
    return replace(state, tree=tree, keys=keys, values=values, states=states), paths


def logits(llama: Llama, state: State) -> Float32[Array, "particles vocabulary"]:
    """Each particle's next-token logits."""
    return _logits(llama, state.states, state.nodes)


def scored(
    llama: Llama, state: State, sequences: Sequence[Sequence[int]]
) -> Float32[np.ndarray, " sequences"]:
    """The log probability of each text after the root, in nats; one has a token at least."""
    roots = [ROOT] * len(sequences)
    state, paths = followed(llama, state, roots, [each[:-1] for each in sequences])
    sites: dict[tuple[int, int], int] = {}  # a token after a node, once
    rows = []
    for path, text in zip(paths, sequences, strict=True):
        before = [ROOT, *path][: len(text)]
        rows.append(
            [
                sites.setdefault((node, int(token)), len(sites))
                for node, token in zip(before, text, strict=True)
            ]
        )
    size = _round_up(len(sites), _SCORED)
    columns = np.zeros((2, size), np.int32)
    columns[:, : len(sites)] = np.array(list(sites), np.int32).T
    losses = np.asarray(_losses(llama, state.states, columns[0], columns[1]), np.float64)
    return np.array([-losses[row].sum() for row in rows], np.float32)


def _with_room(state: State, more: int, nodes: list[int]) -> tuple[State, list[int]]:
    """Room for more nodes: what nobody says is dropped where that helps, else buffers grow."""
    inner = np.concatenate([state.nodes, np.array(nodes, np.int32)])
    tree, old, moved = state.tree.kept(inner)
    room = state.room
    if 2 * (len(tree) + more) > room:
        tree, old, moved = state.tree, np.arange(len(state.tree), dtype=np.int32), inner
        room = _round_up(len(tree) + more, _ROOMS)
    if len(tree) < len(state.tree):
        index = np.zeros(room, np.int32)
        index[: len(old)] = old
        keys, values, states = _select(state.keys, state.values, state.states, index)
    else:
        keys, values, states = (grow(b, room) for b in (state.keys, state.values, state.states))
    count = len(state.nodes)
    state = State(state.prefix, tree, keys, values, states, moved[:count])
    return state, moved[count:].tolist()


def _buffer(llama: Llama, room: int) -> Array:
    c = llama.config
    return jnp.zeros((c.layers, c.kv_heads, room, c.head_width), llama.embedding.dtype)


def _round_up(count: int, sizes: Sequence[int]) -> int:
    """The smallest of some sizes that holds a count; beyond them, multiples of the last."""
    last = sizes[-1]
    return next((size for size in sizes if size >= count), -(-count // last) * last)


def _pieces(count: int, sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Splits a count into (real, padded) pieces: whole largest ones, then one."""
    pieces = [(sizes[-1], sizes[-1])] * (count // sizes[-1])
    if rest := count % sizes[-1]:
        pieces.append((rest, next(size for size in sizes if size >= rest)))
    return pieces


@jax.jit
def _logits(llama, states, nodes):
    return unembed(llama, states[nodes])


@jax.jit
def _extend(llama, keys, values, length, tokens, count):
    """Adds a chunk [size], `count` of it real, to a prefix's buffers."""
    places = jnp.arange(keys.shape[2])
    seen = places <= length + jnp.arange(tokens.shape[0])[:, None]
    states, (keys, values) = _run(llama, None, length, (keys, values), length, tokens, places, seen)
    return keys, values, states[count - 1]


@jax.jit
def _advance(
    llama, prefix_keys, prefix_values, length, keys, values, states, at, tokens, places, seen
):
    """Adds nodes [size] to a tree's buffers."""
    prefix = (prefix_keys, prefix_values)
    new, (keys, values) = _run(llama, prefix, length, (keys, values), at, tokens, places, seen)
    return keys, values, jax.lax.dynamic_update_slice(states, new, (at, 0))


def _run(llama, prefix, length, held, at, tokens, places, seen):
    """Runs tokens that go to `at` in buffers, whose places are positions in the text."""
    config = llama.config
    positions = jax.lax.dynamic_slice(places, (at,), tokens.shape)
    before = jnp.arange(0 if prefix is None else prefix[0].shape[2])
    is_prefix = (before < length)[None]

    def look(queries, keys, values, memory):
        reach, prefix, held = memory
        in_prefix, in_held = is_prefix, seen
        if reach is not None:
            in_prefix = is_prefix & (positions[:, None] - before < reach)
            in_held = seen & (positions[:, None] - places < reach)
        return attend_held(
            queries, keys, values, prefix, held, at, in_prefix, in_held, config.attention_cap
        )

    memory = (config.reaches, prefix, held)
    states, held = run_blocks(llama, embed(llama, tokens[None]), positions[None], memory, look)
    return states[0], held


@jax.jit
def _select(keys, values, states, index):
    return keys[:, :, index], values[:, :, index], states[index]


@jax.jit
def _losses(llama, states, nodes, targets):
    """The negative log probability of a token after each of some nodes."""
    if llama.config.logit_cap is None:
        return token_losses(states[nodes], llama.output[...], targets)
    logs = jax.nn.log_softmax(unembed(llama, states[nodes]))
    return -jnp.take_along_axis(logs, targets[:, None], axis=1)[:, 0]
