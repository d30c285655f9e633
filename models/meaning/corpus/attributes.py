"""Sentences about numeric attributes: how strong, stronger than, the strongest, about 60."""

from __future__ import annotations

import random
from dataclasses import dataclass

from models.meaning.corpus.clause import Clause, Predicate, Sort, all_of, listing, quoted, team


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


VERY = ("very",) * 6 + ("really", "extremely", "incredibly", "super", "exceptionally", "remarkably", "unusually", "so", "awfully", "insanely", "especially", "extraordinarily")
SOME = ("quite", "pretty", "rather", "fairly", "somewhat", "reasonably", "kind of", "relatively", "moderately")


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
    ("slack off a lot", "slacks off a lot", ">", "high"), ("slack off all the time", "slacks off all the time", ">", "high"),
    ("always slack off", "always slacks off", ">", "high"), ("almost never try", "almost never tries", ">", "high"),
    ("slack off very often", "slacks off very often", ">", "high"), ("hardly ever try hard", "hardly ever tries hard", ">", "high"),
    ("often slack off", "often slacks off", ">", "average"), ("tend to slack off", "tends to slack off", ">", "average"),
    ("slack off quite a bit", "slacks off quite a bit", ">", "average"), ("usually slack off", "usually slacks off", ">", "average"),
    ("often get lazy", "often gets lazy", ">", "average"), ("usually try hard", "usually tries hard", "<", "average"),
    ("rarely slack off", "rarely slacks off", "<", "low"), ("hardly ever slack off", "hardly ever slacks off", "<", "low"),
    ("almost never slack off", "almost never slacks off", "<", "low"), ("always try hard", "always tries hard", "<", "low"),
    ("always give it everything", "always gives it everything", "<", "low"), ("seldom slack off", "seldom slacks off", "<", "low"),
)


def vague(rng: random.Random, a: Attribute) -> Predicate | None:
    """`very strong`, `quite weak`, `of average strength`, where the prompt gives the numbers."""
    noun = rng.choice(a.nouns)
    options: list[tuple[str, str, float]] = []
    if a.words[0] == "lazy" and rng.random() < 0.3:
        base, third, op, which = rng.choice(SLACKING)
        limit = {"high": a.high, "average": a.average, "low": a.low}[which]
        if limit is not None:
            return Predicate(lambda s: f"({op} {a.of(s)} {number(limit)})", base=base, third=third, vague=True)
    if a.words[0] == "strong" and a.high is not None and a.average is not None and rng.random() < 0.12:
        guy = rng.choice(["person", "guy", "woman", "player", "man", "competitor"])
        rows = [(f"a {rng.choice(VERY[:9])} strong {guy}", ">", a.high), (f"a strong {guy}", ">", a.average), (f"as strong as {rng.choice(['an ox', 'a horse', 'a bear'])}", ">", a.high),
                (f"not strong at all", "<", a.low), ("strong as an ox", ">", a.high), ("a weakling", "<", a.low), ("a powerhouse", ">", a.high), (f"a weak {guy}", "<", a.average),
                ("not weak at all", ">", a.average), ("a beast", ">", a.high), (f"a very weak {guy}", "<", a.low), ("strong enough to be above average", ">", a.average)]
        text, op, limit = rng.choice([r for r in rows if r[2] is not None])
        return Predicate(lambda s: f"({op} {a.of(s)} {number(limit)})", be=text, vague=True)
    if a.high is not None:
        options += [(f"{rng.choice(VERY)} {a.words[0]}", ">", a.high)] * 4
    if a.low is not None and a.opposite:
        options += [(f"{rng.choice(VERY)} {a.opposite[0]}", "<", a.low)] * 3
    if a.average is not None:
        options += [(a.words[0], ">", a.average), (f"{rng.choice(SOME)} {a.words[0]}", ">", a.average)]
        options += [(f"{a.words[1]} than average", ">", a.average), (f"above average in {noun}", ">", a.average)]
        if a.opposite:
            options += [(a.opposite[0], "<", a.average), (f"{rng.choice(SOME)} {a.opposite[0]}", "<", a.average)]
            options += [(f"{a.opposite[1]} than average", "<", a.average)]
        if rng.random() < 0.1:
            mid = rng.choice([f"of average {noun}", f"about average in {noun}", f"averagely {a.words[0]}"])
            return Predicate(lambda s, v=a.average: about(a.of(s), v), be=mid)
    if not options:
        return None
    text, op, value = rng.choice(options)
    return Predicate(lambda s: f"({op} {a.of(s)} {number(value)})", be=text, vague=True)


