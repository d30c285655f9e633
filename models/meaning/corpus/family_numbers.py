"""Families of invented worlds that are numbers: counts, words with bounds, distances, moments."""

from __future__ import annotations

from random import Random

from models.meaning.corpus.attributes import Attribute, about, number
from models.meaning.corpus.clause import Clause, Predicate, Sort, quoted, team
from models.meaning.corpus.families import Family, a_, amount
from models.meaning.corpus.names import symbol
from models.meaning.corpus.world import Pattern
from plot.types import NUMBER, Entity, Function
from plot.vocabulary import Entry

# Noun, plural, past tense of what is done with them (empty: they are had).
COUNTED = (
    ("book", "books", "read,read"), ("apple", "apples", "eat,ate"), ("medal", "medals", "win,won"), ("key", "keys", ""), ("coin", "coins", "find,found"), ("cat", "cats", ""), ("window", "windows", ""), ("room", "rooms", ""),
    ("friend", "friends", ""), ("goal", "goals", "score,scored"), ("fish", "fish", "catch,caught"), ("tree", "trees", "plant,planted"), ("mistake", "mistakes", "make,made"), ("ticket", "tickets", "sell,sold"), ("song", "songs", "sing,sang"),
    ("letter", "letters", "write,wrote"), ("visitor", "visitors", ""), ("leg", "legs", ""), ("seat", "seats", ""), ("flower", "flowers", "pick,picked"), ("point", "points", "get,got"), ("cake", "cakes", "bake,baked"), ("stamp", "stamps", "collect,collected"),
    ("question", "questions", "answer,answered"), ("hat", "hats", ""), ("stripe", "stripes", ""), ("cup of tea", "cups of tea", "drink,drank"), ("race", "races", "run,ran"), ("vote", "votes", "get,got"), ("brother", "brothers", ""),
)  # fmt: skip


def entry_of(name: str, sorts: tuple[Sort, ...], meaning: str) -> Entry:
    """A declared number of entities."""
    return Entry(name, Function(tuple(Entity(s.type) for s in sorts), NUMBER), meaning)


