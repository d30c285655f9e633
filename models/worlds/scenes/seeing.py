"""A picture as evidence: scenes that explain its pixels, and what was said besides.

Several runs of sequential Monte Carlo, each on its own, lead scenes from a net's proposal to those that
explain the picture (`looking.py`), and from there to those that agree with what was told
(`hearing.py`). Each run's evidence is unbiased, so runs are weighed by it, and what they differ in is
the error of what they say together.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from inference.answer import answer
from inference.lineage import Lineage
from inference.particles import Particles
from models.worlds.scenes.hearing import heard, told_by
from models.worlds.scenes.looking import Look, begin, joined, left_open, look, settled
from models.worlds.scenes.moves import View
from models.worlds.scenes.others import known, unknown
from models.worlds.scenes.pictures import checked, from_file
from models.worlds.scenes.proposal import Proposal, trained
from models.worlds.scenes.renderer import NOISE, PLACES
from models.worlds.scenes.rows import DRAWS, LABELS, decode
from plot.compiler.graph import Node
from plot.compiler.ops import UNIFORM
from plot.errors import ImpossibleEvidence, Unsupported
from plot.posterior import Posterior
from plot.weights import Evidence, effective_size, evidence
from plot.world import Question, World

METHOD = "sequential Monte Carlo from a neural proposal"
BLIND = "sequential Monte Carlo from the prior"
ALL_DRAWS = "(list how-many (map (lambda (p) (list (kind p) (color p) (size p) (across p) (away p))) places))"  # fmt: skip
FEW = 4  # independent runs, under which errors between runs say little


@dataclass(frozen=True)
class SeeingOptions:
    """How scenes are led to a picture.

    Args:
      scenes: of each run.
      runs: that know nothing of each other.
      moves: of each scene after each step.
      last_moves: the same, at the end.
      keep: effective share that a step keeps.
      noise: standard deviation of each channel of each pixel.
      network: whether the net proposes scenes; else the prior does, to compare the net with.
    """

    scenes: int = 64
    runs: int = 8
    moves: int = 30
    last_moves: int = 100
    keep: float = 0.8
    noise: float = NOISE
    network: bool = True

    def __post_init__(self) -> None:
        if self.scenes < 2 or self.moves < 1 or self.runs < 2:
            raise ValueError("seeing takes two runs of two scenes at least, and a move of each")
        if not 0 < self.keep < 1:
            raise ValueError(f"a step keeps a share between 0 and 1, not {self.keep}")
        if not self.noise > 0:
            raise ValueError(f"the noise of pixels is above 0, not {self.noise}")


@dataclass(frozen=True, eq=False)
class Seen:
    """What independent runs found.

    Args:
      runs: those that found scenes.
      tried: how many there were.
    """

    runs: tuple[Look, ...]
    tried: int

    @cached_property
    def shares(self) -> np.ndarray:
        """`[runs]`, by their evidence; they sum to one."""
        logs = np.array([run.log_evidence for run in self.runs])
        weights = np.exp(logs - logs.max())
        return weights / weights.sum()

    @property
    def evidence(self) -> Evidence:
        """Of the picture and what was told, with the larger of two errors.

        One is that between runs. Now and then a few runs agree by chance, and so the other counts the
        scenes that descend from one of the net's draws as one draw.

        Source: Lee and Whiteley, Variance estimation in the particle filter (2018).
        """
        between = evidence(np.array([run.log_evidence for run in self.runs]), self.tried)
        families = 1 / math.sqrt(effective_size(self.ancestry))
        return Evidence(between.log, max(between.error, families))

    @property
    def worth(self) -> float:
        """How many runs of equal evidence these are worth."""
        return effective_size(self.shares)

    @cached_property
    def ancestry(self) -> np.ndarray:
        """The shares of the net's draws that still have descendants, over all runs."""
        parts = []
        for share, run in zip(self.shares, self.runs, strict=True):
            counts = np.unique(run.families, return_counts=True)[1]
            parts.append(share * counts / counts.sum())
        return np.concatenate(parts)

    def particles(self, sites: tuple[Node, ...], rng: np.random.Generator) -> Particles:
        """The scenes as worlds; those of one run are of one family, since they err together."""
        rows = np.concatenate([np.asarray(run.scenes.rows) for run in self.runs])
        rows = _fresh(rows, rng)
        scenes = len(rows) // len(self.runs)
        held = {site: rows[:, i] for i, site in enumerate(sites)}
        logs = np.repeat(np.log(self.shares), scenes)
        return Particles(
            Lineage().updated(held), logs, np.repeat(np.arange(len(self.runs)), scenes)
        )

    def notes(self, options: SeeingOptions) -> tuple[str, ...]:
        """What was approximated, and how far to trust it."""
        who = "the net" if options.network else "the prior"
        said = (
            f"given a picture under noise {options.noise:g} and what was told; {self.tried} independent runs, "
            f"worth {self.worth:.1f} by their evidence, whose scenes descend from "
            f"{len(self.ancestry)} that {who} proposed, worth {effective_size(self.ancestry):.1f}; "
            "errors are those between the runs, that of the evidence at least what so few draws err by"
        )
        if self.worth >= FEW:
            return (said,)
        doubt = (
            f"do not trust the standard errors: by their evidence the {self.tried} runs are worth "
            f"{self.worth:.1f}; look with more scenes or more moves"
        )
        return doubt, said


