"""Adapters: applied, merged, kept in files."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import save_file

from models.words.attention import attend
from models.words.finetune import packed_loss
from models.words.llama import MATRICES, embed, run_blocks, unembed
from models.words.lora import (
    Lora,
    LoraError,
    LoraInfo,
    init_lora,
    load_lora,
    merge,
    project,
    save_lora,
    scaled,
)  # fmt: skip

from .conftest import TINY, plain_logits


@pytest.fixture(scope="module")
def lora(llama) -> Lora:
    """An adapter that changes much."""
    fresh = init_lora(llama, rank=4, alpha=8.0, key=jax.random.key(0))
    keys = jax.random.split(jax.random.key(1), len(MATRICES))
    changed = {
        name: (low, 0.1 * jax.random.normal(key, high.shape))
        for key, (name, (low, high)) in zip(keys, fresh.matrices.items(), strict=True)
    }
    return Lora(changed, 4, 8.0)


def _applied(llama, lora, tokens):
    time = tokens.shape[1]
    causal = jnp.tril(jnp.ones((1, time, time), bool))
    states, _ = run_blocks(
        llama, embed(llama, tokens), jnp.arange(time)[None], None,
        lambda q, k, v, _: (attend(q, k, v, causal), None),
        adapters=scaled(lora), project=project,
    )  # fmt: skip
    return unembed(llama, states)


def test_merged_equals_applied(llama, lora):
    tokens = jax.random.randint(jax.random.key(0), (1, 9), 0, TINY.vocabulary)
    applied = jax.jit(_applied)(llama, lora, tokens)[0]
    merged = plain_logits(merge(llama, lora), tokens[0])
    np.testing.assert_allclose(merged, applied, rtol=1e-4, atol=1e-4)
    assert np.abs(merged - plain_logits(llama, tokens[0])).max() > 0.1


def test_a_fresh_adapter_changes_nothing(llama):
    fresh = init_lora(llama, rank=4, alpha=8.0, key=jax.random.key(0))
    merged = merge(llama, fresh)
    np.testing.assert_array_equal(plain_logits(merged, range(8)), plain_logits(llama, range(8)))


def test_the_written_gradient_is_the_derived_one():
    keys = jax.random.split(jax.random.key(0), 5)
    x, weight = jax.random.normal(keys[0], (2, 5, 12)), jax.random.normal(keys[1], (7, 12))
    low, high = jax.random.normal(keys[2], (3, 12)), jax.random.normal(keys[3], (3, 7))
    pull = jax.random.normal(keys[4], (2, 5, 7))

    def plain(x, low, high):
        return jnp.sum((x @ weight.T + x @ low.T @ high) * pull)

    def ours(x, low, high):
        return jnp.sum(project(x, weight, (low, high)) * pull)

    np.testing.assert_allclose(ours(x, low, high), plain(x, low, high), rtol=1e-5)
    for mine, derived in zip(
        jax.grad(ours, (0, 1, 2))(x, low, high),
        jax.grad(plain, (0, 1, 2))(x, low, high),
        strict=True,
    ):
        np.testing.assert_allclose(mine, derived, rtol=1e-4, atol=1e-4)


def test_a_file_gives_the_adapter_back(lora, tmp_path):
    info = LoraInfo(base="abc", command="train --seed 3", seed=3, figures={"loss": 0.25})
    path = tmp_path / "deep" / "a.safetensors"
    save_lora(path, lora, info)
    found, told = load_lora(path, base="abc")
    assert told == info and (found.rank, found.alpha) == (4, 8.0)
    for name, pair in lora.matrices.items():
        for mine, kept in zip(pair, found.matrices[name], strict=True):
            np.testing.assert_array_equal(kept, mine.astype(jnp.bfloat16).astype(jnp.float32))
    assert [each.name for each in path.parent.iterdir()] == ["a.safetensors"]


def test_files_that_do_not_fit_are_refused(llama, lora, tmp_path):
    path = tmp_path / "a.safetensors"
    with pytest.raises(LoraError, match="there is no adapter"):
        load_lora(path, base="abc")
    save_lora(path, lora, LoraInfo(base="other"))
    with pytest.raises(
        LoraError, match="trained for another base model: its base has sha256 other"
    ):
        load_lora(path, base="abc")
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(LoraError, match="damaged adapter"):
        load_lora(path, base="abc")
    save_file({"x": np.zeros(2)}, path)
    with pytest.raises(LoraError, match="but not an adapter"):
        load_lora(path, base="abc")
    wrong = Lora(
        {name: (low[..., :5], high) for name, (low, high) in lora.matrices.items()}, 4, 8.0
    )
    with pytest.raises(LoraError, match="does not fit weights"):
        merge(llama, wrong)


def test_the_base_gets_no_gradient(llama, lora):
    """Only the adapter learns: the loss is differentiable in it alone."""
    rows = {
        "tokens": jnp.arange(8)[None], "positions": jnp.arange(8)[None],
        "group": jnp.zeros((1, 8), int), "pair": jnp.zeros((1, 8), int),
        "sites": jnp.array([[3, 4]]), "targets": jnp.array([[4, 5]]), "weights": jnp.ones((1, 2)),
    }  # fmt: skip
    slopes = jax.jit(jax.grad(lambda a: packed_loss(llama, a, rows)[0]))(lora)
    assert all(jnp.isfinite(x).all() and jnp.abs(x).max() > 0 for x in jax.tree.leaves(slopes))
