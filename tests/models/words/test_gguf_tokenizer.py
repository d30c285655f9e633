"""Tokenizers from a GGUF file's metadata, beside those that families ship as JSON and beside definitions."""

import dataclasses
import json
from itertools import pairwise
from pathlib import Path
from random import Random

import llguidance
import pytest
import tokenizers
from tokenizers.pre_tokenizers import ByteLevel

from models.words.gguf_file import GgufError, GgufFile
from models.words.gguf_tokenizer import CUTTINGS, SPACE
from models.words.tokenizer import build_tokenizer

ALPHABET = sorted(ByteLevel.alphabet())
MERGES = [
    "1 2",
    "12 3",
    "T o",
    "To m",
    "Ġ w",
    "o n",
    "Ġw on",
    "Ċ Ċ",
    "e Ì",
    "' s",
    "w on",
    "Ġwon 1",
]
TOKENS = [*ALPHABET, *(m.replace(" ", "") for m in MERGES), "Ġwons", "<end>", "<tool>"]
TEXTS = [
    "Tom won 1234 times.",
    "tom WON\n\n  twice;  he's won",
    "Tom's won12345",
    "e\u0301t\u00e9 won!!\n",
    "<end> is no end, <tool> is one",
    " \t won ",
    "wons wons",
    "",
]
# As the families' own tokenizer.json have it.
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPLIT = {"type": "Split", "behavior": "Isolated", "invert": False}
BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
WORDS = {
    "gpt-2": {**BYTES, "use_regex": True},
    "smollm": {
        "type": "Sequence",
        "pretokenizers": [
            {"type": "Digits", "individual_digits": True},
            {**BYTES, "use_regex": True},
        ],
    },
    "llama-bpe": {
        "type": "Sequence",
        "pretokenizers": [{**SPLIT, "pattern": {"Regex": LLAMA3}}, BYTES],
    },
    "qwen2": {
        "type": "Sequence",
        "pretokenizers": [{**SPLIT, "pattern": {"Regex": LLAMA3.replace("{1,3}", "")}}, BYTES],
    },
}


def gguf(**metadata) -> GgufFile:
    full = {f"tokenizer.ggml.{name}": value for name, value in metadata.items()}
    return GgufFile(Path("tiny.gguf"), full, {})


def byte_level(family: str) -> GgufFile:
    types = [1] * (len(TOKENS) - 2) + [3, 4]
    return gguf(
        model="gpt2", pre=family, tokens=TOKENS, merges=MERGES, token_type=types, eos_token_id=len(TOKENS) - 2
    )  # fmt: skip


def shipped(family: str) -> tokenizers.Tokenizer:
    """The same tokenizer as a family's tokenizer.json would say it."""
    added = [
        {"id": len(TOKENS) - 2 + i, "content": name, "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": name == "<end>"}
        for i, name in enumerate(TOKENS[-2:])
    ]  # fmt: skip
    text = json.dumps(
        {
            "version": "1.0",
            "added_tokens": added,
            "normalizer": {"type": "NFC"} if family == "qwen2" else None,
            "pre_tokenizer": WORDS[family],
            "post_processor": None,
            "decoder": BYTES,
            "model": {
                "type": "BPE",
                "vocab": {name: i for i, name in enumerate(TOKENS)},
                "merges": [m.split(" ") for m in MERGES],
                "ignore_merges": family == "llama-bpe",
            },
        }
    )
    inner = tokenizers.Tokenizer.from_str(text)
    inner.encode_special_tokens = True
    return inner


@pytest.mark.parametrize("family", WORDS)
def test_families_cut_text_as_their_own_tokenizers_do(family):
    ours, theirs = build_tokenizer(byte_level(family)), shipped(family)
    rng = Random(0)
    letters = "Tomwnst123 \n'é\u0301é中.!"
    texts = TEXTS + ["".join(rng.choices(letters, k=24)) for _ in range(200)]
    for text in texts:
        assert ours.encode(text) == theirs.encode(text, add_special_tokens=False).ids, text
        if family != "qwen2":  # which composes characters
            assert ours.decode(ours.encode(text)) == text
    assert ours.eos == TOKENS.index("<end>") and ours.size == len(TOKENS)
    assert llguidance.LLTokenizer(ours.text).vocab_size == len(TOKENS)


@pytest.mark.parametrize(
    ("family", "text", "pieces"),
    [
        ("gpt-2", "Tom won 123", ["Tom", "Ġwon", "Ġ", "123"]),
        ("smollm", "Tom won 123", ["Tom", "Ġwon", "Ġ", "1", "2", "3"]),
        ("llama-bpe", "won1234", ["won", "123", "4"]),
        ("qwen2", "won1234", ["won", "1", "2", "3", "4"]),
        ("llama-bpe", " wons", ["Ġwons"]),  # a token, though no merge makes it
        ("qwen2", " wons", ["Ġwon", "s"]),
        ("llama-bpe", "\n\n", ["ĊĊ"]),
    ],
)
def test_how_families_differ(family, text, pieces):
    assert [TOKENS[t] for t in build_tokenizer(byte_level(family)).encode(text)] == pieces


