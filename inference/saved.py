"""Beliefs on disk: a safetensors file with the world model's source, what was told, and the worlds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_bytes

from inference.lineage import Lineage
from inference.particles import Particles
from inference.report import Report
from inference.sequential import Sequential
from inference.targets import Way, evidence
from plot.compiler.graph import Graph, Node
from plot.compiler.ops import NORMAL, UNIFORM
from plot.errors import PlotError
from plot.files import write_whole
from plot.printer import write
from plot.world import World

if TYPE_CHECKING:
    from inference.belief import Belief

FORMAT = "plotline belief 1"
TOLERANCE = 1e-3  # of a log weight that is worked out again, on another machine perhaps


class BeliefFileError(PlotError):
    """A file that is no belief, or not a whole one, or that of another world model."""


def save(belief: Belief, path: Path) -> None:
    """Write a belief to a file that appears whole or not at all.

    Args:
      belief: what to keep; the beliefs before it are not kept.
      path: the file, replaced where it is there.

    Raises:
      OSError: where it cannot be written.
    """
    world, particles = belief.world, belief.particles
    labels = {site: world.session.graph.sites[_index(site)].label for site in particles.rows}
    header = {
        "format": FORMAT,
        "model": "\n".join(write(t) for t in world.trees[: len(world.trees) - len(world.told)]),
        "told": world.told,
        "names": {e.type: e.names for e in world.vocabulary.entities},
        "sites": list(labels.values()),
        "log_evidence": particles.log_evidence,
        "resamplings": particles.resamplings,
        "key": np.asarray(jax.random.key_data(belief.key)).tolist(),
        "reports": [report.to_json() for report in belief.reports],
    }
    rows = list(particles.rows.values())
    tensors = {
        "rows": np.stack(rows) if rows else np.zeros((0, particles.worlds), np.float32),
        "log_weights": particles.log_weights,
        "families": particles.families,
        "targets": _targets(world, particles),
    }
    write_whole(path, to_bytes(tensors, {"plotline": json.dumps(header)}))


def load(path: Path, options: Sequential | None = None) -> Belief:
    """Read a belief back; its world model is evaluated again and must give the worlds the same weight.

    Args:
      path: a file that `save` wrote.
      options: how it follows what it is told; the standard ones where not given.

    Raises:
      BeliefFileError: where the file is damaged, is no belief, or the model means something else now.
      OSError: where it cannot be read.
    """
    from inference.belief import Belief

    header, tensors = _read(path)
    try:
        world = World.from_source(header["model"], path.name)
        for sort, names in header["names"].items():
            world = world.mention(sort, tuple(names))
        for sentence in header["told"]:
            world = world.tell(sentence)
        nodes = _sites(world.session.graph)
        rows = dict(zip([nodes[label] for label in header["sites"]], tensors["rows"], strict=True))
        particles = Particles(
            Lineage(rows),
            tensors["log_weights"],
            tensors["families"],
            float(header["log_evidence"]),
            int(header["resamplings"]),
        )
        key = jax.random.wrap_key_data(jnp.asarray(header["key"], jnp.uint32))
        reports = tuple(Report.from_json(report) for report in header["reports"])
        same = np.allclose(_targets(world, particles), tensors["targets"], TOLERANCE, TOLERANCE)
    except (KeyError, TypeError, ValueError, AttributeError, PlotError) as error:
        raise BeliefFileError(f"{path.name} is no whole belief of this version: {error}") from error
    if not same:
        raise BeliefFileError(
            f"{path.name} was made when its world model meant something else: its worlds have other "
            "weights now",
            hint="tell its sentences to a new belief",
        )
    options = options or Sequential(worlds=particles.worlds)
    return Belief(world, particles, options, key, None, reports)


def _read(path: Path) -> tuple[dict, dict[str, np.ndarray]]:
    try:
        with safe_open(path, framework="numpy") as file:
            header = json.loads((file.metadata() or {}).get("plotline", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, json.JSONDecodeError) as error:
        raise BeliefFileError(f"{path.name} is not a whole safetensors file: {error}") from None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise BeliefFileError(
            f"{path.name} is no belief of this version", hint=f"its format should be {FORMAT!r}"
        )
    worlds = tensors.get("log_weights", np.zeros(0)).shape
    shapes = {"log_weights": worlds, "families": worlds, "targets": worlds}
    shapes["rows"] = (len(header.get("sites", ())), *worlds)
    if {name: x.shape for name, x in tensors.items()} != shapes or worlds == (0,):
        raise BeliefFileError(f"{path.name} holds arrays that do not fit each other")
    return header, tensors


def _targets(world: World, particles: Particles) -> np.ndarray:
    """`[worlds]`, the log weight of all that was told; zero for worlds that have no weight."""
    graph = world.session.graph
    way = Way(graph, None, evidence(graph, world.effects, particles.rows))
    rows = dict(particles.rows)
    rows |= way.end.draw(rows, jax.random.key(0), particles.worlds)
    logs = way.arrived(way.end.tiles(rows, particles.worlds), particles.worlds)
    return np.where(np.isfinite(particles.log_weights), logs, 0.0)


def _sites(graph: Graph) -> dict[str, Node]:
    found = [n for n in graph.nodes if n.op in (UNIFORM, NORMAL)]
    return {graph.sites[_index(n)].label: n for n in found}


def _index(site: Node) -> int:
    index = site.args[0]
    assert isinstance(index, int)
    return index