def counts(rng: Random, sorts: list[Sort]) -> Family | None:
    """`Ann has three books`, `Bob read more books than Cleo`, `who has the most keys?`."""
    sort = rng.choice(sorts)
    noun, many, verbs = rng.choice(COUNTED)
    base, past = verbs.split(",") if verbs else ("have", "has")
    had = base == "have"
    name = rng.choice([many, f"number-of-{many}", f"how-many-{many}", f"{noun}-count"]).replace(" ", "-")  # fmt: skip
    lots, few = rng.choice([(5, 2), (10, 3), (4, 2), (6, 2), (8, 3), (20, 5)])
    bounds = rng.random() < 0.6
    meaning = rng.choice([f"how many {many} {a_(sort.one)} {past}", f"number of {many} that the {sort.one} {past}", f"{many} of the {sort.one}"])  # fmt: skip
    if bounds:
        meaning += rng.choice([f"; many is {lots} or more, few is below {few}", f": many means at least {lots}, few fewer than {few}", f", {lots} or more is many, under {few} is few"])  # fmt: skip
    L = sort.listing

    def of(s: str) -> str:
        return f"({name} {s})"

    def verb(text: str, means, barred: tuple[str, ...] = ()) -> Predicate:
        if had:
            return Predicate(means, base=f"have {text}", third=f"has {text}", barred=barred)
        return Predicate(means, past=f"{past} {text}", base=f"{base} {text}", barred=barred)

    def clause(r: Random, names: list[str]) -> Predicate | Clause:
        y = names[-1]
        Y = of(quoted(y))
        roll = r.random()
        if roll < 0.45:
            text, means, single = amount(r, "{n}", 9)
            thing = noun if single and not text.startswith("more") else many
            return verb(f"{text} {thing}", lambda s: means.format(n=of(s)))
        if roll < 0.55:
            if r.random() < 0.5:
                x = names[0]
                text = r.choice([f"no {many}", f"no {noun}", f"not a single {noun}"])
                return Clause((f"{x} {past} {text}",), (), f"(= {of(quoted(x))} 0)")
            return verb(r.choice([a_(noun), f"at least one {noun}", f"some {many}"]), lambda s: f"(> {of(s)} 0)")  # fmt: skip
        if roll < 0.67 and bounds:
            words, op, k = r.choice([("many", ">=", lots), ("a lot of", ">=", lots), ("lots of", ">=", lots), ("few", "<", few), ("only a few", "<", few)])  # fmt: skip
            return verb(f"{words} {many}", lambda s: f"({op} {of(s)} {k})")
        rows = [
            *[(f"more {many} than {y}", lambda s: f"(> {of(s)} {Y})")] * 3,
            (f"fewer {many} than {y}", lambda s: f"(< {of(s)} {Y})"),
            (f"as many {many} as {y}", lambda s: f"(= {of(s)} {Y})"),
            (f"the same number of {many} as {y}", lambda s: f"(= {of(s)} {Y})"),
            (f"twice as many {many} as {y}", lambda s: f"(= {of(s)} (* 2 {Y}))"),
            (f"at least as many {many} as {y}", lambda s: f"(>= {of(s)} {Y})"),
            (f"two more {many} than {y}", lambda s: f"(= (- {of(s)} {Y}) 2)"),
            (f"three fewer {many} than {y}", lambda s: f"(= (- {Y} {of(s)}) 3)"),
        ]
        text, means = r.choice(rows)
        return verb(text, means, (y,))

    def question(r: Random, names: list[str]) -> tuple[str, str]:
        x, y = names[:2]
        X, Y = of(quoted(x)), of(quoted(y))
        do = "does" if had else "did"
        who = "who" if sort.person else f"which {sort.one}"
        fun = f"(lambda (x) {of('x')})"
        rows = [
            *[(f"how many {many} {do} {x} {base}", X)] * 5,
            (f"what is the number of {x}'s {many}", X) if had else (f"how many {many} did {x} {base}", X),
            (f"{who} {past} the most {many}", f"(argmax {fun} {L})"),
            (f"{who} {past} most {many}", f"(argmax {fun} {L})"),
            (f"{who} {past} the fewest {many}", f"(argmin {fun} {L})"),
            (f"{who} {past} more {many}, {x} or {y}", f"(argmax {fun} {team([x, y])})"),
            (f"how many {many} {'do' if had else 'did'} {x} and {y} {base} {r.choice(['together', 'in total', 'altogether'])}", f"(+ {X} {Y})"),
            (f"how many more {many} {do} {x} {base} than {y}", f"(- {X} {Y})"),
            (f"how many {many} are there in total" if had else f"how many {many} did they {base} in total", f"(sum (map {fun} {L}))"),
            (f"how many {many} {do} {a_(sort.one)} {base} on average", f"(mean (map {fun} {L}))"),
        ]  # fmt: skip
        return r.choice(rows)

    return Family((entry_of(name, (sort,), meaning),), (Pattern(sort, clause, question),))


# Adjective, comparative, superlative | opposite | noun; bounds of both words alone.
GRADED = (
    "heavy,heavier,heaviest|light,lighter,lightest|weight", "tall,taller,tallest|short,shorter,shortest|height", "old,older,oldest|young,younger,youngest|age", "fast,faster,fastest|slow,slower,slowest|speed",
    "expensive,more expensive,most expensive|cheap,cheaper,cheapest|price", "hot,hotter,hottest|cold,colder,coldest|temperature", "big,bigger,biggest|small,smaller,smallest|size", "loud,louder,loudest|quiet,quieter,quietest|volume",
    "bright,brighter,brightest|dark,darker,darkest|brightness", "rich,richer,richest|poor,poorer,poorest|wealth", "deep,deeper,deepest|shallow,shallower,shallowest|depth", "wide,wider,widest|narrow,narrower,narrowest|width",
    "busy,busier,busiest|idle,idler,idlest|workload", "crowded,more crowded,most crowded|empty,emptier,emptiest|occupancy", "ripe,riper,ripest|unripe,less ripe,least ripe|ripeness", "wet,wetter,wettest|dry,drier,driest|moisture",
    "clever,cleverer,cleverest|slow,slower,slowest|wit", "tired,more tired,most tired|fresh,fresher,freshest|tiredness", "sunny,sunnier,sunniest|shady,shadier,shadiest|sunshine", "thick,thicker,thickest|thin,thinner,thinnest|thickness",
)  # fmt: skip


