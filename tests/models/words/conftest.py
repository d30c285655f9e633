"""A tiny Llama with a byte tokenizer, and the packaged model once a session."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from gguf import GGUFWriter
from tokenizers.pre_tokenizers import ByteLevel

from models.words.checkpoint import interleave
from models.words.gguf_file import read_gguf
from models.words.llama import Llama, LlamaConfig, forward
from models.words.model import LanguageModel, embedded
from models.words.tokenizer import build_tokenizer

ALPHABET = sorted(ByteLevel.alphabet())
TINY = LlamaConfig(
    layers=3, width=32, hidden=48, heads=4, kv_heads=2, head_width=8,
    vocabulary=len(ALPHABET) + 2, context=2048, epsilon=float(np.float32(1e-5)),
)  # fmt: skip


def write_sizes(writer, c):
    """Writes what a GGUF says of a decoder's shape."""
    writer.add_block_count(c.layers)
    writer.add_context_length(c.context)
    writer.add_embedding_length(c.width)
    writer.add_feed_forward_length(c.hidden)
    writer.add_head_count(c.heads)
    writer.add_head_count_kv(c.kv_heads)
    writer.add_rope_freq_base(c.rotary_base)
    writer.add_layer_norm_rms_eps(c.epsilon)


def write_whole(writer):
    """Writes all that was added to a GGUF, and closes it."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_tiny(path, model, *, pre="smollm", skip=()):
    """Writes a tiny Llama as a GGUF in float32."""
    c = model.config
    writer = GGUFWriter(path, "llama")
    write_sizes(writer, c)
    writer.add_rope_dimension_count(c.head_width)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    names = ["<end>", *ALPHABET, "th"]
    writer.add_token_list(names)
    writer.add_token_types([3] + [1] * (len(ALPHABET) + 1))
    writer.add_token_merges(["t h"])
    writer.add_eos_token_id(0)
    tensors = {"token_embd": model.embedding, "output_norm": model.norm}
    for name, stacked in _stacked(model).items():
        for layer in range(c.layers):
            tensors[f"blk.{layer}.{name}"] = stacked[layer]
    for name, values in tensors.items():
        if name not in skip:
            writer.add_tensor(f"{name}.weight", np.asarray(values, np.float32))
    write_whole(writer)


def _stacked(model):
    b, c = model.blocks, model.config
    query = np.stack([interleave(np.asarray(each), c.heads) for each in b.query[...]])
    key = np.stack([interleave(np.asarray(each), c.kv_heads) for each in b.key[...]])
    return {
        "attn_norm": b.attention_norm[...], "attn_q": query, "attn_k": key,
        "attn_v": b.value[...], "attn_output": b.output[...], "ffn_norm": b.hidden_norm[...],
        "ffn_gate": b.gate[...], "ffn_up": b.up[...], "ffn_down": b.down[...],
    }  # fmt: skip


_forward = jax.jit(forward)


def plain_logits(model, tokens):
    """The logits after each token of a text, by the forward without a cache."""
    size = 64 if len(tokens) <= 64 else 384  # padding behind a text does not reach it
    padded = np.zeros((1, size), np.int32)
    padded[0, : len(tokens)] = tokens
    return np.asarray(_forward(model, padded)[0, : len(tokens)])


@pytest.fixture(scope="session")
def llama() -> Llama:
    """A tiny random Llama in float32, its norms not all ones."""
    model = Llama(TINY, rngs=nnx.Rngs(0), dtype=jnp.float32)
    generator = np.random.default_rng(0)
    for norm in (model.norm, model.blocks.attention_norm, model.blocks.hidden_norm):
        norm.set_value(jnp.asarray(generator.uniform(0.5, 1.5, norm.shape), jnp.float32))
    return model


@pytest.fixture(scope="session")
def tiny_file(llama, tmp_path_factory):
    """The tiny Llama's GGUF file."""
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    write_tiny(path, llama)
    return path


@pytest.fixture(scope="session")
def tiny(llama, tiny_file) -> LanguageModel:
    """The tiny Llama with a tokenizer of bytes and one pair, end of text 0."""
    return LanguageModel(llama, build_tokenizer(read_gguf(tiny_file)), "tiny")


@pytest.fixture(scope="session")
def smollm() -> LanguageModel:
    """The packaged model without an adapter, in float32."""
    return embedded(adapter=False, dtype=jnp.float32)
