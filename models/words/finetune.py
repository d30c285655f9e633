"""Trains a low-rank adapter of a frozen language model on packed pairs.

Rows are taken one at a time inside a step and their gradients summed, since one
row's activations stay near the processor and several rows' do not.

Source: Hu et al. 2021 (LoRA); Loshchilov and Hutter 2019 (AdamW).
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, Float
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from models.words.attention import attend
from models.words.cross_entropy import token_losses
from models.words.llama import Llama, embed, run_blocks
from models.words.lora import Lora, init_lora, project, scaled
from models.words.model import LanguageModel
from models.words.packing import Example, Rows, pack, visible
from plot.files import write_whole


class CheckpointError(ValueError):
    """A training checkpoint is damaged, or belongs to another run."""


@dataclass(frozen=True)
class FinetuneOptions:
    """How to train.

    Attributes:
      steps: optimiser steps in all; the schedule ends there.
      rank: the adapter's rank.
      alpha: its strength; products are scaled by `alpha / rank`.
      learning_rate: the highest rate.
      warmup: steps over which the rate rises from zero; then it falls along a
        cosine to a twentieth.
      weight_decay: AdamW's, on A matrices and B matrices alike.
      clip: the largest gradient norm.
      rows: rows a step.
      length: tokens a row.
      targets: the most learned tokens a row.
      seed: seeds the adapter.
      checkpoint_seconds: how often the checkpoint is written.
      evaluate_every: steps between calls of `evaluate`.
    """

    steps: int = 500
    rank: int = 16
    alpha: float = 32.0
    learning_rate: float = 1e-3
    warmup: int = 30
    weight_decay: float = 0.0
    clip: float = 1.0
    rows: int = 4
    length: int = 512
    targets: int = 256
    seed: int = 0
    checkpoint_seconds: float = 120.0
    evaluate_every: int = 100


@dataclass(frozen=True)
class StepReport:
    """What one step did.

    Attributes:
      step: how many steps are done, this one included.
      loss: mean negative log probability of a learned token, in nats.
      gradient_norm: before clipping.
      learning_rate: this step's rate.
      tokens_per_second: real tokens (not padding) run a second, this step.
      pairs_per_second: pairs learned a second, this step.
      pairs: pairs learned so far, in the whole run.
      skipped: pairs that were too long for a row and were left out, so far.
      seconds: this step's time; the first one compiles.
    """

    step: int
    loss: float
    gradient_norm: float
    learning_rate: float
    tokens_per_second: float
    pairs_per_second: float
    pairs: int
    skipped: int
    seconds: float


def finetune(
    model: LanguageModel,
    examples: Iterator[Example],
    options: FinetuneOptions,
    *,
    begin: Lora | None = None,
    checkpoint: Path | None = None,
    on_step: Callable[[StepReport], Any] | None = None,
    evaluate: Callable[[int, Lora], Any] | None = None,
) -> Lora:
    """Trains an adapter.

    Args:
      model: the base, without an adapter; it is not changed.
      examples: what to learn, from the beginning of the run also where the
        run resumes: what was already learned is read and skipped.
      options: how.
      begin: an adapter of the same rank to go on from; a fresh one where not given.
      checkpoint: a file that is written every few minutes, on Ctrl-C and at
        the end, and from which a run with the same options goes on to the
        same numbers; None keeps nothing.
      on_step: called after each step.
      evaluate: called with the step and the adapter every
        `options.evaluate_every` steps and at the end.

    Returns:
      The adapter after the last step, or where the examples ran out.

    Raises:
      CheckpointError: where the checkpoint is damaged or of another run.
      ValueError: where the adapter to begin with has another shape, or the model has capped
        scores or windows of attention.
      KeyboardInterrupt: on Ctrl-C, after the checkpoint is written.

    Example:
      lora = finetune(model, generate(0), FinetuneOptions(steps=20))
    """
    llama = model.llama
    if not llama.config.is_plain:
        raise ValueError("a model with capped scores or windows of attention is not trained here")
    key = jax.random.key(options.seed)
    lora = init_lora(llama, rank=options.rank, alpha=options.alpha, key=key)
    if begin is not None:
        if jax.tree.map(jnp.shape, begin) != jax.tree.map(jnp.shape, lora):
            raise ValueError(f"the adapter to begin with is not one of rank {options.rank}")
        lora = jax.tree.map(lambda new, old: jnp.asarray(old, new.dtype), lora, begin)
    optimiser = _optimiser(options)
    state = (lora, optimiser.init(cast(Any, lora)), 0, 0)
    if checkpoint is not None and Path(checkpoint).exists():
        state = _load(Path(checkpoint), state, options)
    steps = pack(
        examples,
        model.tokenizer,
        rows=options.rows,
        length=options.length,
        targets=options.targets,
    )
    for _ in range(state[2]):
        next(steps, None)
    saved = time.monotonic()
    try:
        while state[2] < options.steps:
            start = time.perf_counter()
            rows = next(steps, None)
            if rows is None:
                break
            lora, moments, done, pairs = state
            arrays = jax.tree.map(jnp.asarray, _arrays(rows))
            lora, moments, loss, norm = _step(llama, lora, moments, arrays, optimiser)
            jax.block_until_ready(lora)
            state = (lora, moments, done + 1, pairs + rows.pairs)
            seconds = time.perf_counter() - start
            if on_step is not None:
                on_step(
                    StepReport(
                        step=done + 1,
                        loss=float(loss),
                        gradient_norm=float(norm),
                        learning_rate=float(jnp.asarray(_schedule(options)(done))),
                        tokens_per_second=rows.used / seconds,
                        pairs_per_second=rows.pairs / seconds,
                        pairs=state[3],
                        skipped=rows.skipped,
                        seconds=seconds,
                    )
                )
            if checkpoint is not None and time.monotonic() - saved > options.checkpoint_seconds:
                _save(Path(checkpoint), state, options)
                saved = time.monotonic()
            is_last = done + 1 == options.steps
            if evaluate is not None and (is_last or (done + 1) % options.evaluate_every == 0):
                evaluate(done + 1, lora)
    finally:
        if checkpoint is not None:
            _save(Path(checkpoint), state, options)
    return state[0]


def adapter_in_checkpoint(path: Path, options: FinetuneOptions, model: LanguageModel) -> Lora:
    """Reads the adapter that a training run has reached, while it goes on or after.

    Args:
      path: the run's checkpoint.
      options: the run's options.
      model: the run's base.

    Returns:
      The adapter.

    Raises:
      CheckpointError: where the file is damaged or of another run.

    Example:
      lora = adapter_in_checkpoint(Path("run.safetensors"), options, model)
    """
    key = jax.random.key(0)
    lora = init_lora(model.llama, rank=options.rank, alpha=options.alpha, key=key)
    return _load(Path(path), (lora, _optimiser(options).init(cast(Any, lora)), 0, 0), options)[0]


def packed_loss(
    llama: Llama, lora: Lora, rows: dict[str, Array]
) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Sums the losses of packed rows.

    Args:
      llama: the frozen weights.
      lora: the adapter.
      rows: the arrays of `Rows`, by name, each [rows, ...].

    Returns:
      The summed negative log probability of the targets, and their number.

    Example:
      total, count = packed_loss(llama, lora, arrays)
    """
    mask = visible(rows["group"], rows["pair"])
    states, _ = run_blocks(
        llama,
        embed(llama, rows["tokens"]),
        rows["positions"],
        None,
        lambda q, k, v, _: (attend(q, k, v, mask), None),
        adapters=scaled(lora),
        project=project,
        remat=True,
    )
    chosen = jnp.take_along_axis(states, rows["sites"][..., None], axis=1)
    losses = token_losses(
        chosen.reshape(-1, states.shape[-1]),
        llama.output[...],
        rows["targets"].reshape(-1),
    )
    weights = rows["weights"].reshape(-1)
    return jnp.sum(losses * weights), jnp.sum(weights)