def comparative(rng: random.Random, a: Attribute, other: str, sort: Sort) -> Predicate:
    """`stronger than Tom`, `as strong as Tom`, `twice as strong as Tom`."""
    low = bool(a.opposite) and rng.random() < 0.3
    adj, er = (a.opposite if low else a.words)[:2]
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
        (f"{rng.choice(['even ', 'a bit ', 'a little ', 'slightly ', 'way ', 'much ', 'a lot ', 'far '])}{er} than {other}", lambda s: f"({more} {a.of(s)} {v})"),
        (f"less {adj} than {other}", lambda s: f"({less} {a.of(s)} {v})"),
        (f"not as {adj} as {other}", lambda s: f"({less} {a.of(s)} {v})"),
        (f"not {er} than {other}", lambda s: f"(not ({more} {a.of(s)} {v}))"),
        (f"at least as {adj} as {other}", lambda s: f"({more}= {a.of(s)} {v})"),
        (f"as {adj} as {other}", lambda s: f"({more}= {a.of(s)} {v})"),
        (f"no {er} than {other}", lambda s: f"({less}= {a.of(s)} {v})"),
        (f"about as {adj} as {other}", lambda s: f"(< (abs (- {a.of(s)} {v})) {number(d)})"),
        (f"roughly equal to {other} in {noun}", lambda s: f"(< (abs (- {a.of(s)} {v})) {number(d)})"),
        (f"{rng.choice(['twice', 'at least twice'])} as {adj} as {other}", lambda s: f"(>= {a.of(s)} (* 2 {v}))" if not low else f"(<= {a.of(s)} (/ {v} 2))"),
        (f"three times as {adj} as {other}", lambda s: f"(>= {a.of(s)} (* 3 {v}))" if not low else f"(<= {a.of(s)} (/ {v} 3))"),
        (f"more than twice as {adj} as {other}", lambda s: f"(> {a.of(s)} (* 2 {v}))" if not low else f"(< {a.of(s)} (/ {v} 2))"),
        (f"{'at least ' if rng.random() < 0.5 else ''}{gap}{a.units} {er} than {other}", lambda s: f"(>= (- {a.of(s)} {v}) {gap})" if not low else f"(>= (- {v} {a.of(s)}) {gap})"),
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
        (f"a {noun} of {rng.choice(['about', 'around', 'roughly', 'approximately', 'close to', 'something like'])} {t}", lambda s: about(a.of(s), n)),
        (f"a {noun} {rng.choice(['above', 'over', 'of more than', 'greater than', 'higher than'])} {t}", lambda s: f"(> {a.of(s)} {number(n)})"),
        (f"a {noun} {rng.choice(['below', 'under', 'of less than', 'lower than'])} {t}", lambda s: f"(< {a.of(s)} {number(n)})"),
        (f"a {noun} of at least {t}", lambda s: f"(>= {a.of(s)} {number(n)})"),
        (f"a {noun} of at most {t}", lambda s: f"(<= {a.of(s)} {number(n)})"),
        (f"a {noun} between {number(lo)} and {number(hi)}{a.units}", lambda s: f"(and (> {a.of(s)} {number(lo)}) (< {a.of(s)} {number(hi)}))"),
    ]
    text, means = rng.choice(rows)
    return Predicate(means, base=f"have {text}", third=f"has {text}")


