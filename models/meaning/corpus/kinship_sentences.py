"""Clauses about a family: somebody, a relative of somebody, some or all of them, and what is said of them."""

from __future__ import annotations

from random import Random

from models.meaning.corpus.clause import Clause, conjoin, listing, quoted
from models.meaning.corpus.kinship_clauses import (
    Said,
    amount,
    noun,
    predicate,
)
from models.meaning.corpus.kinship_more import more
from models.meaning.corpus.kinship_words import (
    CHILD,
    COUNTED,
    GRANDPARENT,
    MUTUAL,
    PARENT,
    a,
    conjunction,
    counted,
    someone,
)

NUMBERS = ("four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
SHORT = (("is not ", "isn't "), ("does not ", "doesn't "), ("did not ", "didn't "))


def clause(rng: Random, names: list[str]) -> Clause:
    """Something that is so or not.

    Args:
      rng: where chance comes from.
      names: displayed names, three or more, the same at most twice.
    """
    roll = rng.random()
    if roll < 0.1:
        return mutual(rng, names)
    if roll < 0.16:
        return shared(rng, names)
    if roll < 0.22:
        return inverted(rng, names)
    if roll < 0.27:
        return listed(rng, names)
    if roll < 0.36:
        return more(rng, names)
    if roll < 0.6:
        return named(rng, names)
    if roll < 0.65:
        return several(rng, names)
    if roll < 0.88:
        return described(rng, names)
    return anybody(rng, names)


def _clause(rng: Random, subject: str, said: Said, means: str, deny: bool = True) -> Clause:
    """A clause with a subject in the singular."""
    if deny and said.no and rng.random() < 0.14:
        no = said.no
        if rng.random() < 0.6:
            for long, short in SHORT:
                no = no.replace(long, short, 1)
        return Clause((f"{subject} {no}",), (), f"(not {means})")
    yes = said.yes
    roll = rng.random()
    if said.verb == "is" and roll < 0.06:
        yes = rng.choice(["is definitely", "is also", "happens to be", "is actually", "was"]) + yes[2:]  # fmt: skip
    if said.verb == "does" and roll < 0.1:
        yes = rng.choice(["has got", "also has", "has"]) + yes[3:]
    says = [f"{subject} {yes}"]
    if said.verb == "is" and " " not in subject and rng.random() < 0.06:
        says = [f"{subject}'s {said.asked}"]
    asks: tuple[str, ...] = ()
    if said.asked:
        asks = (f"{said.verb} {subject} {said.asked}",)
        if said.verb == "does" and rng.random() < 0.15:
            asks = (f"has {subject} got {said.asked[5:]}",)
        elif rng.random() < 0.16:
            asks = _likely(rng, subject, said)
        elif rng.random() < 0.05:
            short = {"is": "isn't", "does": "doesn't", "did": "didn't"}[said.verb]
            asks = (f"{short} {subject} {said.asked}",)
        elif rng.random() < 0.06:
            tags = ["right", "correct", {"is": "isn't she", "does": "doesn't he", "did": "didn't she"}[said.verb]]  # fmt: skip
            asks = (f"{subject} {said.yes}, {rng.choice(tags)}", f"{subject} {said.yes}")
    return Clause(tuple(says), asks, means)


def _likely(rng: Random, subject: str, said: Said) -> tuple[str, ...]:
    """Polar questions with could and might, with likely to and the chances of."""
    base = f"be {said.asked}" if said.verb == "is" else said.asked
    first, _, rest = base.partition(" ")
    doing = {"be": "being", "have": "having", "marry": "marrying"}.get(first)
    asks = [f"{rng.choice(['could', 'might', 'can', 'must'])} {subject} {base}"]
    if said.verb != "did":
        asks += [f"how likely is {subject} to {base}", f"is {subject} likely to {base}"]
    if doing:
        chance = rng.choice(["what are the chances of", "what is the probability of", "what's the chance of"])  # fmt: skip
        asks.append(f"{chance} {subject} {doing} {rest}")
    return tuple(asks)


def named(rng: Random, names: list[str]) -> Clause:
    """A name and what is said of it."""
    x, rest = names[0], names[1:]
    said = predicate(rng, rest, 0)
    means = said.means(quoted(x))
    if rng.random() < 0.02:
        only = conjunction("{}", f"(not (eq? x {quoted(x)}))").format(said.means("x"))
        return Clause((f"only {x} {said.yes}",), (), conjunction(means, f"(not (anyone (lambda (x) {only})))")) if x not in said.about and "lambda (x)" not in said.means("x") else _clause(rng, x, said, means)  # fmt: skip
    if rng.random() < 0.14:
        return _more_of(rng, x, said, rest) or _clause(rng, x, said, means)
    return _clause(rng, x, said, means)


def _more_of(rng: Random, x: str, said: Said, names: list[str]) -> Clause | None:
    """Two things said of one person: `Blake, Avery's sister, has two children`."""
    second = predicate(rng, names[::-1], 0)
    both = conjunction(said.means(quoted(x)), second.means(quoted(x)))
    if not both.startswith("(and ") or _parts(both) > 5:
        return None
    roll = rng.random()
    if roll < 0.12 and said.verb == second.verb == "is":
        first = said.means(quoted(x))
        text = f"{x} {said.no}{rng.choice(['', ','])} but {second.asked}"
        return Clause((text,), (), conjunction(f"(not {first})", second.means(quoted(x))))
    if roll < 0.4:
        word = rng.choice(["and", "and", "but", "and also"])
        return Clause((f"{x} {said.yes} {word} {second.yes}",), (), both)
    if roll < 0.6:
        it = (
            rng.choice(["he", "she", "they"]) if second.verb == "did" else rng.choice(["he", "she"])
        )
        link = rng.choice([", and {}", " and {}", "; {}", ", but {}", ". {}"]).format(it)
        return Clause((f"{x} {said.yes}{link} {second.yes}",), (), both)
    if roll < 0.8 and said.verb == "is":
        return Clause((f"{x}, {said.asked}, {second.yes}",), (f"{second.verb} {x}, {said.asked}, {second.asked}",) if second.asked else (), both)  # fmt: skip
    return Clause((f"{x}, who {said.yes}, {second.yes}",), (), both)


def _parts(text: str) -> int:
    """The number of arguments of an expression."""
    depth, found = 0, 0
    for c in text:
        found += c == " " and depth == 1
        depth += (c == "(") - (c == ")")
    return found


def several(rng: Random, names: list[str]) -> Clause:
    """Two or three names, either and neither."""
    said = predicate(rng, names[2:] or names[:1], 0)
    pair = names[:2]
    if set(said.about) & set(pair) or pair[0] == pair[1]:
        return named(rng, names)
    parts = [said.means(quoted(n)) for n in pair]
    both = conjunction(*parts)
    kind = rng.random()
    if kind < 0.2 and said.asked:
        text = f"neither {pair[0]} nor {pair[1]} {said.yes}"
        return Clause((text,), (), f"(not (or {' '.join(parts)}))")
    if kind < 0.4:
        text = f"{rng.choice(['either ', ''])}{pair[0]} or {pair[1]} {said.yes}"
        asks = (f"{said.verb} {pair[0]} or {pair[1]} {said.asked}",) if said.asked else ()
        return Clause((text,), asks, f"(or {' '.join(parts)})")
    if not said.plural or _parts(both) > 5:
        return named(rng, names)
    verb = said.plural
    text = rng.choice(
        [f"{conjoin(pair)} {verb}", f"both {conjoin(pair)} {verb}", f"{conjoin(pair)} both {verb}"]
    )
    ask = f"{ {'is': 'are', 'does': 'do'}.get(said.verb, 'do') } {conjoin(pair)} "
    rest = verb.removeprefix("are ") if said.verb == "is" else f"have {said.asked[5:]}"
    return Clause((text,), (f"{ask.strip()} {rest}",) if said.asked else (), both)


def mutual(rng: Random, names: list[str]) -> Clause:
    """`Avery and Blake are sisters`."""
    x, y = names[:2]
    words, form = rng.choice((*MUTUAL[:5] * 3, *MUTUAL))
    what = rng.choice(words)
    means = form.format(a=quoted(x), b=quoted(y))
    if words[0] in ("siblings", "cousins") and len(set(names)) > 2 and rng.random() < 0.12:
        z = names[2]
        means = conjunction(*(form.format(a=quoted(p), b=quoted(q)) for p, q in ((x, y), (y, z))))
        return Clause(
            (f"{listing(rng, [x, y, z])} are {rng.choice(['', 'all '])}{what}",),
            (f"are {listing(rng, [x, y, z])} {what}",),
            means,
        )
    if rng.random() < 0.12:
        return Clause(
            (f"{x} and {y} {rng.choice(['are not', "aren't"])} {what}",),
            (),
            f"(not {means})",
        )
    if what == "married" and rng.random() < 0.4:
        text = rng.choice(
            [f"{x} and {y} got married", f"{x} and {y} are a married couple", f"{x} and {y} are together", f"{x} and {y} are husband and wife or just partners"][:3]
        )  # fmt: skip
        return Clause((text,), (f"are {x} and {y} a couple",), means)
    return Clause((f"{x} and {y} are {what}",), (f"are {x} and {y} {what}",), means)


def shared(rng: Random, names: list[str]) -> Clause:
    """`Avery and Blake have the same father`, `Dana's mother is Blake's sister`."""
    x, y = names[:2]
    word = noun(rng, 2)
    if rng.random() < 0.08:
        word = rng.choice(COUNTED)
        n, m = (counted(0, lambda v, w=w: word.means(v, quoted(w), 1)) for w in (x, y))
        what = rng.choice(["the same number of", "equally many", "as many"]).replace("as many", "the same number of")  # fmt: skip
        text = f"{x} and {y} have {what} {rng.choice(word.many)}"
        return Clause((text,), (f"do {text.replace(' have ', ' have ')}",), f"(= {n} {m})")
    if rng.random() < 0.45:
        one, many = rng.choice(word.one), rng.choice(word.many)
        roll = rng.random()
        if roll < 0.25 and word is PARENT:
            text = f"{x} and {y} have the same parents"
            return Clause((text,), (f"do {x} and {y} have the same parents",), f"(sibling {quoted(x)} {quoted(y)})")  # fmt: skip
        means = someone(
            0, lambda v: conjunction(word.means(v, quoted(x), 1), word.means(v, quoted(y), 1))
        )
        what = rng.choice([f"the same {one}", f"{a(one)} in common", f"a common {one}", f"the same {one}"])  # fmt: skip
        if word is CHILD:
            what = rng.choice([f"{a(one)} together", f"{a(one)} in common", f"{many} together"])
        verb = "share" if what.startswith(("the same", "a common")) and rng.random() < 0.3 else "have"  # fmt: skip
        return Clause((f"{x} and {y} {verb} {what}",), (f"do {x} and {y} {verb} {what}",), means)
    other = noun(rng, 2)
    said = rng.choice(
        [f"{x}'s {word.one[0]} is {y}'s {other.one[0]}", f"the {word.one[0]} of {x} is {a(other.one[0])} of {y}",
         f"{x}'s {word.one[0]} is also {y}'s {other.one[0]}", f"{x}'s {word.one[0]} is the {other.one[0]} of {y}"]
    )  # fmt: skip
    means = someone(
        0, lambda v: conjunction(word.means(v, quoted(x), 1), other.means(v, quoted(y), 1))
    )
    ask = f"is {said.replace(' is also ', ' ').replace(' is ', ' ', 1)}"
    return Clause((said,), (ask,), means)


def inverted(rng: Random, names: list[str]) -> Clause:
    """`Avery's sister is Blake`, `The father of Dana is Charlie`."""
    x, y = names[:2]
    word = noun(rng, 0)
    if rng.random() < 0.12 and len(set(names[:3])) == 3 and not word.binds:
        z, one = names[2], rng.choice(word.one)
        text = rng.choice([f"{x} and {z}'s {one} is {y}", f"the {one} of {x} and {z} is {y}", f"{x} and {z} have {y} as their {one}"])  # fmt: skip
        parts = (word.means(quoted(y), quoted(n), 0) for n in (x, z))
        return Clause((text,), (), conjunction(*parts))
    one, means = rng.choice(word.one), word.means(quoted(y), quoted(x), 0)
    if rng.random() < 0.15:
        form = f"(= {counted(0, lambda v: word.means(v, quoted(x), 1))} 1)"
        if not word.binds:
            text = rng.choice([f"{x}'s only {one} is {y}", f"the only {one} of {x} is {y}"])
            return Clause((text,), (f"is {x}'s only {one} {y}",), conjunction(means, form))
    text = rng.choice([f"{x}'s {one} is {y}", f"the {one} of {x} is {y}", f"{x} has {y} as {a(one)}", f"{x} has {a(one)} {rng.choice(['named', 'called'])} {y}", f"{x} has {a(one)}, {y}"])  # fmt: skip
    ask = f"is {y} {x}'s {one}" if not text.startswith(f"{x} has") else f"does {x} have {a(one)} called {y}"  # fmt: skip
    if rng.random() < 0.1 and " is " in text:
        return Clause((text.replace(" is ", " is not ", 1),), (), f"(not {means})")
    return Clause((text,), (ask,), means)


def listed(rng: Random, names: list[str]) -> Clause:
    """`Charlie's children are Avery and Blake`, `Avery has two sisters, Blake and Dana`."""
    if len(set(names[:3])) < 3:
        return inverted(rng, names)
    x, y, z = names[:3]
    word = rng.choice((*COUNTED, PARENT, PARENT, GRANDPARENT))
    parts = [word.means(quoted(n), quoted(x), 0) for n in (y, z)]
    many = rng.choice(word.many)
    roll = rng.random()
    if roll < 0.35:
        text = rng.choice(
            [f"{x}'s {many} are {y} and {z}", f"{x} has {many} named {y} and {z}", f"{y} and {z} are among {x}'s {many}", f"{x} is blessed with {many} called {y} and {z}"]
        )  # fmt: skip
        return Clause((text,), (f"are {y} and {z} {x}'s {many}",), conjunction(*parts))
    if roll < 0.65:
        text = rng.choice([f"{x} has two {many}, {y} and {z}", f"{x} has two {many}: {y} and {z}", f"{x}'s only {many} are {y} and {z}"])  # fmt: skip
        n = counted(0, lambda v: word.means(v, quoted(x), 1))
        return Clause((text,), (), conjunction(*parts, f"(= {n} 2)"))
    first, second = noun(rng, 0), noun(rng, 0)
    text = rng.choice(
        [f"{x} is {y}'s {first.one[0]} and {z}'s {second.one[0]}", f"{x} is the {first.one[0]} of {y} and the {second.one[0]} of {z}",
         f"{y}'s {first.one[0]} and {z}'s {second.one[0]} is {x}"]
    )  # fmt: skip
    means = conjunction(first.means(quoted(x), quoted(y), 0), second.means(quoted(x), quoted(z), 0))
    return Clause((text,), (), means)


def described(rng: Random, names: list[str]) -> Clause:
    """Somebody's relative, or some, all or none of them, and what is said of them."""
    y, rest = names[0], names[1:]
    word = noun(rng, 2) if rng.random() < 0.5 else rng.choice(COUNTED)
    one, many = rng.choice(word.one), rng.choice(word.many)
    said = predicate(rng, rest, 1)

    def body(v: str) -> str:
        return conjunction(word.means(v, quoted(y), 1), said.means(v))

    kind = rng.random()
    if kind < 0.3:
        subject = rng.choice([f"{y}'s {one}", f"{y}'s {one}", f"the {one} of {y}"])
        return _clause(rng, subject, said, someone(0, body), deny=False)
    if kind < 0.55:
        subject = rng.choice(
            [f"one of {y}'s {many}", f"one of {y}'s {many}", f"{a(one)} of {y}", f"{a(one)} of {y}'s", f"at least one of {y}'s {many}", f"one of the {many} of {y}", f"one {one} of {y}", f"some {one} of {y}", f"at least one {one} of {y}"]
        )  # fmt: skip
        return _clause(rng, subject, said, someone(0, body), deny=False)
    if kind < 0.67:
        subject = rng.choice(
            [f"none of {y}'s {many}", f"no {one} of {y}", f"not one of {y}'s {many}", f"none of the {many} of {y}"]
        )  # fmt: skip
        verb = said.plural if said.plural and subject.startswith("none") and rng.random() < 0.6 else said.yes  # fmt: skip
        return Clause((f"{subject} {verb}",), (), f"(not {someone(0, body)})")
    if kind < 0.82:
        means = f"(not {someone(0, lambda v: conjunction(word.means(v, quoted(y), 1), f'(not {said.means(v)})'))})"
        if rng.random() < 0.5 or not said.plural:
            subject = rng.choice([f"every {one} of {y}", f"each of {y}'s {many}", f"each {one} of {y}", f"every one of {y}'s {many}"])  # fmt: skip
            return _clause(rng, subject, said, means, deny=False)
        subject = rng.choice([f"all of {y}'s {many}", f"all {y}'s {many}", f"{y}'s {many}", f"all the {many} of {y}", f"{y}'s {many} all"])  # fmt: skip
        return _plural(rng, subject, said, means)
    how, form, single = amount(rng)
    if how.startswith(("lots", "a couple of", "many", "multiple")):
        how, form, single = "two", "(= {n} 2)", False
    means = form.format(n=counted(0, body))
    if single and not how.startswith("more"):
        return _clause(rng, f"{how} of {y}'s {many}", said, means, deny=False)
    if not said.plural:
        said = predicate(rng, rest, 2)
        means = form.format(n=counted(0, body))
    if not said.plural:
        return named(rng, names)
    return _plural(rng, f"{how} of {y}'s {many}", said, means)


def _plural(rng: Random, subject: str, said: Said, means: str) -> Clause:
    asks: tuple[str, ...] = ()
    bare = subject.removesuffix(" all")
    if said.verb == "is":
        asks = (f"are {bare} {said.plural.removeprefix('are ')}",)
    elif said.asked:
        asks = (f"do {bare} {said.asked}",)
    return Clause((f"{subject} {said.plural}",), asks, means)


def anybody(rng: Random, names: list[str]) -> Clause:
    """Someone, nobody, everyone, two people, and what is said of them."""
    said = predicate(rng, names, 1)
    kind = rng.random()
    sexed = rng.random()
    sex = "" if sexed < 0.7 else "female" if sexed < 0.85 else "male"
    noun_ = {"": "person", "female": "woman", "male": "man"}[sex]
    many = {"person": "people", "woman": "women", "man": "men"}[noun_]

    def body(v: str) -> str:
        return conjunction(f"({sex} {v})", said.means(v)) if sex else said.means(v)

    if kind < 0.3:
        who = rng.choice(["someone", "somebody", "some person", "at least one person"]) if not sex else rng.choice([f"some {noun_}", f"a {noun_}", f"at least one {noun_}"])  # fmt: skip
        text = rng.choice([f"{who} {said.yes}", f"{who} {said.yes}", f"there is {who} who {said.yes}", f"there's {who} who {said.yes}"])  # fmt: skip
        any_ = "anyone" if not sex else f"any {noun_}"
        asks = [f"is there {any_} who {said.yes}"]
        if said.asked:
            asks += [f"{said.verb} {rng.choice(['anyone', 'anybody', 'somebody', 'someone']) if not sex else any_} {said.asked}"] * 2  # fmt: skip
        return Clause((text,), tuple(asks), someone(0, body))
    if kind < 0.55:
        who = rng.choice(["nobody", "no one", "nobody in the family", "no one in this family"]) if not sex else f"no {noun_}"  # fmt: skip
        text = rng.choice([f"{who} {said.yes}", f"there is {who} who {said.yes}"])
        return Clause((text,), (), f"(not {someone(0, body)})")
    if kind < 0.75:
        sex_part = f"({sex} x)" if sex else ""
        inside = conjunction(*([sex_part] if sex else []), f"(not {said.means('x')})")
        who = rng.choice(["everyone", "everybody", "everyone in the family", "every member of the family", "each person"]) if not sex else rng.choice([f"every {noun_}", f"each {noun_}"])  # fmt: skip
        means = f"(not {someone(0, lambda v: inside)})"
        if "(not (not" in means:
            return anybody(rng, names)
        return _clause(rng, who, said, means, deny=False)
    how, form, single = amount(rng)
    thing = noun_ if single or how == "more than one" else many
    if single or how == "more than one":
        text = f"{how} {thing} {said.yes}"
    elif said.plural:
        text = f"{how} {thing} {said.plural}"
    else:
        return anybody(rng, names)
    return Clause((text,), (), form.format(n=counted(0, body)))


def size_clause(rng: Random) -> Clause:
    """How many people there are."""
    k: int | str = rng.randint(4, 20)
    number = k
    if k <= 12 and rng.random() < 0.6:
        k = NUMBERS[k - 4]
    how, sign = rng.choice([("", "="), ("exactly ", "="), ("at least ", ">="), ("more than ", ">"), ("fewer than ", "<"), ("at most ", "<="), ("less than ", "<")])  # fmt: skip
    text = rng.choice([f"there are {how}{k} people in the family", f"the family has {how}{k} members", f"the family consists of {how}{k} people", f"{how}{k} people are in the family", f"there are {how}{k} people"])  # fmt: skip
    asks = (f"are there {how}{k} people in the family", f"does the family have {how}{k} members")
    return Clause((text,), asks, f"({sign} family-size {number})")


def two(rng: Random, first: Clause, second: Clause) -> Clause | None:
    """Two clauses in one sentence, None where they are too much together."""
    means = conjunction(first.means, second.means)
    if not means.startswith("(and ") or _parts(means) > 5:
        return None
    joiner = rng.choice([" and ", " and ", ", and ", " but ", ", but ", "; ", ", while ", ". "])
    return Clause((rng.choice(first.says) + joiner + rng.choice(second.says),), (), means)
