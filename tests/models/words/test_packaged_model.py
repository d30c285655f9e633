"""The packaged model against a plain NumPy forward that shares no code with ours."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from gguf import GGUFReader
from gguf.quants import dequantize

from models.words.gguf_file import PACKAGED_SHA256, packaged_gguf
from models.words.llama import forward
from models.words.lora import LoraError, LoraInfo, init_lora, save_lora
from models.words.model import embedded

TEXT = "The capital of Italy is Rome. The capital of France is"


def _reference_logits(tokens):
    """A Llama in float64, neighbouring rotary pairs, straight from the file."""
    tensors = {each.name: each for each in GGUFReader(packaged_gguf()).tensors}

    def weight(name):
        each = tensors[f"{name}.weight"]
        return dequantize(each.data, each.tensor_type).astype(np.float64)

    def norm(x, name):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * weight(name)

    time = len(tokens)
    angles = np.arange(time)[:, None] * 100_000.0 ** (-np.arange(0, 64, 2) / 64)

    def turn(x):  # [time, heads, 64], pairs (2i, 2i + 1)
        turned = (x[..., 0::2] + 1j * x[..., 1::2]) * np.exp(1j * angles)[:, None]
        return np.stack([turned.real, turned.imag], -1).reshape(x.shape)

    table = weight("token_embd")
    x = table[tokens]
    for layer in range(30):
        name = f"blk.{layer}."
        y = norm(x, name + "attn_norm")
        q = turn((y @ weight(name + "attn_q").T).reshape(time, 9, 64))
        k = turn((y @ weight(name + "attn_k").T).reshape(time, 3, 64))
        v = (y @ weight(name + "attn_v").T).reshape(time, 3, 64)
        heads = []
        for head in range(9):
            scores = q[:, head] @ k[:, head // 3].T / 8
            scores[np.triu_indices(time, 1)] = -np.inf
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            heads.append(weights / weights.sum(-1, keepdims=True) @ v[:, head // 3])
        x = x + np.concatenate(heads, -1) @ weight(name + "attn_output").T
        y = norm(x, name + "ffn_norm")
        gate = y @ weight(name + "ffn_gate").T
        up = y @ weight(name + "ffn_up").T
        x = x + (gate / (1 + np.exp(-gate)) * up) @ weight(name + "ffn_down").T
    return norm(x, "output_norm") @ table.T


def test_logits_agree_with_a_plain_forward(smollm):
    tokens = smollm.tokenizer.encode(TEXT)
    ours = np.asarray(forward(smollm.llama, jnp.array([tokens]))[0])
    reference = _reference_logits(tokens)
    np.testing.assert_allclose(ours, reference, rtol=1e-3, atol=1e-3)
    assert smollm.tokenizer.decode([int(ours[-1].argmax())]) == " Paris"


def test_particles_speak_greedily(smollm):
    prefix = smollm.prefix(smollm.tokenizer.encode(TEXT[:30]))
    state, logits = smollm.start(prefix, smollm.tokenizer.encode(TEXT[30:]), particles=2)
    told = []
    for _ in range(2):
        token = np.asarray(logits).argmax(-1)
        told.append(token)
        state, logits = smollm.advance(state, token[:, None], np.ones(2, int))
    texts = [smollm.tokenizer.decode(row.tolist()) for row in np.transpose(told)]
    assert texts == [" Paris."] * 2


def test_scores_prefer_what_is_true(smollm):
    prefix = smollm.prefix(smollm.tokenizer.encode(TEXT))
    right, wrong = smollm.score(
        prefix, [smollm.tokenizer.encode(" Paris."), smollm.tokenizer.encode(" Tokyo.")]
    )
    assert right > wrong + 3


def test_plain_english_is_probable(smollm):
    """Under 3.6 nats a token on a sentence of English, far under 10.8 at random."""
    text = "The dog ran across the street to greet its owner, who was waiting by the door."
    tokens = smollm.tokenizer.encode(text)
    loss = -smollm.score(smollm.prefix(tokens[:1]), [tokens[1:]])[0] / (len(tokens) - 1)
    assert 1.0 < loss < 3.6


def test_adapters_are_checked_and_merged(smollm, tmp_path):
    path = tmp_path / "a.safetensors"
    lora = init_lora(smollm.llama, rank=2, alpha=4.0, key=jax.random.key(0))
    save_lora(path, lora, LoraInfo(base="another"))
    with pytest.raises(LoraError, match="another base model"):
        embedded(path)
    save_lora(path, lora, LoraInfo(base=PACKAGED_SHA256, command="train"))
    model = embedded(path)
    assert model.adapter is not None and model.adapter.command == "train"
    assert model.sha256 == PACKAGED_SHA256 and len(repr(model)) < 500