def noun_clause(rng: random.Random, a: Attribute, names: list[str]) -> Clause:
    """`Tom's strength is about 60`, `Tom's strength exceeds Mary's`, `the strength of Tom …`."""
    x, y = names[:2]
    n, noun = rng.choice(a.values), rng.choice(a.nouns)
    t, vx, vy = number(n) + a.units, a.of(quoted(x)), a.of(quoted(y))
    subject = rng.choice([f"{x}'s {noun}"] * 3 + [f"the {noun} of {x}"])
    lo, hi = sorted(rng.sample(a.values, 2))
    rows = [
        (f"{rng.choice(['', '', 'exactly ', 'equal to '])}{t}", f"(= {vx} {number(n)})"),
        (f"{rng.choice(['about', 'around', 'roughly', 'approximately', 'close to', 'near', 'somewhere around'])} {t}", about(vx, n)),
        (f"{rng.choice(['above', 'over', 'more than', 'greater than', 'higher than'])} {t}", f"(> {vx} {number(n)})"),
        (f"{rng.choice(['below', 'under', 'less than', 'lower than'])} {t}", f"(< {vx} {number(n)})"),
        (f"at least {t}", f"(>= {vx} {number(n)})"), (f"at most {t}", f"(<= {vx} {number(n)})"),
        (f"between {number(lo)} and {number(hi)}{a.units}", f"(and (> {vx} {number(lo)}) (< {vx} {number(hi)}))"),
        (f"{rng.choice(['greater', 'higher', 'more'])} than {y}'s", f"(> {vx} {vy})"),
        (f"{rng.choice(['less', 'lower', 'smaller'])} than {y}'s", f"(< {vx} {vy})"),
        (f"at least {y}'s", f"(>= {vx} {vy})"),
        (f"twice {y}'s", f"(>= {vx} (* 2 {vy}))"),
        (f"about the same as {y}'s", f"(< (abs (- {vx} {vy})) {number(margin(a.values[len(a.values) // 2]))})"),
        (f"the {rng.choice(['highest', 'greatest'])}", f"(eq? (argmax (lambda (x) {a.of('x')}) LIST) {quoted(x)})"),
    ]
    if a.average is not None:
        rows += [("above average", f"(> {vx} {number(a.average)})"), ("below average", f"(< {vx} {number(a.average)})"),
                 ("about average", about(vx, a.average))]
    text, means = rng.choice(rows)
    return Clause((f"{subject} is {text}",), (f"is {subject} {text}",), means)


