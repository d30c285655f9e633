"""Turns of phrase that a sentence about any world can be given, and what they make of its meaning.

`Tom is strong` becomes `Tom is strong, but Ann isn't`, `it is Tom who is strong`, `Tom is strong, isn't he?`,
`it's not true that Tom is strong`, `Tom is strong, I think`; two statements become `if Tom is strong, Ann is
too`. How people type is last: contractions, lower case, a missing stop, a slip of the finger.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from models.meaning.corpus.limits import fits
from models.meaning.corpus.names import PEOPLE, symbol
from plot.reader import read_one
from plot.vocabulary import Vocabulary

type Said = tuple[str, str]
"""A sentence and its fragment."""

_SUBJECT = re.compile(r"((?:the )?([\w'-]+)(?: (?:ball|block|object|one|thing|door|room|bottle|bag|boat|bed|team|garden|house|cup|coin|road|flag|train|kite|shelf|lamp|card))?) ([a-z']+) (\S.*)", re.I)  # fmt: skip
_JOINED = re.compile(r"[,;:.?!]| (and|but|or|while|neither|both|only|too|also|else|who|which|either|so|if|yet|if|unless|not|no|nothing|never|without)\b|n't|^(I|it|there) ", re.I)  # fmt: skip
_QUOTED = re.compile(r"'([a-z0-9][\w-]*)|'\(([^()]*)\)")
PAST = frozenset(("beat", "won", "lost", "hit", "went", "ate", "saw", "came", "met", "got", "ran", "drove", "left", "took", "gave", "sold", "lent", "sent", "stole", "found", "read", "wrote", "sang", "struck", "made", "knew", "taught", "paid", "fell", "broke", "bought", "brought", "drank", "caught", "chose", "rode", "fought", "crushed", "outran", "swam", "bloomed", "slept"))  # fmt: skip
AFTER = ("I think", "I believe", "I guess", "apparently", "as far as I know", "as far as I can tell", "it seems", "I'm told", "they say", "I suppose", "if I remember correctly", "by the way", "of course", "in my opinion", "for sure", "I'm sure of it", "or so I heard")  # fmt: skip
DENIALS = ("it's not true that", "it is not true that", "it is not the case that", "it's not the case that", "it isn't true that", "it is false that", "it isn't so that", "no way that", "don't believe that")  # fmt: skip
TAGS = ("right", "correct", "is that right", "don't you think", "wouldn't you say", "no", "yes", "am I right", "is that so", "do you agree", "you think")  # fmt: skip


@dataclass(frozen=True)
class _Parts:
    """A statement that says something of one who is named first.

    Args:
      subject: as it is written, `the red ball`.
      name: of it, as it is written.
      verb, rest: what follows.
      aux: is, does or did: what a shortened clause has in place of the verb.
    """

    subject: str
    name: str
    verb: str
    rest: str
    aux: str


def turned(rng: Random, said: Said, vocabulary: Vocabulary) -> Said | None:
    """Another sentence made of a statement, or None where it is not of that shape.

    Args:
      rng: where chance comes from.
      said: a statement and its fragment.
      vocabulary: of the world that it is about.
    """
    sentence, fragment = said
    if not fragment.startswith("(condition "):
        return None
    body, means = sentence.rstrip(".! "), fragment[len("(condition ") : -1]
    parts = _parts(body, means)
    makers: list[tuple[Callable[[], Said | None], float]] = [
        (lambda: _denied(rng, body, means), 1.0),
        (lambda: _tagged(rng, body, means, parts), 1.2),
        (lambda: (f"{body}, {rng.choice(AFTER)}.", fragment), 0.5),
    ]
    if parts is not None:
        makers += [
            (lambda: _compared(rng, parts, means, vocabulary), 4.0),
            (lambda: _cleft(rng, parts, fragment), 1.2),
        ]
    made = rng.choices([m for m, _ in makers], [w for _, w in makers])[0]()
    return made if made is not None and fits(read_one(made[1])) else None


def both(rng: Random, first: Said, second: Said) -> Said | None:
    """Two statements in one: if one then the other, one or the other, one although the other."""
    bodies = [_inner(s.rstrip(".! "), f) for s, f in (first, second)]
    if any(len(b) > 75 or re.search(r"[,;:.?!]| (and|but|or) |^(also|so|then|but|well)\b", b) for b in bodies):  # fmt: skip
        return None
    if any(not f.startswith("(condition ") or f.startswith("(condition (and") for _, f in (first, second)):  # fmt: skip
        return None
    (a, b), (m, n) = bodies, (f[len("(condition ") : -1] for _, f in (first, second))
    if m == n:
        return None
    unless = m[5:-1] if m.startswith("(not ") else f"(not {m})"
    rows = [
        (f"if {a}, {rng.choice(['', 'then '])}{b}", f"(or {unless} {n})"),
        (f"{b} if {a}", f"(or {unless} {n})"),
        (f"either {a} or {b}", f"(or {m} {n})"),
        (f"{a}, or {b}", f"(or {m} {n})"),
        (f"{a}, {rng.choice(['although', 'though', 'even though', 'but'])} {b}", f"(and {m} {n})"),
        (f"{a}, and {b}", f"(and {m} {n})"),
        (f"{a}; {b}", f"(and {m} {n})"),
    ]
    text, means = rng.choice(rows)
    fragment = f"(condition {means})"
    return (_sentence(text), fragment) if fits(read_one(fragment)) else None


def casual(rng: Random, said: Said) -> Said:
    """The sentence as somebody types it in a hurry; the fragment stays."""
    text, fragment = said
    roll = rng.random()
    if roll < 0.45:
        return _contracted(text), fragment
    if roll < 0.65:
        return text.lower().rstrip(".!"), fragment
    if roll < 0.75:
        return _contracted(text).lower().replace("n't", "nt"), fragment
    if roll < 0.87:
        return text.rstrip("."), fragment
    words = text.split(" ")
    free = [i for i, w in enumerate(words) if i and w.isalpha() and w.islower() and len(w) > 5 and w[:4] not in fragment]  # fmt: skip
    if not free:
        return text, fragment
    i = rng.choice(free)
    k = rng.randrange(1, len(words[i]) - 2)
    word = words[i]
    slip = rng.choice([word[:k] + word[k + 1] + word[k] + word[k + 2 :], word[:k] + word[k + 1 :]])
    return " ".join([*words[:i], slip, *words[i + 1 :]]), fragment


SHORT = ((" is not ", " isn't "), (" are not ", " aren't "), (" was not ", " wasn't "), (" does not ", " doesn't "), (" did not ", " didn't "), (" do not ", " don't "), ("There is ", "There's "), ("What is ", "What's "), ("Who is ", "Who's "), ("It is ", "It's "), (" cannot ", " can't "), (" will not ", " won't "), (" would not ", " wouldn't "), ("I am ", "I'm "), (" has not ", " hasn't "))  # fmt: skip


def _contracted(text: str) -> str:
    for long, short in SHORT:
        text = text.replace(long, short)
    return text


def _parts(body: str, means: str) -> _Parts | None:
    """A statement of one named subject, taken apart."""
    found = _SUBJECT.fullmatch(body)
    if found is None or _JOINED.search(body):
        return None
    subject, name, verb, rest = found.groups()
    mentioned = _names(means)
    if symbol(name) not in mentioned or re.search(rf"\b{re.escape(name)}\b", rest, re.I):
        return None
    if verb in ("is", "was", "can", "will", "would"):
        aux = verb
    elif verb == "has":
        aux = "does"
    elif verb in PAST or verb.endswith("ed"):
        aux = "did"
    elif verb.endswith("s") and not verb.endswith("ss") and "'" not in verb:
        aux = "does"
    else:
        return None
    return _Parts(subject, name, verb, rest, aux)


def _names(means: str) -> set[str]:
    out: set[str] = set()
    for one, row in _QUOTED.findall(means):
        out |= {one} if one else set(row.split())
    return out


def _other(rng: Random, parts: _Parts, means: str, vocabulary: Vocabulary) -> str | None:
    """Another name of the subject's sort that the sentence does not hold."""
    mine, used = symbol(parts.name), _names(means)
    sorts = [s for s in vocabulary.entities if mine in s.names] or [s for s in vocabulary.entities if s.open]  # fmt: skip
    if not sorts:
        return None
    pool = [*sorts[0].names, *(rng.sample(PEOPLE, 3) if sorts[0].open and parts.name[0].isupper() else ())]  # fmt: skip
    free = [n for n in pool if symbol(n) not in used and n.isalnum()]
    if not free:
        return None
    name = rng.choice(free)
    return name.capitalize() if parts.name[0].isupper() else name.lower()


