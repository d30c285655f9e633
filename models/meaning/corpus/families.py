"""Families of invented worlds: kin and places, where things are, who owns, gives and does what."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from models.meaning.corpus.attributes import Attribute
from models.meaning.corpus.clause import Clause, Predicate, Sort, quoted
from models.meaning.corpus.names import symbol
from models.meaning.corpus.world import Pattern
from plot.types import BOOLEAN, Entity, Function
from plot.vocabulary import Entry

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Family:
    """What a family adds to a world.

    Args:
      entries: of its vocabulary.
      patterns: sentence makers.
      attributes: numbers that compare and rank like others, and their sort.
    """

    entries: tuple[Entry, ...]
    patterns: tuple[Pattern, ...] = ()
    attributes: tuple[tuple[Attribute, Sort], ...] = ()


def a_(word: str) -> str:
    """A word with its indefinite article."""
    return f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def boolean(name: str, sorts: tuple[Sort, ...], meaning: str) -> Entry:
    """A declared truth value of entities."""
    return Entry(name, Function(tuple(Entity(s.type) for s in sorts), BOOLEAN), meaning)


def amount(rng: Random, count: str, most: int = 5) -> tuple[str, str, bool]:
    """How many, what it means of a count, and whether the noun is in the singular.

    Args:
      rng: where chance comes from.
      count: the expression of the number.
      most: the largest number that is spoken of.
    """
    k = rng.randint(1, most)
    w = WORDS[k] if k < len(WORDS) and rng.random() < 0.75 else str(k)
    rows = [
        *[(w, "=", k)] * 5,
        (f"exactly {w}", "=", k),
        (f"{rng.choice(['just', 'only'])} {w}", "=", k),
        *[(f"at least {w}", ">=", k)] * 2,
        (f"{rng.choice(['at most', 'no more than', 'not more than', 'up to'])} {w}", "<=", k),
        (f"{rng.choice(['more than', 'over'])} {w}", ">", k),
        (f"{rng.choice(['fewer than', 'less than'])} {w}", "<", k),
        (f"no fewer than {w}", ">=", k),
    ]
    if k > 1:
        rows += [(f"{w} or more", ">=", k), (f"{w} or fewer", "<=", k)]
    text, op, n = rng.choice(rows)
    return text, f"({op} {count} {n})", k == 1


# Noun of the first, its inverse, and whether people are meant.
KIN = (
    ("parent", "child", "children", True), ("boss", "employee", "employees", True), ("teacher", "pupil", "pupils", True), ("coach", "trainee", "trainees", True),
    ("ancestor", "descendant", "descendants", True), ("guardian", "ward", "wards", True), ("mentor", "student", "students", True), ("captain", "teammate", "teammates", True),
    ("uncle", "", "", True), ("aunt", "", "", True), ("cousin", "cousin", "cousins", True), ("friend", "friend", "friends", True), ("neighbour", "neighbour", "neighbours", False),
    ("rival", "rival", "rivals", False), ("ally", "ally", "allies", False), ("supplier", "customer", "customers", False), ("twin", "twin", "twins", True), ("predecessor", "successor", "successors", False),
    ("colleague", "colleague", "colleagues", True), ("owner", "", "", True), ("enemy", "enemy", "enemies", False), ("roommate", "roommate", "roommates", True),
)  # fmt: skip


def kin(rng: Random, sorts: list[Sort]) -> Family | None:
    """`Ann is Bob's boss`, `Ann has two employees`, `Bob's boss's boss is Cleo`."""
    sort = rng.choice(sorts)
    one, back, backs, _ = rng.choice([k for k in KIN if sort.person or not k[3]])
    many = {"boss": "bosses", "ally": "allies", "enemy": "enemies"}.get(one, one + "s")
    name = rng.choice([one, f"{one}?", f"{one}-of?", f"is-{one}"])
    meaning = rng.choice([f"the first is the second's {one}", f"the first is {a_(one)} of the second", f"first is {one} of second", f"whether one {sort.one} is {a_(one)} of another"])  # fmt: skip
    L = sort.listing

    def of(a: str, b: str) -> str:
        return f"({name} {a} {b})"

    def clause(r: Random, names: list[str]) -> Predicate | Clause:
        x, y, z = names[0], names[-1], names[1]
        X, Y = quoted(x), quoted(y)
        roll = r.random()
        rest = r.choice([f"{y}'s {one}", f"{y}'s {one}", f"{a_(one)} of {y}", f"the {one} of {y}", f"{a_(one)} of {y}'s"])  # fmt: skip
        if roll < 0.4:
            return Predicate(lambda s: of(s, Y), be=rest, barred=(y,), strict=True)
        if roll < 0.5 and back and back != one:
            rest = r.choice([f"{y}'s {back}", f"{a_(back)} of {y}", f"one of {y}'s {backs}"])
            return Predicate(lambda s: of(Y, s), be=rest, barred=(y,), strict=True)
        if roll < 0.58:  # nested
            subject = r.choice([f"{x}'s {one}'s {one}", f"the {one} of {x}'s {one}"])
            means = f"(any (lambda (x) (and {of('x', X)} {of(Y, 'x')})) {L})"
            return Clause((f"{subject} is {y}", f"{y} is {subject}"), (f"is {y} {subject}",), means)
        if roll < 0.64:
            means = f"(any (lambda (x) (and {of('x', X)} {of('x', Y)})) {L})"
            both = r.choice([f"{x} and {y} have the same {one}", f"{x} and {y} share {a_(one)}", f"{x}'s {one} is also {y}'s {one}"])  # fmt: skip
            return Clause((both,), (f"do {x} and {y} have the same {one}", f"do {x} and {y} share {a_(one)}"), means)  # fmt: skip
        if roll < 0.7:
            pair = r.choice([f"{y} and {z}", f"both {y} and {z}"])
            means = f"(and {of(X, Y)} {of(X, quoted(z))})"
            return Clause((f"{x} is the {one} of {pair}", f"{x} is {y} and {z}'s {one}"), (f"is {x} the {one} of {pair}",), means)  # fmt: skip
        turned = bool(back) and r.random() < 0.6
        noun, nouns = (back, backs) if turned else (one, many)
        inside = (lambda s, v: of(s, v)) if turned else (lambda s, v: of(v, s))

        def count(s: str, v: str = "") -> str:
            v = v or _inner(s)
            return f"(count (lambda ({v}) {inside(s, v)}) {L})"

        some = lambda s: f"(any (lambda ({_inner(s)}) {inside(s, _inner(s))}) {L})"  # noqa: E731
        if roll < 0.8:
            text, means, single = amount(r, "{n}", 3)
            noun = noun if single and "more than" not in text else nouns
            return Predicate(lambda s: means.format(n=count(s)), base=f"have {text} {noun}", third=f"has {text} {noun}")  # fmt: skip
        if roll < 0.88:
            text = r.choice([f"no {nouns}", f"no {noun}", f"not a single {noun}"])
            return Predicate(lambda s: f"(not {some(s)})", base=f"have {text}", third=f"has {text}")
        if roll < 0.94:
            text = r.choice([a_(noun), f"at least one {noun}", f"some {nouns}"])
            return Predicate(some, base=f"have {text}", third=f"has {text}")
        more, op = r.choice([("more", ">"), ("fewer", "<")])
        return Predicate(lambda s: f"({op} {count(s)} {count(Y, _inner(s))})", base=f"have {more} {nouns} than {y}", third=f"has {more} {nouns} than {y}", barred=(y,))  # fmt: skip

    def question(r: Random, names: list[str]) -> tuple[str, str]:
        x = names[0]
        X = quoted(x)
        turned = bool(back) and r.random() < 0.5
        noun, nouns = (back, backs) if turned else (one, many)
        inside = of(X, "x") if turned else of("x", X)
        roll = r.random()
        if roll < 0.45:
            who = "who" if sort.person else f"which {sort.one}"
            text = r.choice([f"{who} is {x}'s {noun}", f"{who} is the {noun} of {x}", f"who are {x}'s {nouns}", f"who are the {nouns} of {x}", f"name {x}'s {nouns}", f"who does {x} have as {a_(noun)}"])  # fmt: skip
            return text, f"(filter (lambda (x) {inside}) {L})"
        if roll < 0.85:
            text = r.choice([f"how many {nouns} does {x} have"] * 3 + [f"what is the number of {x}'s {nouns}", f"how many {nouns} has {x} got", f"count {x}'s {nouns}"])  # fmt: skip
            return text, f"(count (lambda (x) {inside}) {L})"
        best, most = r.choice([("argmax", "the most"), ("argmax", "most"), ("argmin", "the fewest")])  # fmt: skip
        two = of("x", "y") if turned else of("y", "x")
        return f"{'who' if sort.person else f'which {sort.one}'} has {most} {nouns}", f"({best} (lambda (x) (count (lambda (y) {two}) {L})) {L})"  # fmt: skip

    return Family((boolean(name, (sort, sort), meaning),), (Pattern(sort, clause, question),))


def _inner(s: str) -> str:
    """A variable that the expression of a subject does not use."""
    return "y" if s == "x" else "x"


# Function, what is said, the same backwards, verb for things, meaning.
SPOTS = (
    ("left-of", "left of|to the left of|on the left of|further left than", "right of|to the right of", "the first is left of the second"),
    ("right-of", "right of|to the right of|on the right of", "left of|to the left of", "the first is right of the second"),
    ("above", "above|over|higher up than", "below|under|underneath", "the first is higher than the second"),
    ("below", "below|under|beneath|underneath", "above|over", "the first is lower than the second"),
    ("behind", "behind|in back of", "in front of", "the first is behind the second"),
    ("in-front-of", "in front of|ahead of", "behind", "the first stands in front of the second"),
    ("north-of", "north of|to the north of", "south of|to the south of", "the first is farther north"),
    ("east-of", "east of|to the east of", "west of|to the west of", "the first lies east of the second"),
    ("inside", "inside|in|within", "", "the first is inside the second"),
    ("on-top-of", "on top of|on|resting on", "underneath|beneath", "the first lies on the second"),
    ("next-to", "next to|beside|adjacent to|right next to", "next to|beside", "they are neighbours"),
    ("near", "near|close to|not far from", "near|close to", "they are near each other"),
    ("touching", "touching|in contact with", "touching", "they touch"),
    ("facing", "facing|turned towards", "", "the first faces the second"),
    ("before", "before|earlier than|ahead of", "after|later than", "the first comes before the second"),
    ("after", "after|later than", "before|earlier than", "the first comes after the second"),
    ("connected", "connected to|linked to|joined to", "connected to|linked to", "there is a link between them"),
    ("related", "related to", "related to", "they are related"),
    ("married", "married to|the spouse of", "married to", "they are married"),
    ("taller", "taller than", "shorter than", "the first is taller"),
    ("afraid-of", "afraid of|scared of|frightened of", "", "the first fears the second"),
    ("proud-of", "proud of", "", "the first is proud of the second"),
    ("angry-with", "angry with|mad at|cross with", "", "the first is angry with the second"),
    ("friends-with", "friends with|on good terms with", "friends with", "they are friends"),
    ("similar", "similar to|like", "similar to", "they are alike"),
)  # fmt: skip


def spot(rng: Random, sorts: list[Sort]) -> Family | None:
    """`The box is left of the jar`; `nothing is on the table`."""
    name_, ahead, back, meaning = rng.choice(SPOTS)
    sort = rng.choice(sorts)
    name = rng.choice([name_, f"{name_}?", f"is-{name_}"])
    L = sort.listing

    def clause(r: Random, names: list[str]) -> Predicate | Clause:
        x, y, z = names[0], names[-1], names[1]
        X, Y, Z = quoted(x), quoted(y), quoted(z)
        roll = r.random()
        words = r.choice(ahead.split("|"))
        if roll < 0.55:
            return Predicate(lambda s: f"({name} {s} {Y})", be=f"{words} {y}", barred=(y,), strict=True)  # fmt: skip
        if roll < 0.75 and back:
            words = r.choice(back.split("|"))
            return Predicate(lambda s: f"({name} {Y} {s})", be=f"{words} {y}", barred=(y,), strict=True)  # fmt: skip
        if roll < 0.85:
            pair = r.choice([f"{y} and {z}", f"both {y} and {z}"])
            return Clause((f"{x} is {words} {pair}",), (f"is {x} {words} {pair}",), f"(and ({name} {X} {Y}) ({name} {X} {Z}))")  # fmt: skip
        if roll < 0.92:
            return Clause((f"{x} is {words} {y} but not {words.split()[-1] if ' ' not in words else words} {z}",), (), f"(and ({name} {X} {Y}) (not ({name} {X} {Z})))")  # fmt: skip
        return Clause((f"{x} is {words} {y} or {z}", f"{x} is {words} either {y} or {z}"), (f"is {x} {words} {y} or {z}",), f"(or ({name} {X} {Y}) ({name} {X} {Z}))")  # fmt: skip

    def question(r: Random, names: list[str]) -> tuple[str, str]:
        x = names[0]
        turned = bool(back) and r.random() < 0.3
        words = r.choice((back if turned else ahead).split("|"))
        inside = f"({name} {quoted(x)} x)" if turned else f"({name} x {quoted(x)})"
        rest = f"(difference {L} '({symbol(x)}))"
        who = "who" if sort.person else r.choice(["what", f"which {sort.one}", f"which {sort.many}"])  # fmt: skip
        be = "are" if who.endswith(sort.many) else "is"
        if r.random() < 0.55:
            return f"{who} {be} {words} {x}", f"(filter (lambda (x) {inside}) {rest})"
        return r.choice([f"how many {sort.many} are {words} {x}", f"how many of the {sort.many} are {words} {x}"]), f"(count (lambda (x) {inside}) {rest})"  # fmt: skip

    return Family((boolean(name, (sort, sort), meaning),), (Pattern(sort, clause, question),))


# Base, third, past, participle of deeds that need no object.
DEEDS = (
    "arrive,arrives,arrived", "win,wins,won", "sing,sings,sang", "dance,dances,danced", "escape,escapes,escaped", "fall,falls,fell", "sleep,sleeps,slept", "break,breaks,broke",
    "leave,leaves,left", "lie,lies,lied", "cheat,cheats,cheated", "smoke,smokes,smoked", "work,works,worked", "swim,swims,swam", "pass the test,passes the test,passed the test", "get a prize,gets a prize,got a prize",
    "eat breakfast,eats breakfast,ate breakfast", "show up,shows up,showed up", "finish the race,finishes the race,finished the race", "make a mistake,makes a mistake,made a mistake", "catch a cold,catches a cold,caught a cold",
    "speak French,speaks French,spoke French", "play the piano,plays the piano,played the piano", "come to the party,comes to the party,came to the party", "stop working,stops working,stopped working", "bloom,blooms,bloomed",
    "explode,explodes,exploded", "melt,melts,melted", "sink,sinks,sank", "crash,crashes,crashed", "score,scores,scored", "vote,votes,voted", "get lost,gets lost,got lost", "go home,goes home,went home", "laugh,laughs,laughed",
)  # fmt: skip


def deed(rng: Random, sorts: list[Sort]) -> Family | None:
    """`Ann escaped`, `nobody passed the test`, `who came to the party?`."""
    sort = rng.choice(sorts)
    base, third, past = rng.choice(DEEDS).split(",")
    present = rng.random() < 0.45
    stem = third if present else past
    name = rng.choice([stem, f"{stem}?", f"{base}?"]).replace(" ", "-").lower()
    verb = third if present else past
    meaning = rng.choice([f"whether the {sort.one} {verb}", f"the {sort.one} {verb}", f"{a_(sort.one)} {verb}"])  # fmt: skip

    def clause(r: Random, names: list[str]) -> Predicate | Clause:
        return Predicate(lambda s: f"({name} {s})", past="" if present else past, base=base, third=third if present else "")  # fmt: skip

    return Family((boolean(name, (sort,), meaning),), (Pattern(sort, clause),))


GOODS = ("car", "key", "umbrella", "dog", "cat", "garden", "phone", "ticket", "passport", "boat", "licence", "job", "map", "helmet", "guitar", "degree", "visa", "bike", "house", "scar", "tattoo", "secret", "fever", "permit", "leak", "window", "engine", "battery")  # fmt: skip


def having(rng: Random, sorts: list[Sort]) -> Family | None:
    """`Ann has a key`, `Bob doesn't own a car`, `everyone without a ticket`."""
    sort, thing = rng.choice(sorts), rng.choice(GOODS)
    name = rng.choice([f"has-{thing}", f"has-{thing}?", f"owns-{thing}?", f"{thing}?"])
    meaning = rng.choice([f"has {a_(thing)}", f"whether the {sort.one} has {a_(thing)}", f"owns {a_(thing)}", f"the {sort.one} has {a_(thing)}"])  # fmt: skip

    def clause(r: Random, names: list[str]) -> Predicate | Clause:
        x = names[0]
        if r.random() < 0.16:
            text = r.choice([f"{x} has no {thing}", f"{x} is without {a_(thing)}", f"{x} does not have any {thing}", f"{x} hasn't got {a_(thing)}", f"{x} lacks {a_(thing)}"])  # fmt: skip
            return Clause((text,), (), f"(not ({name} {quoted(x)}))")
        verb = r.choice(["have", "have", "have", "own"]) if "own" in meaning or r.random() < 0.3 else "have"  # fmt: skip
        third = {"have": "has", "own": "owns"}[verb]
        if r.random() < 0.15:
            third = r.choice(["has got", "has"])
        return Predicate(lambda s: f"({name} {s})", base=f"{verb} {a_(thing)}", third=f"{third} {a_(thing)}")  # fmt: skip

    return Family((boolean(name, (sort,), meaning),), (Pattern(sort, clause),))


# Function, base, third, preposition, whether people do it.
PLACES = (
    ("home", "live", "lives", "in", True), ("workplace", "work", "works", "at", True), ("seat", "sit", "sits", "at", True), ("destination", "go", "goes", "to", True), ("hiding-place", "hide", "hides", "behind", True),
    ("club", "belong", "belongs", "to", True), ("choice", "vote", "votes", "for", True), ("partner", "dance", "dances", "with", True), ("favourite", "prefer", "prefers", "", True), ("order", "order", "orders", "", True),
    ("owner", "belong", "belongs", "to", False), ("place", "stand", "stands", "on", False), ("target", "aim", "aims", "at", True), ("origin", "come", "comes", "from", False), ("shelter", "sleep", "sleeps", "in", True),
    ("vehicle", "drive", "drives", "", True), ("pick", "pick", "picks", "", True), ("meal", "eat", "eats", "", True), ("port", "sail", "sails", "to", False), ("subject", "study", "studies", "", True),
)  # fmt: skip


def placed(rng: Random, sorts: list[Sort]) -> Family | None:
    """`Ann lives in Rome`, `Ann and Bob live in the same city`, `where does Ann live?`."""
    if len(sorts) < 2:
        return None
    a, b = rng.sample(sorts, 2)
    rows = [p for p in PLACES if a.person or not p[4]]
    name_, base, third, prep, _ = rng.choice(rows)
    name = rng.choice([name_, f"{name_}-of", name_, f"{third}-{prep}" if prep else name_])
    meaning = rng.choice([f"the {b.one} that {a_(a.one)} {third} {prep}".strip(), f"which {b.one} {a_(a.one)} {third} {prep}".strip(), f"{a_(a.one)} {third} {prep} this {b.one}".replace("  ", " ")])  # fmt: skip
    entry = Entry(name, Function((Entity(a.type),), Entity(b.type)), meaning)
    do, does = f"{base} {prep}".strip(), f"{third} {prep}".strip()

    def clause(r: Random, names: list[str]) -> Predicate | Clause:
        x, y = names[:2]
        p, q = r.sample(b.pool, 2)
        X, P = f"({name} {quoted(x)})", quoted(p)
        roll = r.random()
        if roll < 0.6:
            return Predicate(lambda s: f"(eq? ({name} {s}) {P})", base=f"{do} {p}", third=f"{does} {p}")  # fmt: skip
        if roll < 0.76:
            not_ = r.random() < 0.3
            text = r.choice([f"{x} and {y} {'do not ' * not_}{do} the same {b.one}", f"{x} {f'does not {do}' if not_ else does} the same {b.one} as {y}"])  # fmt: skip
            ask = r.choice([f"do {x} and {y} {do} the same {b.one}", f"does {x} {do} the same {b.one} as {y}"])  # fmt: skip
            means = f"(eq? {X} ({name} {quoted(y)}))"
            return Clause((text,), () if not_ else (ask,), f"(not {means})" if not_ else means)
        if roll < 0.86:
            return Clause((f"{x} {does} {p} or {q}", f"{x} {does} either {p} or {q}"), (f"does {x} {do} {p} or {q}",), f"(or (eq? {X} {P}) (eq? {X} {quoted(q)}))")  # fmt: skip
        if roll < 0.93:
            return Clause((f"{x} {does} {p}, {r.choice(['not', 'and not'])} {prep + ' ' if prep else ''}{q}",), (), f"(and (eq? {X} {P}) (not (eq? {X} {quoted(q)})))")  # fmt: skip
        return Clause((f"{x} {does} {p} and {y} {does} {q}", f"{x} {does} {p}, {y} {does} {q}"), (), f"(and (eq? {X} {P}) (eq? ({name} {quoted(y)}) {quoted(q)}))")  # fmt: skip

    def question(r: Random, names: list[str]) -> tuple[str, str]:
        x, p = names[0], r.choice(b.pool)
        roll = r.random()
        who = "who" if a.person else f"which {a.one}"
        if roll < 0.5:
            where = [f"where does {x} {base}"] if prep in ("in", "at", "to", "on", "behind") and b.type in ("city", "country", "planet", "box") else []  # fmt: skip
            return r.choice([*where * 3, f"which {b.one} does {x} {do}", f"what {b.one} does {x} {do}"]), f"({name} {quoted(x)})"  # fmt: skip
        fun = f"(lambda (x) (eq? ({name} x) {quoted(p)}))"
        if roll < 0.72:
            return r.choice([f"{who} {does} {p}", f"which {a.many} {do} {p}", f"who all {does} {p}" if a.person else f"{who} {does} {p}"]), f"(filter {fun} {a.listing})"  # fmt: skip
        if roll < 0.9:
            return f"how many {a.many} {do} {p}", f"(count {fun} {a.listing})"
        best, most = r.choice([("argmax", "most"), ("argmin", "fewest")])
        return f"which {b.one} do the {most} {a.many} {do}", f"({best} (lambda (x) (count (lambda (y) (eq? ({name} y) x)) {a.listing})) {b.listing})"  # fmt: skip

    return Family((entry,), (Pattern(a, clause, question),))


# Past, base, third; to whom; passive.
GIFTS = (
    ("gave", "give", "gives", "to", "given"), ("sold", "sell", "sells", "to", "sold"), ("lent", "lend", "lends", "to", "lent"), ("sent", "send", "sends", "to", "sent"),
    ("showed", "show", "shows", "to", "shown"), ("bought", "buy", "buys", "for", ""), ("stole", "steal", "steals", "from", ""), ("borrowed", "borrow", "borrows", "from", ""),
    ("got", "get", "gets", "from", ""), ("offered", "offer", "offers", "to", "offered"), ("brought", "bring", "brings", "to", "brought"),
)  # fmt: skip


def gift(rng: Random, sorts: list[Sort]) -> Family | None:
    """`Ann gave Bob the hammer`, `who lent the key to Bob?`."""
    people = [s for s in sorts if s.person]
    things = [s for s in sorts if not s.person]
    if not people or not things:
        return None
    p, t = rng.choice(people), rng.choice(things)
    past, base, _, to, passive = rng.choice(GIFTS)
    name = rng.choice([past, f"{past}?", base, f"{past}-{to}"])
    meaning = rng.choice([f"the first {past} the third {to} the second", f"{a_(p.one)} {past} {a_(t.one)} {to} another: who, {to} whom, what"])  # fmt: skip
    entry = boolean(name, (p, p, t), meaning)

    def clause(r: Random, names: list[str]) -> Predicate | Clause:
        x, y, thing = names[0], names[-1], r.choice(t.pool)
        Y, T = quoted(y), quoted(thing)
        roll = r.random()
        end = f"{thing} {to} {y}" if to == "from" or r.random() < 0.55 else f"{y} {thing}"
        if roll < 0.6:
            return Predicate(lambda s: f"({name} {s} {Y} {T})", past=f"{past} {end}", base=f"{base} {end}", barred=(y,), strict=True)  # fmt: skip
        if roll < 0.75 and passive:
            text = r.choice([f"{y} was {passive} {thing} by {x}", f"{thing} was {passive} to {y} by {x}"])  # fmt: skip
            return Clause((text,), (f"was {y} {passive} {thing} by {x}",), f"({name} {quoted(x)} {Y} {T})")  # fmt: skip
        some = lambda s: f"(any (lambda ({_inner(s)}) ({name} {s} {Y} {_inner(s)})) {t.listing})"  # noqa: E731
        if roll < 0.9:
            return Predicate(some, past=f"{past} something {to} {y}", base=f"{base} anything {to} {y}", barred=(y,), strict=True)  # fmt: skip
        return Clause((f"{x} {past} nothing {to} {y}", f"{x} didn't {base} anything {to} {y}"), (), f"(not {some(quoted(x))})")  # fmt: skip

    def question(r: Random, names: list[str]) -> tuple[str, str]:
        x, y, thing = names[0], names[1], r.choice(t.pool)
        X, Y, T = quoted(x), quoted(y), quoted(thing)
        kind = r.randrange(4)
        if kind == 0:
            return r.choice([f"who {past} {thing} {to} {y}", f"who was it that {past} {thing} {to} {y}"]), f"(filter (lambda (x) ({name} x {Y} {T})) {p.listing})"  # fmt: skip
        if kind == 1:
            return f"what did {x} {base} {to} {y}", f"(filter (lambda (x) ({name} {X} {Y} x)) {t.listing})"  # fmt: skip
        if kind == 2:
            return r.choice([f"{to} whom did {x} {base} {thing}", f"who did {x} {base} {thing} {to}"]), f"(filter (lambda (x) ({name} {X} x {T})) {p.listing})"  # fmt: skip
        return f"how many {t.many} did {x} {base} {to} {y}", f"(count (lambda (x) ({name} {X} {Y} x)) {t.listing})"  # fmt: skip

    return Family((entry,), (Pattern(p, clause, question),))


# Function, said, denied, asked, meaning.
FACTS = (
    ("raining", "it is raining|it's raining|it rains|there is rain", "it isn't raining|it is not raining|it doesn't rain|it's dry", "is it raining|does it rain", "whether it rains"),
    ("snowing", "it is snowing|it's snowing|it snows|there is snow", "it isn't snowing|it is not snowing|there is no snow", "is it snowing|does it snow", "it snows"),
    ("sunny", "it is sunny|the sun is shining|it's a sunny day", "it is not sunny|it isn't sunny|the sun isn't shining", "is it sunny|is the sun shining|is it a sunny day", "the sun shines"),
    ("weekend", "it is the weekend|it's the weekend|it is a weekend", "it isn't the weekend|it is not a weekend", "is it the weekend|is it a weekend", "today is Saturday or Sunday"),
    ("power-on", "the power is on|there is power|the electricity works", "the power is off|the power is out|there is no power", "is the power on|is there power", "there is electricity"),
    ("door-open", "the door is open|the door stands open", "the door is closed|the door is shut|the door isn't open", "is the door open", "the door is open"),
    ("strike", "there is a strike|they are on strike", "there is no strike|there isn't a strike", "is there a strike|are they on strike", "a strike is on"),
    ("late", "we are late|we're late", "we are not late|we aren't late|we're on time", "are we late", "we are late"),
    ("festival", "there is a festival|the festival is on", "there is no festival|the festival is not on", "is there a festival|is the festival on", "a festival takes place"),
    ("frozen", "it froze last night|there was ice last night", "it did not freeze last night|it didn't freeze|there was no ice last night", "did it freeze last night|was there ice last night", "it was below zero last night"),
    ("full-moon", "the moon is full|it is full moon", "the moon is not full|it isn't full moon", "is the moon full|is it full moon", "the moon is full"),
    ("shop-open", "the shop is open", "the shop is closed|the shop isn't open", "is the shop open", "the shop is open today"),
    ("holiday", "today is a holiday|it is a holiday", "today is not a holiday|it isn't a holiday", "is today a holiday|is it a holiday", "today is a holiday"),
    ("alarm", "the alarm went off|the alarm rang|the alarm sounded", "the alarm did not go off|the alarm didn't ring", "did the alarm go off|did the alarm ring", "the alarm went off"),
)  # fmt: skip

SITES = ("library", "museum", "ward", "theatre", "market", "harbour", "bridge", "pool", "station", "school", "hall", "garage", "kitchen", "airport", "stadium", "bakery", "farm", "office", "castle", "ferry", "lift", "road", "cinema", "workshop", "zoo", "bank", "hotel", "clinic", "gate", "playground")  # fmt: skip
# Name, so, not so, asked, meaning, of `the {p}`.
CONDITIONS = (
    ("open", "is open", "is closed|is shut|isn't open|is not open", "is the {p} open", "the {p} is open today|visitors can come in"),
    ("closed", "is closed|is shut|isn't open", "is open|is not closed", "is the {p} closed|is the {p} shut", "the {p} is closed|nobody can come in"),
    ("full", "is full|is completely full|has no room left", "is not full|isn't full|still has room|has free places", "is the {p} full|is there no room in the {p}", "no place is free in the {p}|there is no room left"),
    ("crowded", "is crowded|is packed|is very busy", "is not crowded|is quiet|is nearly empty", "is the {p} crowded|is the {p} busy", "many people are in the {p}|the {p} is crowded"),
    ("lit", "is lit|is lit up", "is dark|is not lit", "is the {p} lit", "the lights are on in the {p}"),
    ("safe", "is safe", "is unsafe|is dangerous|isn't safe", "is the {p} safe", "nothing can happen in the {p}|the {p} is safe"),
    ("clean", "is clean|has been cleaned", "is dirty|has not been cleaned", "is the {p} clean|has the {p} been cleaned", "the {p} is clean"),
    ("heated", "is heated|is warm", "is cold|is not heated", "is the {p} heated|is the {p} warm", "the heating works|the {p} is warm"),
    ("guarded", "is guarded", "is unguarded|is not guarded", "is the {p} guarded", "somebody guards the {p}"),
    ("flooded", "is flooded|is under water", "is dry|is not flooded", "is the {p} flooded|is the {p} under water", "water stands in the {p}"),
    ("renovated", "has been renovated|is being renovated", "has not been renovated", "has the {p} been renovated|is the {p} being renovated", "the {p} is renovated|builders are at work"),
)  # fmt: skip


def _place(rng: Random) -> tuple[str, str, str, str, str]:
    """Something that holds of one place, in the form of `FACTS`: `the museum is full`."""
    place = rng.choice(SITES)
    name, yes, no, asked, meanings = rng.choice(CONDITIONS)
    so, not_so = ("|".join(f"the {place} {x}" for x in texts.split("|")) for texts in (yes, no))
    meaning = rng.choice(meanings.split("|")).format(p=place)
    named = name if place in meaning or rng.random() < 0.5 else f"{place}-{name}"
    if place not in meaning and named == name:
        meaning += f", of the {place}"
    return named, so, not_so, asked.format(p=place), meaning


def fact(rng: Random, sorts: list[Sort]) -> Family | None:
    """`It is raining`; something that holds of nothing in particular."""
    name_, yes, no, asked, meaning = rng.choice(FACTS) if rng.random() < 0.4 else _place(rng)
    name = rng.choice([name_, f"{name_}?", f"is-{name_}"])
    bare = rng.random() < 0.6
    call = name if bare else f"({name})"

    def clause(r: Random, names: list[str]) -> Predicate | Clause:
        if r.random() < 0.35:
            return Clause(tuple(no.split("|")), (), f"(not {call})")
        return Clause(tuple(yes.split("|")), tuple(asked.split("|")), call)

    return Family(
        (Entry(name, BOOLEAN if bare else Function((), BOOLEAN), meaning),),
        (Pattern(sorts[0], clause),),
    )
