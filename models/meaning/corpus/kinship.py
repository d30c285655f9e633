"""Families: pairs about the kinship world, its vocabulary as it ships or with other names and words."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from random import Random

from models.meaning.corpus.framing import ASKS, HEDGES, case, mark
from models.meaning.corpus.kinship_questions import question
from models.meaning.corpus.kinship_sentences import Clause, clause, size_clause, two
from models.meaning.corpus.limits import fits
from models.meaning.corpus.names import PEOPLE, drawn, symbol
from models.meaning.corpus.offtopic import offtopic
from models.worlds import load
from plot.reader import read_one
from plot.vocabulary import Entities, Vocabulary

UNCLEAR = "(unclear)"
SHIPPED = 0.6  # share of the groups with the vocabulary as it ships
# What else the functions that range over everyone could be called.
OTHERS = {
    "anyone": ("someone", "exists", "is-there", "some-person"),
    "how-many": ("number-of", "count-people", "how-many-people"),
    "who": ("those-who", "people-who", "all-who"),
    "relation": ("how-related", "kin-term", "relationship"),
    "family-size": ("people-count", "size-of-family"),
}
MEANINGS = {
    "anyone": ("there is such a person, named or not", "whether anybody is so", "someone in the tree"),
    "how-many": ("number of such people", "how many in the whole family", "count of all people"),
    "who": ("the people of whom it holds", "everyone who is so", "list of them; other has no name"),
    "relation": ("how the first is related to the second", "a word for what the first is to the second"),
    "generation": ("1 is the oldest, 3 the youngest", "counted from the eldest, who is in 1"),
    "parent": ("the first is a parent of the second", "first is parent of second; the others likewise"),
}  # fmt: skip
RARE = ("half-sibling", "step-sibling", "step-parent", "ancestor", "generation", "relation", "family-size", "cousin", "niece", "nephew", "parent-in-law", "child-in-law", "sibling-in-law", "grandson", "granddaughter")  # fmt: skip
SPECIAL = frozenset((*OTHERS, "female", "male", "generation"))
# With names, but about what no family tree says.
ABOUT = (
    "{x} loves {y}", "{x} is older than {y}", "{x} is {n} years old", "{x} lives with {y}", "{x} is {y}'s best friend", "{x} is {y}'s boss", "{x} is {y}'s teacher", "{x} is {y}'s neighbour", "{x} hates {y}",
    "{x} called {y}", "{x}'s mother is a doctor", "{x}'s sister lives in Boston", "{x} visited {y} on Sunday", "{x} inherited a house from {y}", "how old is {x}", "where does {x} live", "does {x} like {y}",
    "what did {x} give {y} for their birthday", "who is {x}'s best friend", "{x}'s children are noisy", "{x}'s brother plays the piano", "{x} has a red car", "{x} has {n} dollars", "{x} has a dog", "{x} has two cats",
    "{x} is tall", "{x} is taller than {y}", "{x} was born in 19{n}", "{x}'s wife works at a bank", "{x} and {y} went to school together", "{x} and {y} are friends", "{x} and {y} are colleagues", "{x} knows {y}'s father",
    "is {x} a good mother", "when did {x} marry {y}", "where did {x} and {y} meet", "why did {x} leave {y}", "{x} looks like {y}", "{x} is strong", "{x} beat {y} at chess", "the family ate dinner", "our family is moving to Spain",
    "my mother is called Ruth", "my brother has three kids", "{x}'s aunt sent a letter", "who is the tallest in the family", "who earns the most", "what is {x}'s job", "{x} is a teacher", "{x} speaks French", "does {x} have a car",
    "how many cars does {x} have", "{x} named the dog {y}", "{x}'s son is five", "{x} is sick", "what colour are {x}'s eyes", "{x} is hungry", "how rich is {x}", "who cooked for {x}'s wedding", "{x} forgot {y}'s birthday", "hello {x}",
    "{x} and {y} are twins", "{x} is {y}'s ex-wife", "{x} is divorced", "{x} and {y} are engaged", "{x} is {y}'s fiancé", "{x} is the godmother of {y}", "{x} was adopted", "{x} is a widow", "{x} is the eldest child",
    "{x} has a babysitter", "{x} takes care of {y}", "{x} babysat {y}'s kids", "who is {x}'s favourite uncle", "what is {x}'s surname", "are {x} and {y} friends", "does {x} get along with {y}", "{x} is dating {y}",
)  # fmt: skip
FRAMES = (
    *ASKS,
    *(
        "do you know whether {d}",
        "can you tell me if {d}",
        "I wonder whether {d}",
        "I wonder if {d}",
    ),
    *(
        "any chance that {d}",
        "what is the likelihood that {d}",
        "with what probability is it so that {d}",
    ),
    *("does it follow that {d}", "how certain is it that {d}", "is there a chance that {d}"),
)
_OF_MATCHES = ("match", "expected it", "odds", "shocked", "as usual", "in the end", "I was there")
SAID_FIRST = (
    *(h for h in HEDGES if not any(w in h for w in _OF_MATCHES)),
    *("in this family,", "in the family,", "according to the records,", "the photo shows that"),
)


@cache
def shipped() -> Vocabulary:
    """The vocabulary of the kinship world as it ships."""
    return load("kinship").vocabulary


def group(rng: Random, many: int = 0) -> tuple[Vocabulary, list[tuple[str, str]]]:
    """A vocabulary and pairs about it.

    Args:
      rng: where chance comes from.
      many: how many pairs; 0 for seven to twelve.
    """
    vocabulary, renamed, missing = _vocabulary(rng)
    names = [n.capitalize() for n in vocabulary.entities[0].names]
    pairs: list[tuple[str, str]] = []
    wanted = many or rng.randint(7, 12)
    while len(pairs) < wanted:
        sentence, fragment = _pair(rng, names)
        lacks = missing & set(re.findall(r"[a-z][a-z-]*", fragment))
        if not lacks and not _contrary(fragment) and fits(read_one(fragment)):
            pairs.append((sentence, _renamed(fragment, renamed)))
    return vocabulary, pairs


def _pair(rng: Random, names: list[str]) -> tuple[str, str]:
    some = rng.sample(names, len(names))
    while len(some) < 4:
        some += some
    roll = rng.random()
    if roll < 0.1:
        return _unclear(rng, some), UNCLEAR
    if roll < 0.56:
        made = size_clause(rng) if rng.random() < 0.02 else clause(rng, some)
        if rng.random() < 0.12:
            made = two(rng, made, clause(rng, rng.sample(some, len(some)))) or made
        return _state(rng, made), f"(condition {made.means})"
    if roll < 0.85:
        text, means = question(rng, some)
        return mark(rng, text), f"(query {means})"
    made = size_clause(rng) if rng.random() < 0.02 else clause(rng, some)
    return _ask(rng, made), f"(query {made.means})"


def _state(rng: Random, made: Clause) -> str:
    text = rng.choice(made.says)
    if rng.random() < 0.1:
        text = f"{rng.choice(SAID_FIRST)} {text}"
    return case(rng, text + rng.choice([".", ".", ".", ".", ".", "", "!"]))


def _ask(rng: Random, made: Clause) -> str:
    frame = rng.choice(FRAMES) if made.asks else rng.choice([f for f in FRAMES if f])
    text = frame.format(d=rng.choice(made.says)) if frame else rng.choice(made.asks)
    return mark(rng, text)


def _unclear(rng: Random, names: list[str]) -> str:
    if rng.random() < 0.5:
        text = rng.choice(ABOUT).format(x=names[0], y=names[1], n=rng.randint(12, 90))
        asks = text.split()[0] in {"who", "what", "how", "where", "when", "why", "does", "is"}
        return case(rng, text + ("?" if asks else rng.choice([".", ".", "!", ""])))
    return offtopic(rng, names[:2], about=False)


def _vocabulary(rng: Random) -> tuple[Vocabulary, dict[str, str], set[str]]:
    """A vocabulary, what its functions are called where not as shipped, and what it lacks."""
    base = shipped()
    sort = base.entities[0]
    if rng.random() < SHIPPED:
        if rng.random() < 0.35:
            sort = replace(sort, names=_names(rng))
        return replace(base, entities=(sort,)), {}, set()
    renamed = {k: rng.choice(v) for k, v in OTHERS.items() if rng.random() < 0.4}
    style = rng.choice(["{}", "{}", "{}", "{}-of", "{}-of?", "is-{}", "{}?"])
    for entry in base.entries:
        if entry.name not in SPECIAL:
            renamed[entry.name] = style.format(entry.name)
    missing = {name for name in RARE if rng.random() < 0.3}
    entries = []
    for entry in base.entries:
        if entry.name in missing:
            continue
        meaning = entry.meaning
        if entry.name in MEANINGS and rng.random() < 0.5:
            meaning = rng.choice(MEANINGS[entry.name])
        entries.append(replace(entry, name=renamed.get(entry.name, entry.name), meaning=meaning))
    if rng.random() < 0.4:
        rng.shuffle(entries)
    listing = rng.choice(["people", "people", "names", "everybody", "persons"])
    renamed["people"] = listing
    return Vocabulary(tuple(entries), (Entities(sort.type, listing, _names(rng), False),)), renamed, missing  # fmt: skip


def _names(rng: Random) -> tuple[str, ...]:
    if rng.random() < 0.3:
        return tuple(rng.sample(shipped().entities[0].names, rng.choice([3, 4, 4, 4])))
    simple = [n for n in PEOPLE if n.isalpha()]
    return tuple(symbol(n) for n in drawn(rng, simple, rng.choice([3, 4, 4, 4, 5, 6])))


def _contrary(fragment: str) -> bool:
    """Whether somebody is a man and a woman."""
    women = set(re.findall(r"\(female (\S+)\)", fragment))
    return bool(women & set(re.findall(r"\(male (\S+)\)", fragment)))


def _renamed(fragment: str, renamed: dict[str, str]) -> str:
    """The fragment with the functions' and the list's other names."""
    return re.sub(
        r"(?<=\()[a-z][a-z-]*|(?<= )people(?=\))|(?<= )family-size",
        lambda m: renamed.get(m.group(), m.group()),
        fragment,
    )
