"""Which experiments there are: name, module, and one line; modules are imported only when run."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from experiments.errors import UsageError


@dataclass(frozen=True)
class Entry:
    """An experiment that can be run by name.

    Args:
      module: holds `DESCRIPTION: str` and `main(argv: list[str]) -> int`.
      description: one line for the list.
    """

    module: str
    description: str


EXPERIMENTS: dict[str, Entry] = {
    "tug_of_war": Entry(
        "experiments.tug_of_war",
        "sentences about a tug-of-war become evidence, and the answers meet the paper's figures",
    ),
    "ping_pong": Entry(
        "experiments.ping_pong",
        "20 tournaments of Ping Pong in Church: the model's judgements against people's",
    ),
    "kinship": Entry(
        "experiments.kinship",
        "a family told and asked about in English: exact answers, particles, and likely family trees",
    ),
    "lunch": Entry(
        "experiments.lunch",
        "people plan where to have lunch, are watched, and believe what is not so; told in English",
    ),
    "collisions": Entry(
        "experiments.collisions",
        "one ball pushed against another: speeds after the collision, and what would have been",
    ),
    "proposals": Entry(
        "experiments.proposals",
        "a network reads who beat whom and proposes worlds: effective worlds with it and without",
    ),
    "vae": Entry(
        "experiments.vae",
        "a variational autoencoder of handwritten digits: bounds, digits drawn again, digits made up",
    ),
    "air": Entry(
        "experiments.air",
        "attend, infer, repeat: counts the digits of pictures, with five estimators of the gradient",
    ),
    "cone": Entry(
        "experiments.variational.cone",
        "guides fitted to a ring-shaped posterior with the objectives of programmable inference",
    ),
    "coin": Entry(
        "experiments.variational.coin",
        "the weight of a coin: a beta guide against the exact posterior",
    ),
    "regression": Entry(
        "experiments.variational.regression",
        "a Bayesian regression: normal guides against the exact posterior",
    ),
    "train_translator": Entry(
        "experiments.train_translator",
        "trains the adapter that turns sentences into expressions",
    ),
    "translation": Entry(
        "experiments.translation",
        "hand-written sentences: how many are read right, and whether confidence can be believed",
    ),
    "translation_scaling": Entry(
        "experiments.translation_scaling",
        "accuracy against particles and cost: particle filters, best of N and beam search",
    ),
    "scenes": Entry(
        "experiments.scenes",
        "a table that is spoken of and seen: answers beside exact counts, and what hides behind a box",
    ),
    "bench": Entry(
        "experiments.bench",
        "speed beside peers, measured in one run (`bench plot`: the language and its back ends)",
    ),
}


def description(name: str) -> str:
    """The line that describes an experiment.

    >>> description("bench").startswith("speed beside peers")
    True
    """
    return EXPERIMENTS[name].description


def find(name: str) -> Entry:
    """The entry of a name.

    Raises:
      UsageError: where there is none, with the nearest name as a hint.

    >>> find("ping_pong").module
    'experiments.ping_pong'
    """
    if name in EXPERIMENTS:
        return EXPERIMENTS[name]
    near = get_close_matches(name.replace("-", "_"), EXPERIMENTS, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(EXPERIMENTS)}"
    raise UsageError(f"there is no experiment called {name!r}; {hint}")


def load(name: str) -> Callable[[list[str]], int]:
    """The `main` of an experiment, its module imported now.

    Raises:
      UsageError: where there is no such experiment, or its module is not part of this checkout.
    """
    entry = find(name)
    try:
        return importlib.import_module(entry.module).main
    except ModuleNotFoundError as missing:
        if missing.name != entry.module:
            raise
        raise UsageError(f"the experiment {name} is not part of this checkout") from missing