def graded(rng: Random, sorts: list[Sort]) -> Family | None:
    """`Rex is heavy`, `is the box light?`, where the prompt bounds the words themselves."""
    sort = rng.choice(sorts)
    words, opposite, nouns = (part.split(",") for part in rng.choice(GRADED).split("|"))
    noun = nouns[0]
    name = rng.choice([noun, f"{noun}-of", f"{sort.type}-{noun}"])
    scale = rng.choice([1, 10, 10, 100, 100, 1000])
    high, very = scale * rng.choice([0.5, 0.6, 0.55]), scale * rng.choice([0.75, 0.8, 0.9])
    low, tiny = scale * rng.choice([0.3, 0.4, 0.35, 0.2]), scale * rng.choice([0.1, 0.15, 0.05])
    high, very, low, tiny = (number(round(v, 2)) for v in (high, very, low, tiny))
    unit = rng.choice(["", "", " in kg", " in metres", " in years", " in euros", " in points", " out of " + number(scale)])  # fmt: skip
    adjective, contrary = words[0], opposite[0]
    strong = rng.choice(["very", "very", "quite", "really", ""])
    said = [(adjective, ">", high)]
    bounds = [f"{adjective} is above {high}"]
    if strong:
        said.append((f"{strong} {adjective}", ">", very))
        bounds.append(f"{strong} {adjective} above {very}")
    if rng.random() < 0.75:
        said.append((contrary, "<", low))
        bounds.append(f"{contrary} is below {low}")
        if strong and rng.random() < 0.6:
            said.append((f"{strong} {contrary}", "<", tiny))
            bounds.append(f"{strong} {contrary} below {tiny}")
    if rng.random() < 0.3:
        rng.shuffle(bounds)
    head = rng.choice([f"how {adjective} {a_(sort.one)} is", f"the {noun} of {a_(sort.one)}", f"{noun}", f"its {noun}"])  # fmt: skip
    meaning = f"{head}{unit}{rng.choice(['; ', ': ', ', '])}{', '.join(bounds)}"

    def clause(r: Random, names: list[str]) -> Predicate:
        text, op, k = r.choice(said)
        if text == adjective and r.random() < 0.25:
            text = r.choice(["pretty", "fairly", "rather", "somewhat"]) + f" {text}"
        return Predicate(lambda s: f"({op} ({name} {s}) {k})", be=text, vague=True)

    values = tuple(round(scale * k / 20, 2) for k in (2, 3, 5, 6, 8, 9, 10, 12, 14, 15, 17, 18))
    attribute = Attribute(
        name, (words[0], words[1], words[2]), (opposite[0], opposite[1], opposite[2]), (noun,), None, None, None, values,
    )  # fmt: skip
    return Family(
        (entry_of(name, (sort,), meaning),), (Pattern(sort, clause),), ((attribute, sort),)
    )


