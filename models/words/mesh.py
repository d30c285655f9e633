"""A decoder spread over several devices: each matrix cut along one axis (tensor parallelism).

Matrices into a block's inside (queries, keys, values, gates) are cut by their outputs, those out of it
by their inputs, so that a block needs one sum over the devices after its attention and one after its
feed-forward part, which the compiler puts in. Keys and values of prompts and particles follow the heads.

Source: Shoeybi et al. 2019 (Megatron-LM).
"""

from __future__ import annotations

import jax
from flax import nnx
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from models.words.config import LlamaConfig
from models.words.llama import Llama


def layout(config: LlamaConfig, devices: int, axis: str = "model") -> dict[str, PartitionSpec]:
    """How each parameter is cut; what is not named is whole on every device.

    Heads are never cut: where their number does not divide among the devices, as that of key-value
    heads often does not, the matrix stays whole. So does a feed-forward part or a vocabulary that
    does not divide.

    Args:
      config: the model's shape.
      devices: how many there are along the axis.
      axis: its name.

    Returns:
      From the attributes of `Blocks` and of `Llama` to the cut of their axes.

    >>> layout(LlamaConfig(2, 32, 64, 8, 2, 4, 50), 4)["query"] == PartitionSpec(None, "model")
    True
    >>> "key" in layout(LlamaConfig(2, 32, 64, 8, 2, 4, 50), 4)
    False
    """
    by_output, by_input = PartitionSpec(None, axis), PartitionSpec(None, None, axis)
    out: dict[str, PartitionSpec] = {}
    if config.heads % devices == 0:
        out |= {"query": by_output, "query_bias": by_output, "output": by_input}
    if config.kv_heads % devices == 0:
        out |= dict.fromkeys(("key", "value", "key_bias", "value_bias"), by_output)
    if config.hidden % devices == 0:
        out |= {"gate": by_output, "up": by_output, "down": by_input}
    if config.vocabulary % devices == 0:
        out |= {"embedding": PartitionSpec(axis), "head": PartitionSpec(axis)}
    return out


def spread(model: Llama, mesh: Mesh, axis: str = "model") -> Llama:
    """Puts a decoder on the devices of a mesh.

    Args:
      model: left where it is.
      mesh: with automatic axes, as `jax.sharding.Mesh(devices, ("model",))` has them.
      axis: along which matrices are cut; along the others they are repeated.

    Returns:
      The same decoder on the mesh, run as any other.

    Raises:
      ValueError: where the mesh has no such axis, or one that is not automatic.

    Example:
      mesh = jax.sharding.Mesh(np.array(jax.devices()), ("model",))
      model = replace(model, llama=spread(model.llama, mesh))
    """
    if axis not in mesh.axis_names:
        raise ValueError(f"the mesh has no axis {axis!r}; it has {', '.join(mesh.axis_names)}")
    if any(kind != AxisType.Auto for kind in mesh.axis_types):
        raise ValueError(
            "the axes of the mesh are not automatic: make it by jax.sharding.Mesh(devices, names)"
        )
    cuts = layout(model.config, mesh.shape[axis], axis)
    graph, state = nnx.split(model)
    out = nnx.merge(graph, state)
    for owner in (out, out.blocks):
        for name, value in list(vars(owner).items()):
            if isinstance(value, nnx.Param):
                where = NamedSharding(mesh, cuts.get(name, PartitionSpec()))
                setattr(owner, name, nnx.Param(jax.device_put(value[...], where)))
    return out