def test_the_names_of_families_that_are_one():
    assert CUTTINGS["llama3"] is CUTTINGS["llama-bpe"]
    assert build_tokenizer(byte_level("deepseek-r1-qwen")).encode("won12") == build_tokenizer(
        byte_level("qwen2")
    ).encode("won12")


PIECES = {
    "▁Tom": -1.0, "▁won": -2.0, "om": -3.0, "▁w": -4.0, "on": -5.0, "▁T": -6.0, "▁▁": -6.5, "ab": -7.0,
    "ba": -8.0, "aba": -8.5, "abab": -9.0,
    **{c: -20.0 - i for i, c in enumerate("▁Tomwnab.")},
}  # fmt: skip
HEXES = [f"<0x{i:02X}>" for i in range(256)]


def sentence_pieces(**more) -> GgufFile:
    names = ["<unk>", "<s>", "</s>", *HEXES, "<table>", *PIECES]
    types = [2, 3, 3] + [6] * 256 + [4] + [1] * len(PIECES)
    scores = [0.0] * (3 + 256 + 1) + list(PIECES.values())
    metadata = {
        "model": "llama", "tokens": names, "token_type": types, "scores": scores, "unknown_token_id": 0,
        "eos_token_id": 2, **more,
    }  # fmt: skip
    return gguf(**metadata)


def by_definition(text: str) -> list[str]:
    """Sentence pieces: the neighbours whose piece has the highest score are joined, from the left."""
    parts = list(text.replace(" ", SPACE))
    while True:
        pairs = [(PIECES[a + b], -i) for i, (a, b) in enumerate(pairwise(parts)) if a + b in PIECES]
        if not pairs:
            return [h for p in parts for h in ([p] if p in PIECES else _hexes(p))]
        i = -max(pairs)[1]
        parts[i : i + 2] = [parts[i] + parts[i + 1]]


def _hexes(character: str) -> list[str]:
    return [f"<0x{byte:02X}>" for byte in character.encode()]


def test_sentence_pieces_are_joined_by_their_scores():
    file = sentence_pieces()
    ours, names = build_tokenizer(file), file.metadata["tokenizer.ggml.tokens"]
    rng = Random(0)
    texts = [" Tom won.", "Tom won", "  Tom é中 abab", "\nwon"]
    texts += ["".join(rng.choices("Tomwnab. é", k=20)) for _ in range(300)]
    for text in texts:
        tokens = ours.encode(text)
        assert [names[t] for t in tokens] == by_definition(text), text
        assert ours.decode(tokens) == text
    assert [names[t] for t in ours.encode(" Tom won")] == ["▁Tom", "▁won"]


def test_special_pieces():
    ours = build_tokenizer(sentence_pieces())
    assert ours.eos == 2 and ours.eos not in ours.encode("</s>")
    assert ours.decode([*ours.encode("won</s>"), 2]) == "won</s>"
    assert ours.encode("<table>") == [3 + 256]
    read = llguidance.LLTokenizer(ours.text)
    assert read.tokenize_str(" Tom won") == ours.encode(" Tom won")
    assert read.decode_bytes(ours.encode(" Tom 中")) == " Tom 中".encode()


def without(file: GgufFile, name: str) -> GgufFile:
    kept = {k: v for k, v in file.metadata.items() if k != f"tokenizer.ggml.{name}"}
    return dataclasses.replace(file, metadata=kept)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (gguf(), "tokenizers of the kind None are not supported"),
        (gguf(model="t5"), "tokenizers of the kind t5 are not supported"),
        (byte_level("unheard-of"), "gpt2/unheard-of is not supported"),
        (without(byte_level("qwen2"), "merges"), "'tokenizer.ggml.merges' is missing"),
        (without(sentence_pieces(), "scores"), "'tokenizer.ggml.scores' is missing"),
        (without(sentence_pieces(), "eos_token_id"), "does not say which token ends a text"),
        (sentence_pieces(scores=[0.0]), "cannot be built"),
        (sentence_pieces(precompiled_charsmap=[1]), "normalises text by a table"),
        (gguf(model="gpt2", pre="gpt-2", tokens=["a"], merges=["a b"], token_type=[1]), "cannot be built"),
        (gguf(model="gpt2", pre="gpt-2", tokens=["a", "a"], merges=[], token_type=[1, 1]), "twice"),
    ],
)  # fmt: skip
def test_what_cannot_be_built(file, message):
    with pytest.raises(GgufError, match=message):
        build_tokenizer(file)