def distances(rng: Random, sorts: list[Sort]) -> Family | None:
    """`Rome is far from Oslo`, `Rome is closer to Oslo than to Lima`, `how far is ...`."""
    sort = rng.choice(sorts)
    name = rng.choice(["distance", "how-far", "gap", "dist"])
    far, near = rng.choice([(10, 2), (100, 20), (500, 50), (5, 1), (1, 0.2), (50, 10)])
    unit = rng.choice(["km", "metres", "miles", "steps", ""])
    meaning = rng.choice(["how far apart they are", "the distance between the two", "how far the first is from the second"])  # fmt: skip
    meaning += (f" in {unit}" if unit else "") + rng.choice([f"; far is above {far}, near is below {near}", f": above {far} is far, below {near} is close", f", far > {far}, near or close < {near}"])  # fmt: skip
    L = sort.listing

    def of(a: str, b: str) -> str:
        return f"({name} {a} {b})"

    def clause(r: Random, names: list[str]) -> Predicate | Clause:
        y, z = names[-1], names[-2]
        Y, Z = quoted(y), quoted(z)
        k = r.choice([far, near, far * 2, number(far / 2), far * 3])
        t = f"{k} {unit}".strip()
        rows = [
            (f"far from {y}", lambda s: f"(> {of(s, Y)} {far})"),
            (f"far away from {y}", lambda s: f"(> {of(s, Y)} {far})"),
            (f"close to {y}", lambda s: f"(< {of(s, Y)} {near})"),
            (f"near {y}", lambda s: f"(< {of(s, Y)} {near})"),
            (f"{t} from {y}", lambda s: f"(= {of(s, Y)} {k})"),
            (f"more than {t} from {y}", lambda s: f"(> {of(s, Y)} {k})"),
            (f"less than {t} away from {y}", lambda s: f"(< {of(s, Y)} {k})"),
            (f"within {t} of {y}", lambda s: f"(<= {of(s, Y)} {k})"),
            (f"at least {t} away from {y}", lambda s: f"(>= {of(s, Y)} {k})"),
            (f"closer to {y} than to {z}", lambda s: f"(< {of(s, Y)} {of(s, Z)})"),
            (f"nearer to {y} than to {z}", lambda s: f"(< {of(s, Y)} {of(s, Z)})"),
            (f"farther from {y} than from {z}", lambda s: f"(> {of(s, Y)} {of(s, Z)})"),
            (f"closer to {y} than {z} is", lambda s: f"(< {of(s, Y)} {of(Z, Y)})"),
            (f"as far from {y} as from {z}", lambda s: f"(= {of(s, Y)} {of(s, Z)})"),
        ]
        text, means = r.choice(rows)
        if z == y:
            text, means = rows[0]
        barred = tuple(dict.fromkeys((y, z) if z in text.split() else (y,)))
        return Predicate(means, be=text, barred=barred, strict=True)

    def question(r: Random, names: list[str]) -> tuple[str, str]:
        x, y, z = names[:3]
        X, Y = quoted(x), quoted(y)
        rest = f"(difference {L} '({symbol(x)}))"
        who = "who" if sort.person else f"which {sort.one}"
        fun = f"(lambda (x) {of('x', X)})"
        rows = [
            *[(f"how far is {x} from {y}", of(X, Y))] * 3,
            (f"how far apart are {x} and {y}", of(X, Y)),
            (f"what is the distance between {x} and {y}", of(X, Y)),
            (f"how far is it from {x} to {y}", of(X, Y)),
            (f"{who} is {r.choice(['closest to', 'nearest to'])} {x}", f"(argmin {fun} {rest})"),
            (f"{who} is {r.choice(['farthest from', 'furthest away from'])} {x}", f"(argmax {fun} {rest})"),
            (f"{who} is closer to {x}, {y} or {z}", f"(argmin {fun} {team([y, z])})"),
            (f"how much farther is {x} from {y} than from {z}", f"(- {of(X, Y)} {of(X, quoted(z))})"),
        ]  # fmt: skip
        return r.choice(rows)

    return Family((entry_of(name, (sort, sort), meaning),), (Pattern(sort, clause, question),))


FEELINGS = (("trust", "trusts"), ("like", "likes"), ("fear", "fears"), ("admire", "admires"), ("respect", "respects"), ("love", "loves"), ("miss", "misses"), ("envy", "envies"), ("need", "needs"))  # fmt: skip


