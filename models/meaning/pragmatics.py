"""Pragmatic reading: a speaker who chose these words could have chosen others.

A literal listener reads a sentence as the translator does, and takes it to be true. A speaker prefers
sentences by which a literal listener finds what is meant, and short ones. A pragmatic listener reads
what such a speaker would have meant: `some` comes to say `not all`.

Sources: Frank and Goodman 2012 (rational speech acts); Goodman and Frank 2016 (costs, rationality);
Bergen, Levy and Goodman 2016 (uncertainty about what a sentence means).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import PRNGKeyArray

from inference import Engine
from models.meaning.normal import normal
from models.meaning.translate import Reading, Readings
from plot.errors import PlotError
from plot.printer import write
from plot.syntax import Form, Literal, Symbol, Tree
from plot.world import World

_SCALES = (("any", "all"), ("or", "and"), ("some", "every"))


@dataclass(frozen=True)
class Pragmatic:
    """How rational speakers are taken to be.

    Args:
      rationality: 0 chooses words at random; the larger, the more surely the best ones.
      cost: of a word, in nats.
      alternatives: at most so many other expressions, or sentences, are weighed against what was said.
    """

    rationality: float = 1.0
    cost: float = 0.1
    alternatives: int = 6

    def __post_init__(self) -> None:
        if self.rationality < 0 or self.cost < 0 or self.alternatives < 1:
            raise ValueError(
                f"rationality and cost are 0 or more, and one alternative is needed at least: {self}"
            )


def speaker(literal: np.ndarray, costs: np.ndarray, options: Pragmatic = Pragmatic()) -> np.ndarray:
    """How probable each sentence is for a speaker who means something.

    Args:
      literal: `[sentences, meanings]`, the literal listener: each row sums to 1, or is 0 where a
        sentence says nothing.
      costs: `[sentences]`, in nats.
      options: how rational.

    Returns:
      `[sentences, meanings]`, each column sums to 1; a column is 0 where no sentence can say it.

    >>> import numpy as np
    >>> some_all = np.array([[1 / 2, 1 / 2], [0, 1]])  # of the worlds `some but not all` and `all`
    >>> speaker(some_all, np.zeros(2)).round(3).tolist()
    [[1.0, 0.333], [0.0, 0.667]]
    """
    literal, costs = np.asarray(literal, float), np.asarray(costs, float)
    if literal.ndim != 2 or costs.shape != literal.shape[:1] or (literal < 0).any():
        raise ValueError("`literal` is [sentences, meanings] and not negative, `costs` [sentences]")
    with np.errstate(divide="ignore"):
        scores = options.rationality * np.log(literal) - costs[:, None]
    scores = np.where(literal > 0, scores, -np.inf)
    top = scores.max(axis=0, keepdims=True)
    weights = np.exp(scores - np.where(np.isfinite(top), top, 0))
    total = weights.sum(axis=0, keepdims=True)
    return np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)


def listener(
    literal: np.ndarray, prior: np.ndarray, costs: np.ndarray, options: Pragmatic = Pragmatic()
) -> np.ndarray:
    """What a pragmatic listener takes each sentence to mean.

    Args:
      literal, costs, options: as for `speaker`.
      prior: `[meanings]`, how probable each is to be meant at all.

    Returns:
      `[sentences, meanings]`, each row sums to 1.

    >>> import numpy as np
    >>> some_all = np.array([[1 / 2, 1 / 2], [0, 1]])
    >>> listener(some_all, np.full(2, 1 / 2), np.zeros(2))[0].round(3).tolist()
    [0.75, 0.25]
    """
    joint = speaker(literal, costs, options) * np.asarray(prior, float)
    total = joint.sum(axis=1, keepdims=True)
    return np.divide(joint, total, out=np.zeros_like(joint), where=total > 0)


def reread(
    readings: Readings,
    say: Callable[[Tree], str],
    translate: Callable[[str], Readings],
    options: Pragmatic = Pragmatic(),
) -> Readings:
    """Readings weighed anew: who meant one of them might have said it otherwise.

    The sentences that a speaker could choose among are the one that was said and, for each of the first
    readings, the plain sentence that says it. Only readings of the kind of the best one are weighed.

    Args:
      readings: of the sentence that was said.
      say: an expression in plain English, such as `Speaker.say`.
      translate: the readings of another sentence.
      options: how rational.
    """
    kind = readings.best.kind
    mine = [r for r in readings.readings if r.kind is kind][: options.alternatives]
    if len(mine) < 2:
        return readings
    shares = [{normal(r.tree): r.probability for r in readings.readings}]
    lengths = [len(readings.sentence.split())]
    for sentence in dict.fromkeys(say(r.tree) for r in mine):
        try:
            found = translate(sentence)
        except PlotError:  # what cannot be read is no choice of the speaker
            continue
        shares.append({normal(r.tree): r.probability for r in found.readings})
        lengths.append(len(sentence.split()))
    literal = np.array([[row.get(normal(r.tree), 0.0) for r in mine] for row in shares])
    costs = options.cost * np.array(lengths)
    # Before it is said each of the candidates is as likely to be meant.
    found = listener(literal, np.full(len(mine), 1 / len(mine)), costs, options)[0]
    held = sum(r.probability for r in mine)
    weighed = [replace(r, probability=held * float(p)) for r, p in zip(mine, found, strict=True)]
    others = [r for r in readings.readings if r not in mine]
    return replace(
        readings, readings=tuple(sorted((*weighed, *others), key=lambda r: -r.probability))
    )


def alternatives(tree: Tree, options: Pragmatic = Pragmatic()) -> tuple[Tree, ...]:
    """Statements that could have been made instead: one word changed for its neighbour on a scale.

    Args:
      tree: `(condition …)`.
      options: how many at most.

    >>> from plot.reader import read_one
    >>> some = read_one("(condition (any (lambda (x) (tall x)) people))")
    >>> [write(t) for t in alternatives(some)]
    ['(condition (all (lambda (x) (tall x)) people))']
    """
    found = []
    for weak, strong in _SCALES:
        for old, new in ((weak, strong), (strong, weak)):
            found += _changed(tree, old, new)
    return tuple(found[: options.alternatives])


def _changed(tree: Tree, old: str, new: str) -> list[Tree]:
    """Trees in which one form's head is another, wherever it is the old one."""
    if not isinstance(tree, Form) or tree.head == "quote":
        return []
    out: list[Tree] = []
    if tree.head == old:
        out.append(Form((Symbol(new), *tree.items[1:])))
    for i, part in enumerate(tree.items):
        for changed in _changed(part, old, new):
            out.append(Form((*tree.items[:i], changed, *tree.items[i + 1 :])))
    return out


