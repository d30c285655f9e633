"""What XLA has compiled, kept on disk for the next process."""

from __future__ import annotations

import jax
from jax.experimental.compilation_cache import compilation_cache

from plot.cached.folder import MOST_BYTES, cache_folder, caching

WORTH_SECONDS = 0.5  # of compilation from which on its result is kept
_done = False


def keep_compilations() -> None:
    """Let JAX keep what takes long to compile, unless the user has said where, or has said no.

    `PLOTLINE_CACHE=off` says no; JAX's own `jax_compilation_cache_dir` says where.
    """
    global _done
    if _done:
        return
    _done = True
    if jax.config.jax_compilation_cache_dir is None and caching():
        jax.config.update("jax_compilation_cache_dir", str(cache_folder("compiled")))
        jax.config.update("jax_compilation_cache_max_size", MOST_BYTES)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", WORTH_SECONDS)
        compilation_cache.reset_cache()  # JAX looks once, at the first compilation