def feelings(rng: Random, sorts: list[Sort]) -> Family | None:
    """`Ann trusts Bob a lot`, `Ann likes Bob more than Cleo`, `whom does Ann like most?`."""
    people = [s for s in sorts if s.person]
    if not people:
        return None
    a, b = rng.choice(people), rng.choice(sorts)
    base, third = rng.choice(FEELINGS)
    name = rng.choice([base, third, f"how-much-{third}", f"{base}-level"])
    scale = rng.choice([10, 10, 100, 1])
    some, much, little = (number(scale * f) for f in (0.5, rng.choice([0.7, 0.8]), rng.choice([0.2, 0.3])))  # fmt: skip
    bare = rng.random() < 0.6
    meaning = f"how much {a_(a.one)} {third} {'another' if a is b else a_(b.one)}, 0 to {number(scale)}"  # fmt: skip
    meaning += rng.choice(["; ", ": "]) + (f"{third} is above {some}, " if bare else "") + f"{third} a lot above {much}, hardly {third} below {little}"  # fmt: skip

    def of(x: str, y: str) -> str:
        return f"({name} {x} {y})"

    def clause(r: Random, names: list[str]) -> Predicate | Clause:
        pool = names if a is b else list(b.pool)
        y, z = (pool[-1], pool[-2]) if a is b else r.sample(pool, 2)
        Y, Z = quoted(y), quoted(z)
        lot = r.choice(["a lot", "a lot", "very much", "a great deal", "enormously"])
        rows = [
            *([(f"{base} {y}", f"{third} {y}", lambda s: f"(> {of(s, Y)} {some})")] * 3 if bare else []),
            (f"{base} {y} {lot}", f"{third} {y} {lot}", lambda s: f"(> {of(s, Y)} {much})"),
            (f"really {base} {y}", f"really {third} {y}", lambda s: f"(> {of(s, Y)} {much})"),
            (f"hardly {base} {y}", f"hardly {third} {y}", lambda s: f"(< {of(s, Y)} {little})"),
            (f"{base} {y} more than {z}", f"{third} {y} more than {z}", lambda s: f"(> {of(s, Y)} {of(s, Z)})"),
            (f"{base} {y} less than {z}", f"{third} {y} less than {z}", lambda s: f"(< {of(s, Y)} {of(s, Z)})"),
            (f"{base} {y} at least as much as {z}", f"{third} {y} at least as much as {z}", lambda s: f"(>= {of(s, Y)} {of(s, Z)})"),
        ]  # fmt: skip
        do, does, means = r.choice(rows)
        if y == z:
            do, does, means = rows[-6] if bare else rows[0]
        barred = tuple(n for n in dict.fromkeys((y, z)) if n in do) if a is b else ()
        return Predicate(means, base=do, third=does, barred=barred, strict=True)

    def question(r: Random, names: list[str]) -> tuple[str, str]:
        x = names[0]
        y = names[1] if a is b else r.choice(b.pool)
        X, Y = quoted(x), quoted(y)
        rest = f"(difference {b.listing} '({symbol(x)}))" if a is b else b.listing
        back = f"(difference {a.listing} '({symbol(y)}))" if a is b else a.listing
        best, most = r.choice([("argmax", "most"), ("argmax", "the most"), ("argmin", "least"), ("argmin", "the least")])  # fmt: skip
        whom = r.choice(["who", "whom"]) if b.person else f"which {b.one}"
        rows = [
            *[(f"how much does {x} {base} {y}", of(X, Y))] * 3,
            (f"{whom} does {x} {base} {most}", f"({best} (lambda (x) {of(X, 'x')}) {rest})"),
            (f"who {third} {y} {most}", f"({best} (lambda (x) {of('x', Y)}) {back})"),
        ]
        return r.choice(rows)

    return Family((entry_of(name, (a, b), meaning),), (Pattern(a, clause, question),))


# Noun, preposition, noun of the second sort's place: `the price of bread at Aldi`.
VALUES = (("price", "of {a} in {b}", "price"), ("grade", "of {a} in {b}", "grade"), ("score", "of {a} against {b}", "score"), ("time", "of {a} in {b}", "time"), ("share", "of {a} in {b}", "share"), ("debt", "of {a} to {b}", "debt"))  # fmt: skip


