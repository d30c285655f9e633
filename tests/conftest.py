"""Shapes in signatures are enforced while tests run; figures need no screen."""

import os

import jax
import pytest
from jaxtyping import install_import_hook

os.environ.setdefault("MPLBACKEND", "Agg")

# Before anything of these rooms is imported: annotations of arrays are checked at every call.
_HOOK = install_import_hook(
    ["plot.backends", "inference.resampling", "inference.tokens", "models.words"],
    "beartype.beartype",
)


@pytest.fixture
def key():
    """A fixed seed."""
    return jax.random.key(20230622)