@dataclass(frozen=True, eq=False)
class Seeing:
    """An engine for static scenes of which a picture was taken; for `Conversation(engine=...)`.

    Args:
      picture: `[34, 62, 3]`, from 0 to 1.
      options: how.
      params: of the net; those that come with the package where not given.

    Raises:
      PictureError: where the picture is none of a table.
    """

    picture: np.ndarray
    options: SeeingOptions = SeeingOptions()
    params: Any = None
    _looked: dict[bytes, tuple[tuple[Look, ...], np.ndarray]] = field(
        default_factory=dict, init=False, repr=False
    )
    _seen: dict[Any, Seen] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "picture", checked(self.picture))
        if self.params is None:
            object.__setattr__(self, "params", trained())

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """The answer given the picture and what was told.

        Args:
          key: the seed.
          question: of a world of static scenes.
          progress: called with the number of times that a scene was moved.

        Raises:
          ImpossibleEvidence: where no scene was found that fits both.
          Unsupported: where the question is about another world.
        """
        sites = sites_of(question.world)
        seen = self.seen(key, question, progress)
        rows_key, key = jax.random.split(jax.random.fold_in(key, 1))
        particles = seen.particles(sites, _numpy(rows_key))
        effects = question.effects.flatten(question.world.session.graph)
        notes = seen.notes(self.options)
        method = METHOD if self.options.network else BLIND
        return answer(
            question, effects, particles, key, method, notes=notes, evidence=seen.evidence
        )

    def seen(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Seen:
        """The runs behind an answer; arguments and errors as for `infer`."""
        sites = sites_of(question.world)
        graph = question.world.session.graph
        flat = question.effects.flatten(graph)
        pieces = tuple(flat.conditions), tuple(flat.factors), tuple(d.guard for d in flat.deaths)
        seed = jax.random.key_data(key).tobytes()
        mark = (id(graph), pieces, seed)
        if mark in self._seen:
            return self._seen[mark]
        look_key, hear_key = jax.random.split(key)
        if seed not in self._looked:
            self._looked[seed] = self._look(look_key, progress)
        (looked, gains), told = self._looked[seed], told_by(question, sites)
        runs = list[Look | None](looked)
        if told is not None:
            keys = jax.random.split(hear_key, len(looked))
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                # What to propose is tried on a neighbour's scenes, so that a run's own stay unbiased.
                others = (*looked[1:], looked[0])
                view, scenes = self._view, self.options.scenes
                runs = list(
                    pool.map(
                        lambda key, run, other: heard(key, view, gains, run, other, told, scenes),
                        keys,
                        looked,
                        others,
                    )
                )
        found = tuple(run for run in runs if run is not None)
        if not found:
            raise ImpossibleEvidence(
                "no scene was found that explains the picture and agrees with what was told",
                None,
                "take back a sentence, look with more scenes, or allow more noise",
            )
        self._seen[mark] = Seen(found, len(runs))
        return self._seen[mark]

    @cached_property
    def _view(self) -> View:
        picture, noise = jnp.asarray(self.picture), jnp.float32(self.options.noise)
        network = self.options.network
        proposal = _proposed(self.params, picture) if network else Proposal.blind()
        return View(picture, proposal, noise, unknown())

    def _look(
        self, key: PRNGKeyArray, progress: Callable[[int], None] | None
    ) -> tuple[tuple[Look, ...], np.ndarray]:
        """The runs, settled, and what the picture leaves open."""
        options, view, moves = self.options, self._view, 0

        def count(more: int) -> None:
            nonlocal moves
            moves += more
            if progress is not None:
                progress(moves)

        def run(key: PRNGKeyArray) -> Look:
            return look(key, view, options.scenes, options.moves, options.keep, count)

        begin(key, view, options.scenes)  # compiles, once for all threads
        keys, last_keys = jax.random.split(key, (2, options.runs))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(pool.map(run, keys))
            gains = np.concatenate(left_open(view, _shown(found), 2 * (os.cpu_count() or 1)))
            last = view._replace(others=known(gains))
            ends = pool.map(
                lambda given: settled(given[0], last, given[1], options.last_moves, count),
                zip(last_keys, found, strict=True),
            )
            return tuple(ends), gains


def look_at(path: str | Path) -> Seeing:
    """An engine for a table of which there is a picture in a file; errors as `pictures.from_file`."""
    return Seeing(from_file(path))


_proposed = jax.jit(Proposal.of)


def _shown(found: list[Look]) -> Array:
    """What a picture shows: of scenes with as many things as most have, the one that explains it best.

    One with a thing more often explains it better still, by what is noise; what is tried beside that
    thing would say nothing of how well it fits itself, and it would not be proposed again.
    """
    scenes, shares = joined([run.scenes for run in found]), Seen(tuple(found), len(found)).shares
    counts = np.asarray(decode(scenes.rows).count)
    usual = np.bincount(counts, np.repeat(shares, len(counts) // len(found))).argmax()
    fit = np.where(counts == usual, np.asarray(scenes.likelihood), -np.inf)
    return scenes.rows[int(fit.argmax())]


def _fresh(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows in which those of places without a thing are drawn anew; moves leave anything there."""
    count = np.asarray(decode(jnp.asarray(rows)).count)
    gone = np.repeat(np.arange(PLACES) >= count[:, None], len(DRAWS), axis=1)
    rows[:, 1:] = np.where(gone, rng.random(gone.shape, np.float32), rows[:, 1:])
    return rows


def _numpy(key: PRNGKeyArray) -> np.random.Generator:
    return np.random.default_rng(np.asarray(jax.random.key_data(key)).tolist())


def sites_of(world: World) -> tuple[Node, ...]:
    """The rows of a world of static scenes, in the order of `LABELS`.

    Raises:
      Unsupported: where the world is another.
    """
    names = {sort.type for sort in world.vocabulary.entities}
    if not {"feature", "group"} <= names:
        raise Unsupported(
            "pictures are evidence about static scenes, and this is another world",
            None,
            'ask of models.worlds.load("scenes")',
        )
    world.ask(ALL_DRAWS)  # draws are sites once something has asked for them
    graph = world.session.graph
    found = {node.label: node for node in graph.nodes if node.op == UNIFORM}
    return tuple(found[label] for label in LABELS)


__all__ = ["METHOD", "Seeing", "SeeingOptions", "Seen", "look_at", "sites_of"]
