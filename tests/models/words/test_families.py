"""Each family of decoders against `transformers`; how the reference was made is in `reference`."""

import dataclasses
import json
import shutil
from pathlib import Path

import gguf
import jax.numpy as jnp
import numpy as np
import pytest
import tokenizers
from flax import nnx
from safetensors.numpy import load_file, save_file

from models.words.architectures import of_folder
from models.words.checkpoint import load_llama
from models.words.folder import FolderError, read_folder
from models.words.gguf_file import read_gguf
from models.words.llama import Llama
from models.words.model import LanguageModel, local

from .conftest import plain_logits, write_sizes, write_whole

REFERENCE = Path(__file__).parent / "reference"
FAMILIES = sorted(path.parent.name for path in REFERENCE.glob("*/config.json"))
CLOSE = {"rtol": 1e-3, "atol": 1e-3}


def _load(name) -> Llama:
    return load_llama(read_folder(REFERENCE / name), dtype=jnp.float32)


def _expected(name):
    found = load_file(REFERENCE / name / "logits.safetensors")
    return found["tokens"].tolist(), found["logits"]


def test_every_family_is_there():
    assert {"llama", "smollm2", "qwen2", "qwen3", "gemma", "gemma2", "gemma3"} <= set(FAMILIES)


@pytest.mark.parametrize("name", FAMILIES)
def test_logits_agree_with_transformers(name, tiny):
    """A plain forward, and a prompt with a tree of particles after it."""
    llama = _load(name)
    tokens, expected = _expected(name)
    np.testing.assert_allclose(plain_logits(llama, tokens), expected, **CLOSE)
    model = LanguageModel(llama, tiny.tokenizer, name)
    state, logits = model.start(model.prefix(tokens[:20]), tokens[20:29], particles=2)
    np.testing.assert_allclose(logits[1], expected[28], **CLOSE)
    chunk = np.array([tokens[29:], [5, *tokens[30:]]])
    state, logits = model.advance(state, chunk, np.array([11, 11]))
    np.testing.assert_allclose(logits[0], expected[39], **CLOSE)
    assert np.abs(np.asarray(logits[1]) - expected[39]).max() > 0.01
    scores = model.score(model.prefix(tokens[:20]), [tokens[20:]])
    logs = expected - np.log(np.exp(expected).sum(-1, keepdims=True))
    np.testing.assert_allclose(
        scores[0], sum(logs[19 + i, t] for i, t in enumerate(tokens[20:])), rtol=1e-4
    )


@pytest.mark.parametrize("name", [f for f in FAMILIES if f != "mistral"])
def test_a_gguf_of_the_same_weights_is_the_same_model(name, tmp_path):
    folder = read_folder(REFERENCE / name)
    _write_gguf(tmp_path / "model.gguf", folder, "llama" if name == "smollm2" else name)
    read, expected = load_llama(read_gguf(tmp_path / "model.gguf"), dtype=jnp.float32), _load(name)
    said, known = dataclasses.asdict(read.config), dataclasses.asdict(expected.config)
    for file in (said, known):  # GGUF files of Gemma say nothing of the scale of queries
        del file["query_scale"]
    divisors = said.pop("rotary_divisors"), known.pop("rotary_divisors")
    np.testing.assert_allclose(*divisors, rtol=1e-6)
    assert said == known | {"epsilon": pytest.approx(known["epsilon"])}
    ours, theirs = (dict(nnx.to_flat_state(nnx.state(each))) for each in (read, expected))
    assert ours.keys() == theirs.keys()
    for key, value in theirs.items():
        np.testing.assert_array_equal(ours[key][...], value[...], err_msg=str(key))


