"""Makes the reference: tiny random models of each family and what `transformers` computes with them.

    pip install torch transformers
    python tests/models/words/reference/make.py

Each folder holds a model as `transformers` saves it, and `logits.safetensors`: some tokens and the
logits after each, in float32 on a processor. Nothing of this repository is imported here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SHAPE = {
    "vocab_size": 48,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
    "initializer_range": 0.3,
    "bos_token_id": 1,
    "eos_token_id": 0,
    "pad_token_id": 0,
}
STRETCH = {
    "rope_type": "llama3",
    "rope_theta": 10_000.0,
    "factor": 8.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}
TWO_KINDS = {
    "full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1_000_000.0},
    "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
}
BOTH = ["sliding_attention", "full_attention"]
FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("Llama", {"rope_parameters": STRETCH, "tie_word_embeddings": False}),
    "smollm2": ("Llama", {"tie_word_embeddings": True, "rms_norm_eps": 1e-5}),
    "mistral": ("Mistral", {"sliding_window": 8, "head_dim": 8}),
    "qwen2": ("Qwen2", {"tie_word_embeddings": True}),
    "qwen3": ("Qwen3", {"head_dim": 8, "tie_word_embeddings": False}),
    "gemma": ("Gemma", {"head_dim": 8}),
    "gemma2": (
        "Gemma2",
        {
            "head_dim": 8,
            "sliding_window": 8,
            "query_pre_attn_scalar": 12,
            "attn_logit_softcapping": 4.0,
            "final_logit_softcapping": 5.0,
            "layer_types": BOTH,
        },
    ),
    "gemma3": (
        "Gemma3Text",
        {
            "head_dim": 8,
            "sliding_window": 8,
            "query_pre_attn_scalar": 12,
            "layer_types": BOTH,
            "rope_parameters": TWO_KINDS,
        },
    ),
}
LENGTH = 40


def build(name: str) -> tuple[Any, Any, Any]:
    """A tiny random model of a family, tokens `[1, time]`, and the logits after each."""
    import torch
    import transformers

    kind, own = FAMILIES[name]
    base = kind.removesuffix("Text")
    config = getattr(transformers, f"{kind}Config")(**{**SHAPE, **own})
    torch.manual_seed(sum(map(ord, name)))
    model = getattr(transformers, f"{base}ForCausalLM")._from_config(
        config, attn_implementation="eager"
    )
    with torch.no_grad():
        for each in model.parameters():
            if each.ndim == 1:  # norms and biases, which begin all alike
                each.add_(0.3 * torch.randn_like(each))
    model.eval()
    tokens = torch.randint(1, SHAPE["vocab_size"], (1, LENGTH))
    with torch.no_grad():
        return model, tokens, model(tokens).logits


def main() -> None:
    """Write every family's folder."""
    from safetensors.torch import save_file

    for name in FAMILIES:
        model, tokens, logits = build(name)
        model.save_pretrained(HERE / name)
        (HERE / name / "generation_config.json").unlink(missing_ok=True)
        save_file(
            {"tokens": tokens[0], "logits": logits[0].contiguous()},
            HERE / name / "logits.safetensors",
        )
        kept = json.loads((HERE / name / "config.json").read_text())
        print(name, kept["model_type"], float(logits.std()))


if __name__ == "__main__":
    main()
