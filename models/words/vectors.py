"""Sentences as vectors: the mean of their tokens' embeddings in a language model.

The model itself need not be run. On hand-written sentences of five worlds these vectors found examples
of the same construct more often than the mean of the model's last states did (among 6 found, 87 % had
one, against 77 %; chance 33 %).

Sources: Arora, Liang and Ma 2017 (means of word vectors); Mu and Viswanath 2018 (the common mean taken
off).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Float32

from models.words.model import LanguageModel


def mean_embeddings(
    model: LanguageModel, texts: Sequence[str]
) -> Float32[np.ndarray, "texts width"]:
    """The mean of the embeddings of each text's tokens.

    Args:
      model: whose embeddings.
      texts: any.

    Returns:
      [texts, width]; zeros for a text without tokens.

    Example:
      mean_embeddings(embedded(), ["Tom won.", "Ann lost."]).shape  # (2, 576)
    """
    out = np.zeros((len(texts), model.llama.config.width), np.float32)
    for row, text in enumerate(texts):
        if tokens := model.tokenizer.encode(text):
            found = model.llama.embedding[...][np.asarray(tokens)]
            out[row] = np.asarray(found, np.float32).mean(axis=0)
    return out


def centred(
    vectors: Float[np.ndarray, "texts width"], around: Float[np.ndarray, "others width"]
) -> Float[np.ndarray, "texts width"]:
    """Vectors of length one, once the mean of some texts is taken off: products are cosines.

    Args:
      vectors: [texts, width].
      around: [others, width], the texts whose mean is taken off.
    """
    moved = vectors - around.mean(axis=0, keepdims=True)
    length = np.linalg.norm(moved, axis=1, keepdims=True)
    return np.divide(moved, length, out=np.zeros_like(moved), where=length > 0)
