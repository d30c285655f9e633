"""Tokenizers: built from a GGUF file's metadata, or a `tokenizer.json`.

Building takes a tenth of a second for 49,152 tokens, so nothing is cached.

Source: Sennrich et al. 2016 (byte-pair encoding).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import tokenizers

from models.words.folder import Folder, FolderError
from models.words.gguf_file import GgufError, GgufFile
from models.words.gguf_tokenizer import from_metadata


@dataclass(frozen=True)
class Tokenizer:
    """Text to token numbers and back.

    Attributes:
      text: the whole tokenizer as Hugging Face JSON, which llguidance reads.
      eos: the number of the token that ends a text.

    Example:
      tokens = tokenizer.encode("Tom won.")
      tokenizer.decode(tokens)  # 'Tom won.'
    """

    text: str = field(repr=False)
    eos: int
    _inner: tokenizers.Tokenizer = field(repr=False)

    @property
    def size(self) -> int:
        """How many tokens there are."""
        return self._inner.get_vocab_size(with_added_tokens=True)

    def encode(self, text: str) -> list[int]:
        """Splits a text into tokens; special tokens' names are read as plain text.

        Args:
          text: any text, which may come from anybody.

        Returns:
          The numbers of its tokens. Bytes that the vocabulary lacks, such as some
          control characters, are left out, and rare scripts may not come back.

        Example:
          len(tokenizer.encode("1234"))  # 4
        """
        return self._inner.encode(text, add_special_tokens=False).ids

    def decode(self, tokens: Sequence[int]) -> str:
        """Joins tokens into text; special tokens are left out.

        Args:
          tokens: token numbers.

        Returns:
          The text; bytes that do not form UTF-8 become replacement characters.

        Example:
          tokenizer.decode([tokenizer.eos])  # ''
        """
        return self._inner.decode([int(token) for token in tokens], skip_special_tokens=True)


def build_tokenizer(file: GgufFile) -> Tokenizer:
    """Builds the tokenizer that a GGUF file describes.

    Args:
      file: a GGUF file with a byte-level BPE vocabulary, or one of sentence pieces.

    Returns:
      The tokenizer.

    Raises:
      GgufError: where the file holds no such vocabulary, or one that splits text in
        a way that is not known here.

    Example:
      build_tokenizer(read_gguf(packaged_gguf())).eos  # 2
    """
    inner = from_metadata(file)
    eos = file.metadata.get("tokenizer.ggml.eos_token_id")
    if eos is None:
        raise GgufError(f"{file.path.name} does not say which token ends a text")
    return Tokenizer(inner.to_str(), int(eos), inner)


def read_tokenizer(folder: Folder) -> Tokenizer:
    """Reads the `tokenizer.json` of a model's folder.

    Args:
      folder: as `transformers` saves it.

    Raises:
      FolderError: where there is none, it is damaged, it has other tokens than the model, or
        `config.json` does not say which token ends a text.
    """
    path: Path = folder.path / "tokenizer.json"
    try:
        inner = tokenizers.Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain exceptions
        raise FolderError(f"{path} cannot be read as a tokenizer: {error}") from error
    ends = folder.config.get("eos_token_id")
    eos = ends[0] if isinstance(ends, list) and ends else ends
    if not isinstance(eos, int):
        raise FolderError(f"{folder.path.name}/config.json names no eos_token_id")
    size, most = inner.get_vocab_size(with_added_tokens=True), folder.config.get("vocab_size", 0)
    if size > most:
        raise FolderError(f"{path} has {size} tokens, and its model {most}")
    inner.encode_special_tokens = True
    return Tokenizer(inner.to_str(), eos, inner)