def _instead(means: str, name: str, other: str) -> str:
    """The expression with one name in place of another."""
    return re.sub(rf"(?<=['( ]){re.escape(symbol(name))}(?=[ )])", symbol(other), means)


def _compared(rng: Random, p: _Parts, means: str, vocabulary: Vocabulary) -> Said | None:
    """`..., but Ann isn't`, `..., and so is Ann`, `Tom, not Ann, ...`."""
    other = _other(rng, p, means, vocabulary)
    if other is None:
        return None
    theirs = _instead(means, p.name, other)
    subject = re.sub(re.escape(p.name), other, p.subject, flags=re.I)
    subject = subject[:1].lower() + subject[1:] if subject.lower().startswith("the ") else subject
    mine, verb, rest = p.subject, p.verb, p.rest
    not_ = {"will": "won't", "can": "can't"}.get(p.aux, f"{p.aux}n't")
    inner = mine[:1].lower() + mine[1:] if mine.lower().startswith("the ") else mine
    yes, no = f"(and {means} {theirs})", f"(and {means} (not {theirs}))"
    rows = [
        (f"{mine} {verb} {rest}, but {subject} {not_}", no),
        (f"{mine} {verb} {rest} but {subject} {not_}", no),
        (f"{mine} {verb} {rest}, but not {subject}", no),
        (f"{mine} {verb} {rest}, {subject} {not_}", no),
        (f"{mine} {verb} {rest} while {subject} {not_}", no),
        (f"{mine}, unlike {subject}, {verb} {rest}", no),
        (f"{mine}, not {subject}, {verb} {rest}", no),
        (f"unlike {subject}, {inner} {verb} {rest}", no),
        (f"{mine} {verb} {rest}, and so {p.aux} {subject}", yes),
        (f"{mine} {verb} {rest} and so {p.aux} {subject}", yes),
        (f"{mine} {verb} {rest}, and {subject} {p.aux} too", yes),
        (f"{mine} {verb} {rest}, as {p.aux} {subject}", yes),
        (f"{mine} {verb} {rest}, just like {subject}", yes),
        (f"like {subject}, {inner} {verb} {rest}", yes),
        (f"{mine} or {subject} {verb} {rest}", f"(or {means} {theirs})"),
        (f"neither {inner} nor {subject} {verb} {rest}", _neither(means, theirs, vocabulary)),
    ]
    base = {"is": "is", "was": "was"}.get(verb)
    if base:
        rows += [
            (f"{mine} {base}n't {rest}, but {subject} {base}", f"(and (not {means}) {theirs})"),
            (f"{mine} {base} not {rest}, and neither {base} {subject}", f"(and (not {means}) (not {theirs}))"),
            (f"{mine} {base}n't {rest} and {subject} {base}n't either", f"(and (not {means}) (not {theirs}))"),
        ]  # fmt: skip
    text, fragment = rng.choice(rows)
    return _sentence(text), f"(condition {fragment})"


