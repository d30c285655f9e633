"""Run by `test_mesh` with eight devices: a decoder on one of them and on all."""

import json
import sys

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from models.words.config import LlamaConfig
from models.words.llama import Llama, forward
from models.words.mesh import spread
from models.words.model import LanguageModel

WHOLE = LlamaConfig(
    2, 32, 48, 8, 8, 8, 64, has_bias=True, has_head_norms=True, tied=False, context=512
)
FEW_KEYS = LlamaConfig(2, 32, 48, 8, 2, 8, 65, context=512)


def main() -> None:
    mesh = jax.sharding.Mesh(np.array(jax.devices()), ("model",))
    out = {"devices": len(jax.devices())}
    for name, config in (("whole", WHOLE), ("few_keys", FEW_KEYS)):
        one = Llama(config, rngs=nnx.Rngs(0), dtype=jnp.float32)
        all_ = spread(one, mesh)
        tokens = jax.random.randint(jax.random.key(0), (2, 20), 1, config.vocabulary)
        plain, over = (np.asarray(jax.jit(forward)(m, tokens)) for m in (one, all_))
        found = []
        for llama in (one, all_):
            model = LanguageModel(llama, None, "tiny")  # type: ignore[arg-type]
            prefix = model.prefix(tokens[0, :9].tolist())
            state, _ = model.start(prefix, particles=3)
            state, _ = model.advance(state, np.array([[5, 6], [5, 7], [8, 9]]), np.array([2, 1, 2]))
            state = model.gather(state, np.array([0, 0, 2]))
            state, logits = model.advance(state, np.array([[1], [2], [3]]), np.ones(3, int))
            found.append((np.asarray(logits), model.score(prefix, [[5, 6, 7], [8]])))
        out[name] = {
            "forward": float(np.abs(plain - over).max()),
            "size": float(np.abs(plain).max()),
            "particles": float(np.abs(found[0][0] - found[1][0]).max()),
            "scores": float(np.abs(found[0][1] - found[1][1]).max()),
            "query": all_.blocks.query[...].addressable_shards[0].data.shape,
            "down": all_.blocks.down[...].addressable_shards[0].data.shape,
            "key": all_.blocks.key[...].addressable_shards[0].data.shape,
            "embedding": all_.embedding[...].addressable_shards[0].data.shape,
        }
    json.dump(out, sys.stdout)


if __name__ == "__main__":
    main()