def spoken_share(
    world: World,
    reading: Reading,
    engine: Engine,
    key: PRNGKeyArray,
    options: Pragmatic = Pragmatic(),
) -> Tree:
    """How probable it is in each world that a speaker who knows it makes a statement, as an expression.

    The statement competes with its alternatives; how much each tells a literal listener is measured in
    the world so far. Where nothing can be said instead, it is 1 in worlds in which it is true.

    Args:
      world: before it is told.
      reading: a statement.
      engine: for the probabilities of the statements.
      key: its seed.
      options: how rational, and how many alternatives.

    Returns:
      An expression for a number from 0 to 1.
    """
    assert isinstance(reading.tree, Form)
    weights: list[tuple[Tree, float]] = []
    for tree in (reading.tree, *alternatives(reading.tree, options)):
        assert isinstance(tree, Form)
        try:
            chance = engine.infer(key, world.ask(tree[1])).probability(True).value
        except PlotError:  # it cannot be said here
            chance = 0.0
        if chance > 0:
            cost = options.cost * len(write(tree).split())
            weights.append((tree[1], -options.rationality * math.log(chance) - cost))
        elif not weights:  # too rare to say how much it tells
            break
    if not weights:
        return Form((Symbol("if"), reading.tree[1], Literal(1), Literal(0)))
    top = max(w for _, w in weights)
    terms = [
        Form((Symbol("if"), body, Literal(math.exp(w - top)), Literal(0))) for body, w in weights
    ]
    others = Form((Symbol("+"), *terms)) if len(terms) > 1 else terms[0]
    share = Form((Symbol("/"), Literal(math.exp(weights[0][1] - top)), others))
    return Form((Symbol("if"), weights[0][0], share, Literal(0)))