def idiom(rng: random.Random, a: Attribute, sort: Sort, names: list[str]) -> Clause:
    """Superlatives, sums, rankings, `as strong as each other`."""
    x, y, z = names[:3]
    low = bool(a.opposite) and rng.random() < 0.3
    adj, er, est = a.opposite if low else a.words
    best, op = ("argmin", "<") if low else ("argmax", ">")
    X, Y, Z = (quoted(n) for n in (x, y, z))
    noun, L = rng.choice(a.nouns), sort.listing
    one, many = rng.choice([sort.one, "person" if sort.person else sort.one, "one"]), rng.choice([sort.many, "people" if sort.person else sort.many])
    everyone = rng.choice(["everyone", "everyone else", "everybody", "everybody else", "all the others", f"all the other {many}", f"every other {sort.one}"] if sort.person else [f"all the other {sort.many}", f"every other {sort.one}", "all the others"])
    anyone = rng.choice(["anyone", "anyone else", "anybody else"]) if sort.person else f"any other {sort.one}"
    f = f"(lambda (x) {a.of('x')})"
    rest = f"(difference {L} {team([x])})"
    beats = f"(all (lambda (x) ({op} {a.of(X)} {a.of('x')})) {rest})"
    near = number(margin(a.values[len(a.values) // 2]))
    rows = [
        (f"{x} is the {est}", f"is {x} the {est}", f"(eq? ({best} {f} {L}) {X})"),
        (f"{x} is the {est} {one}", f"is {x} the {est} {one}", f"(eq? ({best} {f} {L}) {X})"),
        (f"the {est} {one} is {x}", f"is the {est} {one} {x}", f"(eq? ({best} {f} {L}) {X})"),
        (f"{x} is the {est} of {rng.choice([f'the {many}', 'them all', 'all', 'the bunch', 'the lot'])}", f"is {x} the {est} of all", f"(eq? ({best} {f} {L}) {X})"),
        (f"{x} is not the {est}", f"isn't {x} the {est}", f"(not (eq? ({best} {f} {L}) {X}))"),
        (f"{x} is {er} than {everyone}", f"is {x} {er} than {everyone}", beats),
        (f"{x} is {er} than {everyone}", f"is {x} {er} than {everyone}", beats),
        (f"{x} is {er} than {anyone}", f"is {x} {er} than {anyone}", beats),
        (f"{x} is {er} than {rng.choice(['someone', 'at least one other person']) if sort.person else 'some other ' + sort.one}", "", f"(any (lambda (x) ({op} {a.of(X)} {a.of('x')})) {L})"),
        (f"{x} is {er} than {rng.choice(['most people', f'most of the {many}', f'most {many}'])}", f"is {x} {er} than most {many}", f"(> (count (lambda (x) ({op} {a.of(X)} {a.of('x')})) {L}) (/ (length {L}) 2))"),
        (f"{x} is {er} than at least two {many}", f"is {x} {er} than at least two {many}", f"(>= (count (lambda (x) ({op} {a.of(X)} {a.of('x')})) {L}) 2)"),
        (f"{x} is {er} than {y} but {rng.choice(['not ' + er + ' than ' + z, 'less ' + adj + ' than ' + z])}", "", None),
        (f"{x} is {er} than both {y} and {z}", f"is {x} {er} than both {y} and {z}", f"(and ({op} {a.of(X)} {a.of(Y)}) ({op} {a.of(X)} {a.of(Z)}))"),
        (f"{x} is {er} than {y} and {z}", f"is {x} {er} than {y} and {z}", f"(and ({op} {a.of(X)} {a.of(Y)}) ({op} {a.of(X)} {a.of(Z)}))"),
        (f"{x} is {er} than {y}, who is {er} than {z}", "", f"(and ({op} {a.of(X)} {a.of(Y)}) ({op} {a.of(Y)} {a.of(Z)}))"),
        (f"{x} is {er} than {y} and {y} is {er} than {z}", "", f"(and ({op} {a.of(X)} {a.of(Y)}) ({op} {a.of(Y)} {a.of(Z)}))"),
        (f"{x} and {y} are {rng.choice(['equally ' + adj, 'about equally ' + adj, 'as ' + adj + ' as each other', 'similar in ' + noun])}", f"are {x} and {y} equally {adj}", f"(< (abs (- {a.of(X)} {a.of(Y)})) {near})"),
        (f"{x} and {y} have {rng.choice(['the same', 'about the same', 'similar', 'roughly the same'])} {noun}", f"do {x} and {y} have the same {noun}", f"(< (abs (- {a.of(X)} {a.of(Y)})) {near})"),
        (f"{x} has {rng.choice(['more', 'a higher', 'a greater'])} {noun} than {y}", f"does {x} have a higher {noun} than {y}", f"(> {a.of(X)} {a.of(Y)})"),
        (f"{x} has {rng.choice(['less', 'a lower', 'a smaller'])} {noun} than {y}", f"does {x} have a lower {noun} than {y}", f"(< {a.of(X)} {a.of(Y)})"),
        (f"{x} has the {rng.choice(['highest', 'most', 'greatest'])} {noun}", f"does {x} have the highest {noun}", f"(eq? (argmax {f} {L}) {X})"),
        (f"{x} and {y} together are {er} than {z}", f"are {x} and {y} together {er} than {z}", f"({op} (+ {a.of(X)} {a.of(Y)}) {a.of(Z)})"),
        (f"{x} is {er} than {y} and {z} {rng.choice(['combined', 'put together', 'together'])}", f"is {x} {er} than {y} and {z} combined", f"({op} {a.of(X)} (+ {a.of(Y)} {a.of(Z)}))"),
        (f"{rng.choice(['no one', 'nobody']) if sort.person else 'no other ' + sort.one} is {er} than {x}", f"is anyone {er} than {x}" if False else "", f"(not (any (lambda (x) ({op} {a.of('x')} {a.of(X)})) {L}))"),
        (f"{rng.choice(['no one', 'nobody']) if sort.person else 'no other ' + sort.one} is as {adj} as {x}", "", f"(not (any (lambda (x) ({op}= {a.of('x')} {a.of(X)})) {rest}))"),
        (f"compared to {y}, {x} is {er}", "", f"({op} {a.of(X)} {a.of(Y)})"),
        (f"of {x} and {y}, {x} is the {er} one", "", f"({op} {a.of(X)} {a.of(Y)})"),
        (f"{x} is {rng.choice(['not nearly', 'nowhere near'])} as {adj} as {y}", "", f"({'>' if low else '<'} {a.of(X)} {a.of(Y)})"),
        (f"{x} outranks {y} in {noun}", f"does {x} outrank {y} in {noun}", f"(> {a.of(X)} {a.of(Y)})"),
        (f"there is a difference of {near} between {x} and {y} in {noun}", "", f"(= (abs (- {a.of(X)} {a.of(Y)})) {near})"),
    ]
    say, ask, means = rng.choice(rows)
    if means is None:
        third = f"(not ({op} {a.of(X)} {a.of(Z)}))" if "but not" in say else f"({'>' if low else '<'} {a.of(X)} {a.of(Z)})"
        means = f"(and ({op} {a.of(X)} {a.of(Y)}) {third})"
    return Clause((say,), (ask,) if ask else (), means)


def question(rng: random.Random, a: Attribute, sort: Sort, names: list[str]) -> tuple[str, str]:
    """Questions whose answer is a number or a name: text without its mark, and expression."""
    x, y, z = names[:3]
    low = bool(a.opposite) and rng.random() < 0.3
    adj, er, est = a.opposite if low else a.words
    best = "argmin" if low else "argmax"
    X, Y = quoted(x), quoted(y)
    noun, L = rng.choice(a.nouns), sort.listing
    f = f"(lambda (x) {a.of('x')})"
    who = "who" if sort.person else f"which {sort.one}"
    who_is = rng.choice(["who is", "who's"]) if sort.person else f"which {sort.one} is"
    many, one = rng.choice([sort.many, "people" if sort.person else sort.many]), rng.choice([sort.one, "person" if sort.person else sort.one])
    how_adj = a.words[0]
    two, three = rng.sample([x, y], 2), rng.sample([x, y, z], 3)
    kind = rng.choice(["value"] * 5 + ["best"] * 5 + ["choice"] * 2 + ["mean", "diff", "sum", "best_value", "team"])
    if kind == "value":
        text = rng.choice([f"how {how_adj} is {x}"] * 4 + [f"how {adj} is {x}", f"what is {x}'s {noun}", f"what's {x}'s {noun}", f"what is the {noun} of {x}",
            f"how {how_adj} do you think {x} is", f"how {how_adj} would you say {x} is", f"what {noun} does {x} have", f"how {how_adj} is {x} likely to be", f"how much {noun} does {x} have",
            f"estimate {x}'s {noun}", f"tell me how {how_adj} {x} is", f"tell me about {x}'s {noun}", f"I want to know how {how_adj} {x} is", f"do we know how {how_adj} {x} is", f"what do we know about {x}'s {noun}", f"and {x}, how {how_adj} is {'he' if rng.random() < 0.5 else 'she'}" if sort.person else f"just how {how_adj} is {x}",
            f"give me an estimate of {x}'s {noun}", f"what would you guess {x}'s {noun} is", f"what is your estimate of {x}'s {noun}"])
        return text, a.of(X)
    if kind == "best":
        text = rng.choice([f"{who_is} the {est}"] * 4 + [f"{who_is} {est}", f"{who} is the {est}, do you think", f"{who_is} the {est} {one}" if sort.person else f"what is the {est} {sort.one}", f"which {one} is the {est}", f"{who_is} the {est} of {rng.choice(['all', 'them all', f'the {many}', 'the group'])}",
            f"which of the {many} is {est}", f"which {one} is {est}", f"{who} has the {'lowest' if low and a.opposite else 'highest'} {noun}", f"tell me who is the {est}" if sort.person else f"tell me which {sort.one} is the {est}", f"{who_is} {er} than {'everyone else' if sort.person else 'all the others'}", f"name the {est} {one}", f"{who} do you think is the {est}", f"{who_is} most likely the {est}"])
        return text, f"({best} {f} {L})"
    if kind == "choice":
        if rng.random() < 0.7:
            text = rng.choice([f"{who_is} {er}, {x} or {y}", f"{who_is} {er}: {x} or {y}", f"which of {x} and {y} is {er}", f"between {x} and {y}, {who_is} {er}", f"{who_is} the {er} one, {x} or {y}", f"is {x} or {y} {er}", f"{who} do you think is {er}, {x} or {y}", f"{who_is} {er} between {x} and {y}", f"{who_is} {er} out of {x} and {y}"])
            return text, f"({best} {f} {team([x, y])})"
        text = rng.choice([f"{who_is} the {est} of {listing(rng, [x, y, z])}", f"{who_is} {est}, {listing(rng, [x, y, z], 'or')}", f"which of {listing(rng, [x, y, z])} is the {est}", f"among {listing(rng, [x, y, z])}, {who_is} the {est}"])
        return text, f"({best} {f} {team([x, y, z])})"
    if kind == "mean":
        text = rng.choice([f"what is the average {noun} of the {many}", f"what is the average {noun}", f"how {how_adj} are the {many} on average", f"what's the mean {noun}", f"how {how_adj} is the average {sort.one}", f"what is the mean {noun} of all the {many}"])
        return text, f"(mean (map {f} {L}))"
    if kind == "diff":
        if rng.random() < 0.3:
            return rng.choice([f"how many times as {how_adj} as {y} is {x}", f"how many times {a.words[1]} is {x} than {y}"]), f"(/ {a.of(X)} {a.of(Y)})"
        if low:
            return rng.choice([f"how much {er} is {x} than {y}", f"by how much is {x} {er} than {y}"]), f"(- {a.of(Y)} {a.of(X)})"
        text = rng.choice([f"how much {er} is {x} than {y}", f"by how much is {x} {er} than {y}", f"how much {er} than {y} is {x}", f"what is the difference in {noun} between {x} and {y}"])
        return text, f"(- {a.of(X)} {a.of(Y)})"
    if kind == "sum":
        if rng.random() < 0.3:
            return rng.choice([f"what is the total {noun} of the {many}", f"what is the total {noun} of all the {many}"]), f"(sum (map {f} {L}))"
        return rng.choice([f"how {how_adj} are {x} and {y} together", f"what is the combined {noun} of {x} and {y}", f"what is the total {noun} of {x} and {y}"]), f"(+ {a.of(X)} {a.of(Y)})"
    if kind == "team":
        return rng.choice([f"what is the average {noun} of {x} and {y}", f"how {how_adj} are {x} and {y} on average"]), f"(mean (map {f} {team([x, y])}))"
    text = rng.choice([f"how {how_adj} is the {est} {one}", f"what is the {noun} of the {est} {one}", f"how {how_adj} is the {est} of the {many}"])
    return text, a.of(f"({best} {f} {L})")


def clause(rng: random.Random, a: Attribute, sort: Sort, names: list[str]) -> Predicate | Clause:
    """Something to say with an attribute."""
    roll = rng.random()
    if roll < 0.28:
        made = vague(rng, a)
        if made is not None:
            return made
    if roll < 0.62:
        return comparative(rng, a, names[-1], sort)
    if roll < 0.68:
        return numeric(rng, a)
    if roll < 0.8:
        made_clause = noun_clause(rng, a, names)
        return Clause(made_clause.says, made_clause.asks, made_clause.means.replace("LIST", sort.listing))
    return idiom(rng, a, sort, names)


__all__ = ["Attribute", "about", "all_of", "clause", "comparative", "margin", "number", "question", "vague"]