def _neither(means: str, theirs: str, vocabulary: Vocabulary) -> str:
    """Both denied, as the corpus of the vocabulary says it."""
    if any(e.name == "family-size" for e in vocabulary.entries):
        return f"(not (or {means} {theirs}))"
    return f"(and (not {means}) (not {theirs}))"


def _cleft(rng: Random, p: _Parts, fragment: str) -> Said:
    """`it is Tom who ...`, `the one who ... is Tom`."""
    person = p.subject == p.name
    who = "who" if person else "that"
    be = "was" if p.aux in ("was", "did") else "is"
    inner = p.subject[:1].lower() + p.subject[1:] if not person else p.subject
    one = rng.choice(["one", "one", "person"]) if person else "one"
    text = rng.choice(
        [
            f"it {be} {inner} {who} {p.verb} {p.rest}",
            f"it's {inner} {who} {p.verb} {p.rest}",
            f"{p.subject} is the {one} {who} {p.verb} {p.rest}",
            f"the {one} {who} {p.verb} {p.rest} is {inner}",
        ]
    )
    return _sentence(text), fragment


def _denied(rng: Random, body: str, means: str) -> Said | None:
    if means.startswith("(not ") or re.search(r"n't|[,;:.?!]| (not|no|nor|never|but|and) |^(no|none|not|neither|nobody|nothing|I|also|so)\b", body, re.I):  # fmt: skip
        return None
    return _sentence(f"{rng.choice(DENIALS)} {_inner(body, means)}"), f"(condition (not {means}))"


def _tagged(rng: Random, body: str, means: str, parts: _Parts | None) -> Said | None:
    if re.search(r"[,;:.?!]|^(I|suppose|assume|imagine|let's|also|but|so|now)\b", body, re.I):
        return None
    tag = rng.choice(TAGS)
    if parts is not None and parts.aux in ("is", "was", "does", "did") and rng.random() < 0.6:
        it = rng.choice(["he", "she"]) if parts.subject == parts.name else "it"
        tag = f"{parts.aux}n't {it}"
    return f"{body}, {tag}?", f"(query {means})"


def _inner(body: str, means: str) -> str:
    """A sentence as it stands inside another: no capital but that of a name."""
    first = re.split(r"[\s']", body, maxsplit=1)[0]
    proper = symbol(first) in _names(means) or first in ("I", "I'm")
    return body if proper else body[:1].lower() + body[1:]


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