@partial(jax.jit, static_argnames="optimiser")
def _step(llama, lora, moments, rows, optimiser):
    """One optimiser step; rows one at a time."""
    learn = jax.value_and_grad(packed_loss, argnums=1, has_aux=True)

    def one(total, row):
        (loss, count), slopes = learn(llama, lora, jax.tree.map(lambda each: each[None], row))
        return jax.tree.map(jnp.add, total, (loss, count, slopes)), None

    zero = (jnp.zeros(()), jnp.zeros(()), jax.tree.map(jnp.zeros_like, lora))
    (loss, count, slopes), _ = jax.lax.scan(one, zero, rows)
    slopes = jax.tree.map(lambda each: each / jnp.maximum(count, 1), slopes)
    updates, moments = optimiser.update(slopes, moments, lora)
    return jax.tree.map(jnp.add, lora, updates), moments, loss / count, optax.tree.norm(slopes)


def _arrays(rows: Rows) -> dict[str, np.ndarray]:
    names = ("tokens", "positions", "group", "pair", "sites", "targets", "weights")
    return {name: getattr(rows, name) for name in names}


def _schedule(options: FinetuneOptions) -> optax.Schedule:
    schedule = optax.warmup_cosine_decay_schedule(
        init_value=0.0,
        peak_value=options.learning_rate,
        warmup_steps=options.warmup,
        decay_steps=max(options.steps, options.warmup + 1),
        end_value=options.learning_rate / 20,
    )
    return lambda done: schedule(done + 1)


