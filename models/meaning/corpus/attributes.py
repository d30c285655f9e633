"""Sentences about numeric attributes: how strong, stronger than, the strongest, about 60."""

from __future__ import annotations

import random
from dataclasses import dataclass

from models.meaning.corpus.clause import Predicate, Sort, quoted


@dataclass(frozen=True)
class Attribute:
    """A numeric function of one entity and the words for it.

    Args:
      function: its symbol.
      words: adjective, comparative, superlative.
      opposite: the same three for the low end, or empty.
      nouns: noun phrases, `strength`.
      average, high, low: thresholds that the meaning line gives, or None.
      values: numbers that a sentence may state.
      units: what may follow a number, with its space.
    """

    function: str
    words: tuple[str, str, str]
    opposite: tuple[str, str, str] | tuple[()]
    nouns: tuple[str, ...]
    average: float | None
    high: float | None
    low: float | None
    values: tuple[float, ...]
    units: str = ""

    def of(self, entity: str) -> str:
        """The attribute of an entity expression."""
        return f"({self.function} {entity})"


VERY = ("very",) * 6 + (
    "really",
    "extremely",
    "incredibly",
    "super",
    "exceptionally",
    "remarkably",
    "unusually",
    "so",
    "awfully",
    "insanely",
    "especially",
    "extraordinarily",
)
SOME = (
    "quite",
    "pretty",
    "rather",
    "fairly",
    "somewhat",
    "reasonably",
    "kind of",
    "relatively",
    "moderately",
)


def number(value: float) -> str:
    """A number as an expression writes it: `60`, `0.75`."""
    return str(int(value)) if float(value).is_integer() else f"{value:.4g}"


def margin(value: float) -> float:
    """How far `about` reaches on each side of a number."""
    size = abs(value)
    return 0.1 if size <= 1 else 1 if size < 20 else 5 if size < 200 else 50 if size < 2000 else 500


def about(expression: str, value: float) -> str:
    """The range around a number."""
    d = margin(value)
    low, high = number(round(value - d, 3)), number(round(value + d, 3))
    return f"(and (> {expression} {low}) (< {expression} {high}))"


# Verb phrases for laziness as English has them: base, third person, operator, threshold.
SLACKING = (
    ("slack off a lot", "slacks off a lot", ">", "high"),
    ("slack off all the time", "slacks off all the time", ">", "high"),
    ("always slack off", "always slacks off", ">", "high"),
    ("almost never try", "almost never tries", ">", "high"),
    ("slack off very often", "slacks off very often", ">", "high"),
    ("hardly ever try hard", "hardly ever tries hard", ">", "high"),
    ("often slack off", "often slacks off", ">", "average"),
    ("tend to slack off", "tends to slack off", ">", "average"),
    ("slack off quite a bit", "slacks off quite a bit", ">", "average"),
    ("usually slack off", "usually slacks off", ">", "average"),
    ("often get lazy", "often gets lazy", ">", "average"),
    ("usually try hard", "usually tries hard", "<", "average"),
    ("rarely slack off", "rarely slacks off", "<", "low"),
    ("hardly ever slack off", "hardly ever slacks off", "<", "low"),
    ("almost never slack off", "almost never slacks off", "<", "low"),
    ("always try hard", "always tries hard", "<", "low"),
    ("always give it everything", "always gives it everything", "<", "low"),
    ("seldom slack off", "seldom slacks off", "<", "low"),
)


