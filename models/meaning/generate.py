"""Training pairs: sentences and the fragments that they mean, in worlds shown by a prompt.

Two thirds of the groups are about the domains, the others about the tug-of-war and, more often,
about worlds invented at random, so that reading the prompt matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from models.meaning.corpus import (
    attribute_clauses,
    attribute_questions,
    attributes,
    invented,
    matches,
    tugofwar,
    turns,
)
from models.meaning.corpus.clause import (
    Clause,
    Predicate,
    Sort,
    all_of,
    joined,
    named,
    of_those,
    quantified,
    restricted,
    wh,
)
from models.meaning.corpus.domains import GROUPS
from models.meaning.corpus.framing import ask, case, mark, state
from models.meaning.corpus.invented_sorts import worded
from models.meaning.corpus.matches import split_teams
from models.meaning.corpus.offtopic import offtopic
from models.meaning.corpus.world import World
from models.meaning.prompt import continuation, prefix
from models.words.finetune import Example
from plot.vocabulary import Vocabulary

UNCLEAR = "(unclear)"
TURNED = 0.3  # share of the pairs that are tried to be put in another turn of phrase
JOINED = 0.1  # that are tried to be joined with the one before
CASUAL = 0.07  # typed in a hurry


@dataclass(frozen=True)
class Mix:
    """What the pairs are about.

    Attributes:
      domains: share of the groups that are about a world of `corpus.domains`.
      weights: how much more often one of these worlds is chosen than a world not named, by name.
      tug: share of the other groups that are about the tug-of-war; the rest is invented.
      many: the fewest and the most pairs that share a prompt.

    Raises:
      ValueError: where a name is not a world of `corpus.domains`, or a number is out of range.
    """

    domains: float = 0.65
    weights: Mapping[str, float] = field(default_factory=dict)
    tug: float = 0.4
    many: tuple[int, int] = (12, 30)

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.weights) - set(GROUPS)):
            raise ValueError(f"no pairs are about {unknown[0]!r}: choose from {', '.join(GROUPS)}")
        if not (0 <= self.domains <= 1 and 0 <= self.tug <= 1):
            raise ValueError(f"shares lie between 0 and 1: domains {self.domains}, tug {self.tug}")
        if min(self.weights.values(), default=1) <= 0 or not 1 <= self.many[0] <= self.many[1]:
            raise ValueError(f"weights and numbers are above 0: {dict(self.weights)}, {self.many}")


@dataclass(frozen=True)
class Pair:
    """A sentence, its fragment, and the world it belongs to."""

    sentence: str
    fragment: str
    vocabulary: Vocabulary


def examples(seed: int, mix: Mix = Mix()) -> Iterator[Example]:
    """Endless training examples, the same for the same seed and mix.

    Args:
      seed: any integer.
      mix: what they are about.

    >>> next(examples(1)) == next(examples(1))
    True
    """
    for vocabulary, pairs in worlds(seed, mix):
        yield Example(
            prefix(vocabulary), tuple((continuation(p.sentence), p.fragment) for p in pairs)
        )


def pairs(seed: int) -> Iterator[Pair]:
    """The same sentences and fragments one by one, unpacked."""
    for _, group in worlds(seed):
        yield from group


def worlds(seed: int, mix: Mix = Mix()) -> Iterator[tuple[Vocabulary, list[Pair]]]:
    """Vocabularies, each with pairs about it."""
    rng = Random(seed)
    domains = sorted(GROUPS)
    weights = [mix.weights.get(name, 1.0) for name in domains]
    while True:
        wanted = rng.randint(*mix.many)
        if rng.random() < mix.domains:
            vocabulary, made = GROUPS[rng.choices(domains, weights)[0]](rng, wanted)
            yield vocabulary, _phrased(rng, made, vocabulary)
            continue
        world = tugofwar.world(rng) if rng.random() < mix.tug else invented.world(rng)
        if not world.attributes and not world.patterns:
            continue
        made = [_pair(rng, world) for _ in range(wanted)]
        made = [(_worded(world, text), means) for text, means in made]
        yield world.vocabulary, _phrased(rng, made, world.vocabulary)


def _worded(world: World, text: str) -> str:
    said = worded(world, text)
    return said[:1].upper() + said[1:] if text[:1].isupper() else said


def _phrased(rng: Random, made: list[tuple[str, str]], vocabulary: Vocabulary) -> list[Pair]:
    """The pairs of a group, some of them in other turns of phrase."""
    out: dict[str, Pair] = {}
    stated = [said for said in made if said[1].startswith("(condition ")]
    for said in made:
        now, roll = said, rng.random()
        if roll < TURNED:
            now = turns.turned(rng, said, vocabulary) or said
        elif roll < TURNED + JOINED and said in stated:
            now = turns.both(rng, rng.choice(stated), said) or said
        if rng.random() < CASUAL and now[1] != UNCLEAR:
            now = turns.casual(rng, now)
        out[now[0]] = Pair(*now, vocabulary)
    return list(out.values())


def _pair(rng: Random, world: World) -> tuple[str, str]:
    if rng.random() < 0.095:
        return case(rng, _unclear(rng, world)), UNCLEAR
    if rng.random() < 0.52:
        clause = _clause(rng, world)
        if rng.random() < 0.13:
            clause = _two(rng, clause, _clause(rng, world))
        return state(rng, clause), f"(condition {clause.means})"
    text, means = _question(rng, world)
    return text, f"(query {means})"


def _unclear(rng: Random, world: World) -> str:
    sort = world.attributes[0][1] if world.attributes else world.patterns[0].sort
    if rng.random() < 0.3:  # a sentence of another world, with this world's names
        other = invented.world(rng)
        sorts = [(a, s) for a, s in other.attributes]
        here = {w for a, _ in world.attributes for w in (*a.words, *a.nouns, *a.opposite)}
        foreign = [(a, s) for a, s in sorts if not here & {*a.words, *a.nouns, *a.opposite}]
        if foreign:
            a, _ = rng.choice(foreign)
            clause = _spoken(rng, a, sort)
            return state(rng, clause) if rng.random() < 0.5 else ask(rng, clause)
    names = rng.sample(sort.pool, 2)
    return offtopic(rng, names, about=world.tug)


def _names(rng: Random, sort: Sort, k: int = 6) -> list[str]:
    pool = list(sort.pool)
    rng.shuffle(pool)
    while len(pool) < k:
        pool += pool
    return pool[:k]


def _spoken(rng: Random, a: attributes.Attribute, sort: Sort) -> Clause:
    names = _names(rng, sort)
    made = attribute_clauses.clause(rng, a, sort, names)
    if isinstance(made, Clause):
        return made
    return _subject(rng, made, sort, names)


def _subject(rng: Random, made: Predicate, sort: Sort, names: list[str]) -> Clause:
    free = [n for n in names if n not in made.barred] or names
    roll = rng.random()
    if roll < 0.24:
        return quantified(rng, made, sort)
    if roll < 0.36 and len(set(free)) > 2 and not made.team:
        return named(rng, made, free[: 2 if rng.random() < 0.8 else 3], sort)
    return named(rng, made, free[:1], sort)


def _clause(rng: Random, world: World) -> Clause:
    roll = rng.random()
    if world.matches and roll < 0.48:
        m, sort = rng.choice(world.matches)
        names = _names(rng, sort, 8)
        if rng.random() < 0.3:
            return matches.idiom(rng, m, sort, names)
        if rng.random() < 0.16:
            return quantified(rng, matches.predicate(rng, m, names[:1]), sort)
        a, b = split_teams(rng, names)
        return named(rng, matches.predicate(rng, m, b), a)
    if not world.tug and rng.random() < 0.09 and (two := _two_predicates(rng, world)) is not None:
        return restricted(rng, *two)
    spoken = [p for p in world.patterns if p.clause is not None]
    if spoken and (not world.attributes or rng.random() < _share(world)):
        pattern = rng.choice(spoken)
        names = _names(rng, pattern.sort)
        assert pattern.clause is not None
        made = pattern.clause(rng, names)
        return made if isinstance(made, Clause) else _subject(rng, made, pattern.sort, names)
    if rng.random() < 0.13 and (pair := _adjectives(rng, world)) is not None:
        made, sort = pair
        return _subject(rng, made, sort, _names(rng, sort))
    a, sort = _attribute(rng, world)
    return _spoken(rng, a, sort)


def _two_predicates(rng: Random, world: World) -> tuple[Predicate, Predicate, Sort] | None:
    """Two things that can be said of one sort, by different functions."""
    sort = rng.choice([*(s for _, s in world.attributes), *(p.sort for p in world.patterns)])
    names, found = _names(rng, sort), []
    for a, s in world.attributes:
        if s is sort:
            found.append(attributes.vague(rng, a) or attributes.comparative(rng, a, names[1], sort))
    for pattern in world.patterns:
        if pattern.sort is sort and pattern.clause is not None:
            found.append(pattern.clause(rng, names))
    fit = [p for p in found if isinstance(p, Predicate) and not p.team and (p.be or p.base)]
    if len(fit) < 2:
        return None
    first, second = rng.sample(fit, 2)
    return first, second, sort


def _share(world: World) -> float:
    """How much of what is said of a world is not about its attributes."""
    many, other = len(world.attributes), len(world.patterns)
    return 0.4 if world.tug else min(0.75, 1.2 * other / (many + other))


def _adjectives(rng: Random, world: World) -> tuple[Predicate, Sort] | None:
    """Two adjectives, of one attribute or two of the same sort."""
    a, sort = rng.choice(world.attributes)
    others = [b for b, s in world.attributes if s is sort and b is not a]
    other = rng.choice(others) if others and rng.random() < 0.75 else a
    y = _names(rng, sort, 1)[0]
    vague = rng.random() < 0.7 and other is not a  # `weak but very strong` would contradict itself
    second_maker = (
        attributes.vague(rng, other) if vague else attributes.comparative(rng, other, y, sort)
    )
    makers = [attributes.vague(rng, a), second_maker]
    if any(m is None or not m.be for m in makers):
        return None
    first, second = (m for m in makers if m is not None)
    return (joined(rng, first, second), sort) if first.be != second.be else None


def _attribute(rng: Random, world: World) -> tuple[attributes.Attribute, Sort]:
    if world.tug:  # strength matters most
        return world.attributes[0] if rng.random() < 0.4 else rng.choice(world.attributes)
    return rng.choice(world.attributes)


def _two(rng: Random, a: Clause, b: Clause) -> Clause:
    joiner = rng.choice([" and ", " and ", ", and ", " but ", ", but ", "; ", ", while ", ". "])
    text = rng.choice(a.says) + joiner + rng.choice(b.says)
    parts = []
    for means in (a.means, b.means):
        parts += [means[5:-1]] if means.startswith("(and ") else [means]
    return Clause((text,), (), all_of(parts))


def _question(rng: Random, world: World) -> tuple[str, str]:
    roll = rng.random()
    if world.matches and roll < 0.36:
        m, sort = rng.choice(world.matches)
        if rng.random() < 0.12:
            text, means = wh(rng, matches.predicate(rng, m, _names(rng, sort, 1)), sort)
        else:
            text, means = matches.question(rng, m, sort, _names(rng, sort, 8))
        return mark(rng, text), means
    asking = [p for p in world.patterns if p.question is not None]
    if asking and rng.random() < 0.7 * _share(world):
        pattern = rng.choice(asking)
        assert pattern.question is not None
        text, means = pattern.question(rng, _names(rng, pattern.sort))
        return mark(rng, text), means
    if not world.tug and rng.random() < 0.05 and (two := _two_predicates(rng, world)) is not None:
        text, means = of_those(rng, *two)
        return mark(rng, text), means
    if world.attributes and rng.random() < 0.08:  # is anyone very strong, is everyone …
        a, sort = _attribute(rng, world)
        made = attributes.vague(rng, a)
        if made is not None:
            clause = quantified(rng, made, sort)
            return ask(rng, clause), clause.means
    if world.attributes and rng.random() < 0.6:
        a, sort = _attribute(rng, world)
        if rng.random() < 0.22:
            made = (
                attributes.vague(rng, a)
                if rng.random() < 0.4
                else attributes.comparative(rng, a, _names(rng, sort, 1)[0], sort)
            )
            if made is not None:
                text, means = wh(rng, made, sort)
                return mark(rng, text), means
        text, means = attribute_questions.question(rng, a, sort, _names(rng, sort))
        return mark(rng, text), means
    clause = _clause(rng, world)
    return ask(rng, clause), clause.means