_OPTIMISERS: dict[FinetuneOptions, optax.GradientTransformation] = {}


def _optimiser(options: FinetuneOptions) -> optax.GradientTransformation:
    """Makes the optimiser, the same object for the same options, so that jit knows it."""
    if options not in _OPTIMISERS:
        _OPTIMISERS[options] = optax.chain(
            optax.clip_by_global_norm(options.clip),
            optax.adamw(_schedule(options), b1=0.9, b2=0.99, weight_decay=options.weight_decay),
        )
    return _OPTIMISERS[options]


def _identity(options: FinetuneOptions) -> str:
    """What must agree for a checkpoint to go on to the same numbers."""
    kept = dataclasses.asdict(options)
    del kept["checkpoint_seconds"], kept["evaluate_every"]
    return json.dumps(kept, sort_keys=True)


def _save(path: Path, state: tuple, options: FinetuneOptions) -> None:
    lora, moments, step, pairs = state
    leaves = jax.tree.leaves((lora, moments))
    arrays = {f"{index:04d}": np.asarray(leaf) for index, leaf in enumerate(leaves)}
    metadata = {
        "format": "plotline-training-1",
        "options": _identity(options),
        "step": str(step),
        "pairs": str(pairs),
    }
    write_whole(path, save(arrays, metadata))


def _load(path: Path, state: tuple, options: FinetuneOptions) -> tuple:
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != "plotline-training-1":
                raise CheckpointError(f"{path.name} is not a training checkpoint")
            if metadata["options"] != _identity(options):
                raise CheckpointError(
                    f"{path.name} was written with other options ({metadata['options']}); "
                    f"use the same ones, or another file"
                )
            leaves, tree = jax.tree.flatten(state[:2])
            kept = [file.get_tensor(f"{index:04d}") for index in range(len(leaves))]
            step, pairs = int(metadata["step"]), int(metadata["pairs"])
    except CheckpointError:
        raise
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise CheckpointError(f"{path.name} is a damaged checkpoint: {error!r}") from error
    for leaf, found in zip(leaves, kept, strict=True):
        if np.shape(leaf) != found.shape:
            raise CheckpointError(f"{path.name} belongs to another model: shapes differ")
    lora, moments = jax.tree.unflatten(tree, [jnp.asarray(each) for each in kept])
    return lora, moments, step, pairs