def _write_gguf(path, folder, kind):
    """Converts as llama.cpp does: names, permuted rows for Llama, Gemma's 1 + w."""
    c = of_folder(folder).config
    writer = gguf.GGUFWriter(path, kind)
    write_sizes(writer, c)
    writer.add_key_length(c.head_width)
    writer.add_token_list([str(i) for i in range(c.vocabulary)])
    if any(c.windows):
        writer.add_sliding_window(max(c.windows))
        writer.add_sliding_window_pattern([window > 0 for window in c.windows])
    if c.attention_cap is not None and c.logit_cap is not None:
        writer.add_attn_logit_softcapping(c.attention_cap)
        writer.add_final_logit_softcapping(c.logit_cap)
    if kind == "llama" and c.rotary_divisors:
        writer.add_tensor("rope_freqs.weight", np.array(c.rotary_divisors, np.float32))
    elif c.rotary_divisors:
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(c.rotary_divisors[0])
    kinds = {name: number for number, name in gguf.MODEL_ARCH_NAMES.items()}
    names = gguf.get_tensor_name_map(kinds[kind], c.layers)
    for name in folder.files:
        values = folder.tensor(name)
        if kind == "llama" and ("q_proj" in name or "k_proj" in name):
            heads = c.heads if "q_proj" in name else c.kv_heads
            values = values.reshape(heads, 2, -1, c.width).swapaxes(1, 2).reshape(values.shape)
        if kind.startswith("gemma") and name.endswith("norm.weight"):
            values = values + 1
        known = names.get_name(name, try_suffixes=(".weight", ".bias"))
        assert known is not None
        writer.add_tensor(known, values)
    write_whole(writer)


def test_a_changed_weight_is_noticed(tmp_path):
    """The comparison rings: one number of one norm is another."""
    shutil.copytree(REFERENCE / "qwen3", tmp_path / "m")
    tensors = load_file(tmp_path / "m" / "model.safetensors")
    tensors["model.layers.1.self_attn.k_norm.weight"][3] += 0.2
    save_file(tensors, tmp_path / "m" / "model.safetensors")
    tokens, expected = _expected("qwen3")
    found = plain_logits(load_llama(read_folder(tmp_path / "m"), dtype=jnp.float32), tokens)
    assert np.abs(found - expected).max() > 1e-2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "mamba"}, "describes a 'mamba'; what can be run is gemma"),
        ({"rope_parameters": {"rope_type": "yarn"}}, "scaled in a way not known here: 'yarn'"),
        ({"attention_bias": True}, "a qwen3 with biases is not supported"),
        ({"hidden_size": 32}, r"is \(48, 16\), not \(48, 32\)"),
        ({"vocab_size": None}, "lacks 'vocab_size'"),
    ],
)
def test_what_is_not_known_is_refused(change, message, tmp_path):
    shutil.copytree(REFERENCE / "qwen3", tmp_path / "m")
    said = json.loads((tmp_path / "m" / "config.json").read_text()) | change
    said = {key: value for key, value in said.items() if value is not None}
    (tmp_path / "m" / "config.json").write_text(json.dumps(said))
    with pytest.raises(FolderError, match=message):
        load_llama(read_folder(tmp_path / "m"))


def test_damaged_folders_are_refused(tmp_path):
    with pytest.raises(FolderError, match=r"it has no config\.json"):
        read_folder(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(FolderError, match="is no JSON"):
        read_folder(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(FolderError, match="has no file"):
        read_folder(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"x" * 100)
    with pytest.raises(FolderError, match="is damaged"):
        read_folder(tmp_path)


def test_a_folder_with_a_tokenizer_is_a_language_model(tiny, tmp_path):
    shutil.copytree(REFERENCE / "qwen3", tmp_path / "m")
    with pytest.raises(FolderError, match="cannot be read as a tokenizer"):
        local(tmp_path / "m")
    (tmp_path / "m" / "tokenizer.json").write_text(tiny.tokenizer.text)
    with pytest.raises(FolderError, match=r"has 258 tokens, and its model 48"):
        local(tmp_path / "m")
    small = tokenizers.Tokenizer(tokenizers.models.BPE({"<end>": 0, "a": 1, "b": 2}, []))
    small.save(str(tmp_path / "m" / "tokenizer.json"))
    model = local(tmp_path / "m", dtype=jnp.float32)
    assert model.tokenizer.eos == 0 and model.tokenizer.encode("ab") == [1, 2]
    _, logits = model.start(model.prefix(model.tokenizer.encode("ab")), particles=1)
    np.testing.assert_allclose(logits[0], plain_logits(_load("qwen3"), [1, 2])[1], **CLOSE)


def test_head_and_embedding_may_differ():
    untied, tied = _load("llama"), _load("smollm2")
    assert untied.output is not untied.embedding and tied.output is tied.embedding
    assert isinstance(untied.output, nnx.Param)