def values(rng: Random, sorts: list[Sort]) -> Family | None:
    """`The price of tea in Oslo is above 3`, `what is Ann's grade in maths?`."""
    if len(sorts) < 2:
        return None
    a, b = rng.sample(sorts, 2)
    name, phrase, noun = rng.choice(VALUES)
    scale = rng.choice([5, 10, 20, 100])
    high, low = rng.choice([(0.7, 0.3), (0.8, 0.2), (0.6, 0.4)])
    high, low = number(scale * high), number(scale * low)
    meaning = phrase.replace("of {a}", f"the {noun} of {a_(a.one)}").format(b=a_(b.one)) + f"; high is above {high}, low is below {low}"  # fmt: skip

    def clause(r: Random, names: list[str]) -> Clause:
        x, (p, q) = names[0], r.sample(b.pool, 2)
        V, W = (f"({name} {quoted(x)} {quoted(s)})" for s in (p, q))
        what = phrase.format(a="{a}", b=p)
        subject = r.choice([f"the {noun} {what.format(a=x)}"] * 2 + [f"{x}'s {noun} {what.removeprefix('of {a} ')}"])  # fmt: skip
        k = number(round(scale * r.choice([0.2, 0.3, 0.4, 0.5, 0.6, 0.8]), 1))
        prep = what.removeprefix("of {a} ").split()[0]
        rows = [
            ("high", f"(> {V} {high})"), ("low", f"(< {V} {low})"), (k, f"(= {V} {k})"), (f"above {k}", f"(> {V} {k})"), (f"below {k}", f"(< {V} {k})"),
            (f"about {k}", about(V, float(k))), (f"at least {k}", f"(>= {V} {k})"), (f"higher than {prep} {q}", f"(> {V} {W})"), (f"lower than {prep} {q}", f"(< {V} {W})"),
        ]  # fmt: skip
        text, means = r.choice(rows)
        if r.random() < 0.12:
            return Clause((f"{subject} isn't {text}", f"{subject} is not {text}"), (), f"(not {means})")  # fmt: skip
        return Clause((f"{subject} is {text}",), (f"is {subject} {text}",), means)

    def question(r: Random, names: list[str]) -> tuple[str, str]:
        x, p = names[0], r.choice(b.pool)
        subject = f"the {noun} {phrase.format(a=x, b=p)}"
        prep = phrase.split()[2]
        best, most = r.choice([("argmax", "highest"), ("argmin", "lowest")])
        rows = [
            *[(f"what is {subject}", f"({name} {quoted(x)} {quoted(p)})")] * 3,
            (f"how high is {subject}", f"({name} {quoted(x)} {quoted(p)})"),
            (f"{prep} which {b.one} is the {noun} of {x} {most}", f"({best} (lambda (x) ({name} {quoted(x)} x)) {b.listing})"),
            (f"which {a.one} has the {most} {noun} {prep} {p}", f"({best} (lambda (x) ({name} x {quoted(p)})) {a.listing})"),
        ]  # fmt: skip
        return r.choice(rows)

    return Family((entry_of(name, (a, b), meaning),), (Pattern(a, clause, question),))


# What happens: base, past, name.
EVENTS = (("arrive", "arrived", "arrival"), ("finish", "finished", "finish"), ("leave", "left", "departure"), ("wake up", "woke up", "wake-up"), ("start", "started", "start"), ("open", "opened", "opening"), ("bloom", "bloomed", "bloom"), ("land", "landed", "landing"))  # fmt: skip


def moments(rng: Random, sorts: list[Sort]) -> Family | None:
    """`Ann arrived before Bob`, `Ann was late`, `who left first?`."""
    sort = rng.choice(sorts)
    base, past, stem = rng.choice(EVENTS)
    name = rng.choice([f"{stem}-time", f"{stem}-minute", f"when-{past.replace(' ', '-')}", stem])
    unit = rng.choice(["minutes", "hours", "days", "seconds"])
    early, late = rng.choice([(10, 30), (5, 20), (8, 18), (2, 9), (20, 60)])
    meaning = rng.choice([f"when the {sort.one} {past}, in {unit}", f"{unit} until {a_(sort.one)} {past}", f"time at which it {past}, in {unit}"])  # fmt: skip
    meaning += rng.choice([f"; early is before {early}, late after {late}", f": late is above {late}, early is below {early}"])  # fmt: skip
    L = sort.listing

    def of(s: str) -> str:
        return f"({name} {s})"

    def clause(r: Random, names: list[str]) -> Predicate | Clause:
        x, y = names[0], names[-1]
        Y = of(quoted(y))
        k = r.choice([early, late, 2 * early, 3, 5, 12, 15])
        rows = [
            ("early", lambda s: f"(< {of(s)} {early})", ()), ("late", lambda s: f"(> {of(s)} {late})", ()),
            *[(f"before {y}", lambda s: f"(< {of(s)} {Y})", (y,))] * 3, *[(f"after {y}", lambda s: f"(> {of(s)} {Y})", (y,))] * 2,
            (f"earlier than {y}", lambda s: f"(< {of(s)} {Y})", (y,)), (f"later than {y}", lambda s: f"(> {of(s)} {Y})", (y,)),
            (f"at least {k} {unit} before {y}", lambda s: f"(>= (- {Y} {of(s)}) {k})", (y,)), (f"more than {k} {unit} after {y}", lambda s: f"(> (- {of(s)} {Y}) {k})", (y,)),
            (f"within {k} {unit}", lambda s: f"(<= {of(s)} {k})", ()), (f"after {k} {unit}", lambda s: f"(= {of(s)} {k})", ()), (f"after more than {k} {unit}", lambda s: f"(> {of(s)} {k})", ()),
            (f"at the same time as {y}", lambda s: f"(= {of(s)} {Y})", (y,)),
        ]  # fmt: skip
        if r.random() < 0.14:
            best, first = r.choice([("argmin", "first"), ("argmax", "last")])
            means = f"(eq? ({best} (lambda (x) {of('x')}) {L}) {quoted(x)})"
            return Clause((f"{x} {past} {first}", f"{x} was the {first} to {base}", f"{x} was {first} to {base}"), (f"did {x} {base} {first}", f"was {x} the {first} to {base}"), means)  # fmt: skip
        text, means, barred = r.choice(rows)
        return Predicate(means, past=f"{past} {text}", base=f"{base} {text}", barred=barred, strict=True)  # fmt: skip

    def question(r: Random, names: list[str]) -> tuple[str, str]:
        x, y = names[:2]
        who = "who" if sort.person else f"which {sort.one}"
        fun = f"(lambda (x) {of('x')})"
        rows = [
            *[(f"when did {x} {base}", of(quoted(x)))] * 3,
            (f"how many {unit} did it take until {x} {past}", of(quoted(x))),
            (f"{who} {past} first", f"(argmin {fun} {L})"), (f"{who} {past} last", f"(argmax {fun} {L})"), (f"{who} was the first to {base}", f"(argmin {fun} {L})"),
            (f"{who} {past} first, {x} or {y}", f"(argmin {fun} {team([x, y])})"), (f"{who} {past} earlier, {x} or {y}", f"(argmin {fun} {team([x, y])})"),
            (f"how many {unit} after {y} did {x} {base}", f"(- {of(quoted(x))} {of(quoted(y))})"), (f"how much later than {y} did {x} {base}", f"(- {of(quoted(x))} {of(quoted(y))})"),
        ]  # fmt: skip
        return r.choice(rows)

    return Family((entry_of(name, (sort,), meaning),), (Pattern(sort, clause, question),))


