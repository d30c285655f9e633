"""Programs as functions of other systems: JAX, GenJAX, NumPyro."""

from plot.exports.genjax import as_genjax
from plot.exports.jax_function import JaxFunction, Outcome, as_jax
from plot.exports.numpyro import as_numpyro

__all__ = ["JaxFunction", "Outcome", "as_genjax", "as_jax", "as_numpyro"]