def vague(rng: random.Random, a: Attribute) -> Predicate | None:
    """`very strong`, `quite weak`, `of average strength`, where the prompt gives the numbers."""
    noun = rng.choice(a.nouns)
    options: list[tuple[str, str, float]] = []
    if a.words[0] == "lazy" and rng.random() < 0.3:
        base, third, op, which = rng.choice(SLACKING)
        limit = {"high": a.high, "average": a.average, "low": a.low}[which]
        if limit is not None and rng.random() < 0.5:
            often, op, limit = rng.choice(
                [
                    ("rarely", "<", a.low),
                    ("hardly ever", "<", a.low),
                    ("never", "<", a.low),
                    ("seldom", "<", a.low),
                    ("almost never", "<", a.low),
                    ("always", ">", a.high),
                    ("almost always", ">", a.high),
                    ("constantly", ">", a.high),
                    ("often", ">", a.average),
                    ("usually", ">", a.average),
                    ("frequently", ">", a.average),
                    ("mostly", ">", a.average),
                ]
            )
            if limit is not None:
                return Predicate(
                    lambda s: f"({op} {a.of(s)} {number(limit)})", be=f"{often} lazy", vague=True
                )
        limit = {"high": a.high, "average": a.average, "low": a.low}[which]
        op = next(row[2] for row in SLACKING if row[0] == base)
        if limit is not None:
            return Predicate(
                lambda s: f"({op} {a.of(s)} {number(limit)})", base=base, third=third, vague=True
            )
    if (
        a.words[0] == "strong"
        and a.high is not None
        and a.average is not None
        and rng.random() < 0.12
    ):
        guy = rng.choice(["person", "guy", "woman", "player", "man", "competitor"])
        rows = [
            (f"a {rng.choice(VERY[:9])} strong {guy}", ">", a.high),
            (f"a strong {guy}", ">", a.average),
            (f"as strong as {rng.choice(['an ox', 'a horse', 'a bear'])}", ">", a.high),
            ("not strong at all", "<", a.low),
            ("strong as an ox", ">", a.high),
            (f"one strong {guy}", ">", a.average),
            (f"one weak {guy}", "<", a.average),
            (f"one very strong {guy}", ">", a.high),
            ("a weakling", "<", a.low),
            ("a powerhouse", ">", a.high),
            (f"a weak {guy}", "<", a.average),
            ("not weak at all", ">", a.average),
            ("a beast", ">", a.high),
            (f"a very weak {guy}", "<", a.low),
            ("strong enough to be above average", ">", a.average),
        ]
        text, op, limit = rng.choice([r for r in rows if r[2] is not None])
        return Predicate(lambda s: f"({op} {a.of(s)} {number(limit)})", be=text, vague=True)
    if a.high is not None:
        options += [(f"{rng.choice(VERY)} {a.words[0]}", ">", a.high)] * 4
    if a.low is not None and a.opposite:
        options += [(f"{rng.choice(VERY)} {a.opposite[0]}", "<", a.low)] * 3
    if a.average is not None:
        options += [
            (a.words[0], ">", a.average),
            (f"{rng.choice(SOME)} {a.words[0]}", ">", a.average),
        ]
        options += [
            (f"{a.words[1]} than average", ">", a.average),
            (f"above average in {noun}", ">", a.average),
        ]
        if a.opposite:
            options += [
                (a.opposite[0], "<", a.average),
                (f"{rng.choice(SOME)} {a.opposite[0]}", "<", a.average),
            ]
            options += [(f"{a.opposite[1]} than average", "<", a.average)]
        if rng.random() < 0.1:
            mid = rng.choice(
                [f"of average {noun}", f"about average in {noun}", f"averagely {a.words[0]}"]
            )
            return Predicate(lambda s, v=a.average: about(a.of(s), v), be=mid)
    if not options:
        return None
    text, op, value = rng.choice(options)
    return Predicate(lambda s: f"({op} {a.of(s)} {number(value)})", be=text, vague=True)