# Name, noun, high word, low word, its question.
GAUGES = (("temperature", "temperature", "hot", "cold", "how hot is it"), ("noise", "noise level", "loud", "quiet", "how loud is it"), ("wind", "wind speed", "windy", "calm", "how windy is it"), ("price-of-oil", "price of oil", "", "", "what does oil cost"), ("crowd", "number of visitors", "crowded", "empty", "how many visitors are there"), ("hour", "hour", "late", "early", "how late is it"))  # fmt: skip


def gauge(rng: Random, sorts: list[Sort]) -> Family | None:
    """`It is hot`, `the temperature is above 20`: a number of nothing in particular."""
    name, noun, high, low, asked = rng.choice(GAUGES)
    big, small = rng.choice([(25, 5), (70, 30), (8, 2), (20, 10)])
    bare = rng.random() < 0.4
    call = name if bare else f"({name})"
    meaning = f"the {noun}" + (f"; {high} is above {big}, {low} is below {small}" if high else "")

    def clause(r: Random, names: list[str]) -> Clause:
        k = r.choice([big, small, big + 5, small + 3, 2 * big])
        the = f"the {noun}"
        rows = [
            (f"{the} is above {k}", f"is {the} above {k}", f"(> {call} {k})"), (f"{the} is below {k}", f"is {the} below {k}", f"(< {call} {k})"), (f"{the} is {k}", f"is {the} {k}", f"(= {call} {k})"),
            (f"{the} is at least {k}", f"is {the} at least {k}", f"(>= {call} {k})"), (f"{the} is no higher than {k}", "", f"(<= {call} {k})"), (f"{the} is about {k}", f"is {the} about {k}", about(call, k)),
        ]  # fmt: skip
        if high:
            rows += [(f"it is {high}", f"is it {high}", f"(> {call} {big})"), (f"it's {low}", f"is it {low}", f"(< {call} {small})"), (f"it isn't {high}", "", f"(not (> {call} {big}))")] * 2  # fmt: skip
        say, ask, means = r.choice(rows)
        return Clause((say,), (ask,) if ask else (), means)

    def question(r: Random, names: list[str]) -> tuple[str, str]:
        return r.choice([f"what is the {noun}", asked, f"what's the {noun}"]), call

    return Family((Entry(name, NUMBER if bare else Function((), NUMBER), meaning),), (Pattern(sorts[0], clause, question),))  # fmt: skip
