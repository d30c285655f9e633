"""Tokenizers from the metadata of a GGUF file alone.

Two kinds cover the families whose weights are run here: byte-level BPE with its merges, whose families differ
in how they cut text into words first, and sentence pieces, each with a score, whose merges follow from the
scores.

Sources: Radford et al. 2019 (BPE over bytes); Kudo and Richardson 2018 (sentence pieces, bytes to fall back
on); the GGUF specification, `tokenizer.ggml`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import tokenizers
from tokenizers import AddedToken, Regex, decoders, models, normalizers, pre_tokenizers

from models.words.gguf_file import GgufError, GgufFile

SPACE = "▁"  # how sentence pieces write a space


class _Type(IntEnum):
    """What a token is, as a GGUF file says it."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


@dataclass(frozen=True)
class Cutting:
    """How a family of byte-level BPE cuts text before it is merged.

    Args:
      pattern: of the pieces; that of GPT-2 where not given.
      digits: whether each digit stands alone.
      whole: whether a piece that is a token is taken as it is, whatever the merges say.
      composed: whether characters are composed first (NFC).
    """

    pattern: str | None = None
    digits: bool = False
    whole: bool = False
    composed: bool = False


_SHORTENED = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+"
_OTHERS = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_LLAMA3 = Cutting(rf"{_SHORTENED}|\p{{N}}{{1,3}}|{_OTHERS}", whole=True)
_QWEN2 = Cutting(rf"{_SHORTENED}|\p{{N}}|{_OTHERS}", composed=True)
CUTTINGS: Mapping[str, Cutting] = {
    "gpt-2": Cutting(),
    "smollm": Cutting(digits=True),
    "llama-bpe": _LLAMA3,
    "llama-v3": _LLAMA3,
    "llama3": _LLAMA3,
    "qwen2": _QWEN2,
    "deepseek-r1-qwen": _QWEN2,
}


def from_metadata(file: GgufFile) -> tokenizers.Tokenizer:
    """The tokenizer that a GGUF file describes.

    A text is taken as it stands: no space is put before it, and no token that begins a text.

    Args:
      file: with a byte-level BPE vocabulary, or one of sentence pieces.

    Raises:
      GgufError: where it holds neither, a part is missing or does not fit, or its family cuts text in a
        way that is not known here.
    """
    metadata = file.metadata
    kind = metadata.get("tokenizer.ggml.model")
    try:
        if kind == "gpt2":
            inner = _byte_level(file)
        elif kind == "llama":
            inner = _sentence_pieces(metadata)
        else:
            raise GgufError(
                f"{file.path.name}: tokenizers of the kind {kind} are not supported; those of gpt2 and "
                "llama are, and folders with a tokenizer.json"
            )
    except KeyError as error:
        raise GgufError(f"{file.path.name} has no whole tokenizer: {error} is missing") from None
    except GgufError:
        raise
    except Exception as error:  # the library raises plain exceptions
        raise GgufError(f"{file.path.name}: its tokenizer cannot be built: {error}") from error
    names, types = metadata["tokenizer.ggml.tokens"], metadata["tokenizer.ggml.token_type"]
    added = [
        AddedToken(name, special=type_ == _Type.CONTROL, normalized=False)
        for name, type_ in zip(names, types, strict=True)
        if type_ in (_Type.CONTROL, _Type.USER_DEFINED)
    ]
    inner.add_special_tokens([token for token in added if token.special])
    inner.add_tokens([token for token in added if not token.special])
    inner.encode_special_tokens = True
    return inner


def _byte_level(file: GgufFile) -> tokenizers.Tokenizer:
    metadata = file.metadata
    family = metadata["tokenizer.ggml.pre"]
    if family not in CUTTINGS:
        raise GgufError(
            f"{file.path.name}: the tokenizer gpt2/{family} is not supported: how it cuts text is known of "
            f"{', '.join(CUTTINGS)}; a folder with a tokenizer.json can be read whatever it is"
        )
    cutting = CUTTINGS[family]
    merges = metadata["tokenizer.ggml.merges"]
    pairs = [(left, right) for left, _, right in (merge.partition(" ") for merge in merges)]
    vocabulary = _numbered(metadata["tokenizer.ggml.tokens"])
    inner = tokenizers.Tokenizer(
        models.BPE(vocab=vocabulary, merges=pairs, ignore_merges=cutting.whole)
    )
    cuts: list[Any] = []
    if cutting.digits:
        cuts.append(pre_tokenizers.Digits(individual_digits=True))
    if cutting.pattern is not None:
        cuts.append(pre_tokenizers.Split(Regex(cutting.pattern), "isolated"))
    by_gpt2 = cutting.pattern is None
    cuts.append(pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=by_gpt2))
    inner.pre_tokenizer = pre_tokenizers.Sequence(cuts)
    if cutting.composed:
        inner.normalizer = normalizers.NFC()
    inner.decoder = decoders.ByteLevel()
    return inner


def _sentence_pieces(metadata: Mapping[str, Any]) -> tokenizers.Tokenizer:
    names, types = metadata["tokenizer.ggml.tokens"], metadata["tokenizer.ggml.token_type"]
    scores = metadata["tokenizer.ggml.scores"]
    if metadata.get("tokenizer.ggml.precompiled_charsmap"):
        raise GgufError("its tokenizer normalises text by a table that is not known here")
    pieces = {
        name: score
        for name, score, type_ in zip(names, scores, types, strict=True)
        if type_ == _Type.NORMAL
    }
    unknown = metadata.get("tokenizer.ggml.unknown_token_id")
    inner = tokenizers.Tokenizer(
        models.BPE(
            vocab=_numbered(names),
            merges=merges_of(pieces),
            unk_token=None if unknown is None else names[unknown],
            fuse_unk=True,
            byte_fallback=_Type.BYTE in types,
        )
    )
    inner.normalizer = normalizers.Replace(" ", SPACE)
    inner.decoder = decoders.Sequence(
        [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    return inner


def merges_of(pieces: Mapping[str, float]) -> list[tuple[str, str]]:
    """The merges of sentence pieces: what has the higher score is put together first.

    Args:
      pieces: each with its score.

    >>> merges_of({"a": -3.0, "b": -4.0, "ab": -1.0, "aba": -2.0})
    [('a', 'b'), ('ab', 'a')]
    """
    found = [
        (-score, piece[:cut], piece[cut:])
        for piece, score in pieces.items()
        for cut in range(1, len(piece))
        if piece[:cut] in pieces and piece[cut:] in pieces
    ]
    found.sort(key=lambda merge: merge[0])
    return [(left, right) for _, left, right in found]


def _numbered(names: Sequence[str]) -> dict[str, int]:
    numbers = {name: number for number, name in enumerate(names)}
    if len(numbers) < len(names):
        raise GgufError(f"its tokenizer names {len(names) - len(numbers)} tokens twice")
    return numbers