def comparative(rng: random.Random, a: Attribute, other: str, sort: Sort) -> Predicate:
    """`stronger than Tom`, `as strong as Tom`, `twice as strong as Tom`."""
    low = bool(a.opposite) and rng.random() < 0.3
    adj, er, _ = a.opposite if low and a.opposite else a.words
    more, less, o = ("<", ">", quoted(other)) if low else (">", "<", quoted(other))
    noun = rng.choice(a.nouns)
    v = a.of(o)
    d = margin(a.values[len(a.values) // 2])
    gap = number(rng.choice([d, 2 * d, 4 * d]))
    rows = [
        (f"{er} than {other}", lambda s: f"({more} {a.of(s)} {v})"),
        (f"{er} than {other}", lambda s: f"({more} {a.of(s)} {v})"),
        (f"{er} than {other}", lambda s: f"({more} {a.of(s)} {v})"),
        (f"{er} than {other} is", lambda s: f"({more} {a.of(s)} {v})"),
        (
            f"{rng.choice(['even ', 'a bit ', 'a little ', 'slightly ', 'way ', 'much ', 'a lot ', 'far '])}{er} than {other}",
            lambda s: f"({more} {a.of(s)} {v})",
        ),
        (f"less {adj} than {other}", lambda s: f"({less} {a.of(s)} {v})"),
        (f"not as {adj} as {other}", lambda s: f"({less} {a.of(s)} {v})"),
        (f"not {er} than {other}", lambda s: f"(not ({more} {a.of(s)} {v}))"),
        (f"at least as {adj} as {other}", lambda s: f"({more}= {a.of(s)} {v})"),
        (f"as {adj} as {other}", lambda s: f"({more}= {a.of(s)} {v})"),
        (f"no {er} than {other}", lambda s: f"({less}= {a.of(s)} {v})"),
        (f"about as {adj} as {other}", lambda s: f"(< (abs (- {a.of(s)} {v})) {number(d)})"),
        (
            f"roughly equal to {other} in {noun}",
            lambda s: f"(< (abs (- {a.of(s)} {v})) {number(d)})",
        ),
        (
            f"{rng.choice(['twice', 'at least twice'])} as {adj} as {other}",
            lambda s: f"(>= {a.of(s)} (* 2 {v}))" if not low else f"(<= {a.of(s)} (/ {v} 2))",
        ),
        (
            f"three times as {adj} as {other}",
            lambda s: f"(>= {a.of(s)} (* 3 {v}))" if not low else f"(<= {a.of(s)} (/ {v} 3))",
        ),
        (
            f"more than twice as {adj} as {other}",
            lambda s: f"(> {a.of(s)} (* 2 {v}))" if not low else f"(< {a.of(s)} (/ {v} 2))",
        ),
        (
            f"{'at least ' if rng.random() < 0.5 else ''}{gap}{a.units} {er} than {other}",
            lambda s: (
                f"(>= (- {a.of(s)} {v}) {gap})" if not low else f"(>= (- {v} {a.of(s)}) {gap})"
            ),
        ),
    ]
    if not low:
        rows.append((f"half as {adj} as {other}", lambda s: f"(<= {a.of(s)} (/ {v} 2))"))
    text, means = rng.choice(rows[:5] if rng.random() < 0.4 else rows)
    return Predicate(means, be=text, barred=(other,))


def numeric(rng: random.Random, a: Attribute) -> Predicate:
    """`has a strength of about 60`, as a predicate with has."""
    n = rng.choice(a.values)
    t, noun = number(n) + a.units, rng.choice(a.nouns)
    lo, hi = sorted(rng.sample(a.values, 2)) if len(a.values) > 1 else (n, n)
    rows = [
        (f"a {noun} of {t}", lambda s: f"(= {a.of(s)} {number(n)})"),
        (f"a {noun} of exactly {t}", lambda s: f"(= {a.of(s)} {number(n)})"),
        (
            f"a {noun} of {rng.choice(['about', 'around', 'roughly', 'approximately', 'close to', 'something like'])} {t}",
            lambda s: about(a.of(s), n),
        ),
        (
            f"a {noun} of {rng.choice(['about', 'around', 'roughly', 'approximately', 'close to', 'something like'])} {t}",
            lambda s: about(a.of(s), n),
        ),
        (
            f"a {noun} of {rng.choice(['about', 'around', 'roughly', 'approximately', 'close to', 'something like'])} {t}",
            lambda s: about(a.of(s), n),
        ),
        (
            f"a {noun} {rng.choice(['above', 'over', 'of more than', 'greater than', 'higher than'])} {t}",
            lambda s: f"(> {a.of(s)} {number(n)})",
        ),
        (
            f"a {noun} {rng.choice(['below', 'under', 'of less than', 'lower than'])} {t}",
            lambda s: f"(< {a.of(s)} {number(n)})",
        ),
        (f"a {noun} of at least {t}", lambda s: f"(>= {a.of(s)} {number(n)})"),
        (f"a {noun} of at most {t}", lambda s: f"(<= {a.of(s)} {number(n)})"),
        (
            f"a {noun} between {number(lo)} and {number(hi)}{a.units}",
            lambda s: f"(and (> {a.of(s)} {number(lo)}) (< {a.of(s)} {number(hi)}))",
        ),
    ]
    text, means = rng.choice(rows)
    return Predicate(means, base=f"have {text}", third=f"has {text}")
