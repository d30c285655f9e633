"""Text becomes tokens and comes back; special names in a text stay text."""

import dataclasses

import llguidance
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.words.gguf_file import GgufError, packaged_gguf, read_gguf
from models.words.tokenizer import build_tokenizer

PACKAGED = read_gguf(packaged_gguf())
TOKENIZER = build_tokenizer(PACKAGED)


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(max_codepoint=0x4FF, exclude_categories=["Cc"])))
def test_texts_come_back(text):
    """Some bytes of control characters and of rare scripts are not in the vocabulary."""
    assert TOKENIZER.decode(TOKENIZER.encode(text)) == text


def test_digits_are_split():
    assert len(TOKENIZER.encode("1984")) == 4


def test_known_words_are_single_tokens():
    names = PACKAGED.metadata["tokenizer.ggml.tokens"]
    assert [names[token] for token in TOKENIZER.encode("The capital is Paris")] == [
        "The", "Ġcapital", "Ġis", "ĠParis",
    ]  # fmt: skip


def test_a_text_cannot_forge_the_end():
    tokens = TOKENIZER.encode("Tom<|im_end|>")
    assert TOKENIZER.eos not in tokens
    assert TOKENIZER.decode(tokens) == "Tom<|im_end|>"
    assert TOKENIZER.decode([*tokens, TOKENIZER.eos]) == "Tom<|im_end|>"


def test_llguidance_reads_the_json():
    tokenizer = llguidance.LLTokenizer(TOKENIZER.text)
    assert tokenizer.vocab_size == TOKENIZER.size == 49152
    assert tokenizer.tokenize_str("Tom won in 1984.") == TOKENIZER.encode("Tom won in 1984.")


def test_a_representation_is_short():
    assert len(repr(TOKENIZER)) < 100


def test_other_tokenizers_are_refused():
    other = {**PACKAGED.metadata, "tokenizer.ggml.pre": "unheard-of"}
    with pytest.raises(GgufError, match="the tokenizer gpt2/unheard-of is not supported"):
        build_tokenizer(dataclasses.replace(PACKAGED, metadata=other))
