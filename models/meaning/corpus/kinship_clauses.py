"""What can be said of a relative: predicates, from `is Dana's mother` to `has a sister who is married`."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from models.meaning.corpus.clause import quoted
from models.meaning.corpus.kinship_words import (
    ALL,
    AUNT,
    BLOOD,
    CHILD,
    COUNTED,
    GRANDCHILD,
    GRANDPARENT,
    GREAT,
    HALF_AND_STEP,
    IN_LAW,
    MARRIED,
    PARTNER,
    SIBLING,
    UNCLE,
    Means,
    Noun,
    a,
    conjunction,
    counted,
    someone,
)

WORDS = {0: "no", 1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}


DEEDS = (
    *(("married", "marry", "(partner {a} {b})"),) * 5,
    ("wed", "wed", "(partner {a} {b})"),
    ("got married to", "get married to", "(partner {a} {b})"),
    ("tied the knot with", "tie the knot with", "(partner {a} {b})"),
    ("fathered", "father", "(father {a} {b})"),
    ("gave birth to", "give birth to", "(mother {a} {b})"),
    ("descended from", "descend from", "(ancestor {b} {a})"),
)


@dataclass(frozen=True)
class Said:
    """A predicate: verb phrases and what they say of a subject.

    Args:
      yes, no: after a subject in the singular, said and denied.
      plural: after a subject in the plural; empty where it does not fit.
      asked: after `is`, `does` or `did` and a subject in the singular.
      verb: that word.
      means: from the subject's expression to a truth value.
      about: displayed names in it.
    """

    yes: str
    no: str
    plural: str
    asked: str
    verb: str
    means: Means
    about: tuple[str, ...] = ()


def is_(rest: str, many: str, means: Means, about: tuple[str, ...] = ()) -> Said:
    """`is …`; `many` is what follows `are`."""
    plural = f"are {many}" if many else ""
    return Said(f"is {rest}", f"is not {rest}", plural, rest, "is", means, about)


def has(rest: str, none: str, means: Means, about: tuple[str, ...] = ()) -> Said:
    """`has …`; `none` is what follows `does not have`, and `does … have`."""
    return Said(
        f"has {rest}", f"does not have {none}", f"have {rest}", f"have {none}", "does", means, about
    )


def predicate(rng: Random, names: list[str], depth: int) -> Said:
    """Anything that can be said, with names for its objects, inside `depth` variables.

    Args:
      rng: where chance comes from.
      names: displayed names that it may use.
      depth: at most 2; nothing that needs a variable is said there.
    """
    roll = rng.random()
    if roll < 0.42 or (depth > 1 and roll < 0.6):
        return relative(rng, names, depth)
    if depth > 1:
        return rng.choice([_sex, _sex, _wed])(rng, names, depth)
    makers = (
        (_some, 12), (_number, 16), (_rich, 4), (_sex, 6), (_single, 8), (_role, 8), (_rank, 8), (_more, 4), (_of_many, 5), (_both, 3), (_other, 2),
    )  # fmt: skip
    make = rng.choices([m for m, _ in makers], [w for _, w in makers])[0]
    return make(rng, names, depth)


def owner(rng: Random, names: list[str], depth: int) -> tuple[str, Means, tuple[str, ...]]:
    """Whose relative: a name, two names, or the relative of somebody.

    The second part wraps what is said of the owner's expression.
    """
    roll = rng.random()
    if roll < 0.08 and len(names) > 1:
        first, second = names[:2]
        text = rng.choice([f"{first} and {second}", f"both {first} and {second}"])
        return text, lambda s: s, (first, second)
    return names[0], lambda s: s, (names[0],)


def noun(rng: Random, depth: int) -> Noun:
    """A word for a relative, which binds no variable where none is left."""
    classes, weights = (BLOOD, MARRIED, IN_LAW, HALF_AND_STEP, GREAT), (50, 14, 14, 11, 11)
    while (found := rng.choice(rng.choices(classes, weights)[0])).binds and depth > 1:
        pass
    return found


def relative(rng: Random, names: list[str], depth: int) -> Said:
    """`is Dana's mother`, `is the father of both Avery and Blake`, `is one of Dana's cousins`."""
    word = noun(rng, depth)
    one, many = rng.choice(word.one), rng.choice(word.many)
    y = names[0]
    roll = rng.random()
    if roll < 0.1 and len(names) > 1 and not word.binds:
        z = names[1]
        rest = rng.choice(
            [
                f"{y} and {z}'s {one}", f"the {one} of {y} and {z}", f"the {one} of both {y} and {z}", f"{a(one)} of {y} and {z}", f"{y}'s and {z}'s {one}", f"{a(one)} to both {y} and {z}",
            ]
        )  # fmt: skip
        plural = f"{y} and {z}'s {many}"
        return is_(
            rest,
            plural,
            lambda s: conjunction(word.means(s, quoted(y), depth), word.means(s, quoted(z), depth)),
            (y, z),
        )
    if roll < 0.22 and depth < 2 and not word.binds:
        link = rng.choice(ALL)
        if not link.binds:
            mid = rng.choice(link.one)
            rest = rng.choice(
                [f"{y}'s {mid}'s {one}", f"the {one} of {y}'s {mid}", f"{a(one)} of {y}'s {mid}"]
            )
            return is_(
                rest,
                f"{many} of {y}'s {mid}",
                lambda s: someone(
                    depth,
                    lambda v: conjunction(
                        link.means(v, quoted(y), depth + 1), word.means(s, v, depth + 1)
                    ),
                ),
                (y,),
            )
    if roll < 0.28 and word in (*MARRIED, PARTNER):
        rest = rng.choice([f"married to {y}", f"{y}'s {one}", f"wed to {y}", f"together with {y}"])
        form = PARTNER if "'s" not in rest else word
        return is_(rest, "", lambda s: form.means(s, quoted(y), depth), (y,))
    if roll < 0.3:
        past, base, form = rng.choice(DEEDS)
        return Said(
            f"{past} {y}",
            f"did not {base} {y}",
            f"{past} {y}",
            f"{base} {y}",
            "did",
            lambda s: form.format(a=s, b=quoted(y)),
            (y,),
        )
    if roll < 0.32 and not word.binds:
        return is_(f"descended from {y}", f"descended from {y}", lambda s: f"(ancestor {quoted(y)} {s})", (y,))  # fmt: skip
    rest = rng.choice(
        [
            *[f"{y}'s {one}"] * 5, f"the {one} of {y}", f"the {one} of {y}", f"{a(one)} of {y}", f"{a(one)} of {y}'s", f"one of {y}'s {many}", f"{one} to {y}", f"{a(one)} to {y}",
        ]
    )  # fmt: skip
    plural = rng.choice(
        [f"{y}'s {many}", f"{y}'s {many}", f"the {many} of {y}", f"{many} of {y}", f"{many} of {y}'s"]
    )  # fmt: skip
    return is_(rest, plural, lambda s: word.means(s, quoted(y), depth), (y,))


def _counted_noun(rng: Random) -> Noun:
    return rng.choice(COUNTED)


def _some(rng: Random, names: list[str], depth: int) -> Said:
    """`has a sister`, `has no siblings`."""
    word = _counted_noun(rng) if rng.random() < 0.7 else noun(rng, 2)
    one, many = rng.choice(word.one), rng.choice(word.many)
    if word is SIBLING and rng.random() < 0.3:
        many = rng.choice(["brothers or sisters", "brothers and sisters", "sisters or brothers"])
    if rng.random() < 0.4:
        rest = rng.choice(
            [f"no {many}", f"no {many}", f"no {one}", f"not a single {one}", f"zero {many}", f"no {many} at all"]
        )  # fmt: skip
        return Said(
            f"{rng.choice(['has', 'has', 'has', 'has got'])} {rest}",
            "",
            f"have {rest}",
            "",
            "",
            lambda s: f"(not {someone(depth, lambda v: word.means(v, s, depth + 1))})",
        )
    rest = rng.choice(
        [
            *[a(one)] * 5, f"at least one {one}", many, f"some {many}", f"one or more {many}", f"{a(one)} in the family",
        ]
    )  # fmt: skip
    none = rng.choice([a(one), f"any {many}", f"any {many}", f"any {many} at all"])
    return has(rest, none, lambda s: someone(depth, lambda v: word.means(v, s, depth + 1)))


def amount(rng: Random) -> tuple[str, str, bool]:
    """How many: words, the comparison with `{n}` for the count, and whether the noun is singular."""
    k = rng.choice([1, 1, 2, 2, 2, 3, 3, 4])
    word = WORDS[k] if rng.random() < 0.8 else str(k)
    kind = rng.random()
    if kind < 0.5:
        exact = rng.choice(
            ["{}", "{}", "{}", "{}", "{}", "exactly {}", "only {}", "just {}", "precisely {}"]
        )
        return exact.format(word), f"(= {{n}} {k})", k == 1
    if kind < 0.75:
        if k > 1 and rng.random() < 0.3:
            return f"{word} or more", f"(>= {{n}} {k})", False
        if k == 2 and rng.random() < 0.3:
            return rng.choice(["multiple", "a couple of", "more than one"]), "(>= {n} 2)", False
        if k == 3 and rng.random() < 0.3:
            return rng.choice(["several", "many", "a few", "lots of"]), "(>= {n} 3)", False
        if rng.random() < 0.3:
            return f"more than {word}", f"(> {{n}} {k})", k == 1
        return f"{rng.choice(['at least', 'no fewer than', 'not less than'])} {word}", f"(>= {{n}} {k})", k == 1  # fmt: skip
    if rng.random() < 0.35:
        return f"{rng.choice(['fewer than', 'less than'])} {word}", f"(< {{n}} {k})", k == 1
    if k > 1 and rng.random() < 0.3:
        return f"{word} or fewer", f"(<= {{n}} {k})", False
    return f"{rng.choice(['at most', 'no more than', 'not more than'])} {word}", f"(<= {{n}} {k})", k == 1  # fmt: skip


def _number(rng: Random, names: list[str], depth: int) -> Said:
    """`has two children`, `is a father of three`."""
    word = _counted_noun(rng)
    how, form, single = amount(rng)
    thing = rng.choice(word.one if single and how != "more than one" else word.many)
    if how == "more than one":
        thing = rng.choice(word.one)

    def means(s: str) -> str:
        return form.format(n=counted(depth, lambda v: word.means(v, s, depth + 1)))

    if word is CHILD and rng.random() < 0.12 and how in WORDS.values() and how != "no":
        sex, role = rng.choice(
            [("male", "father"), ("female", "mother"), ("", "parent"), ("female", "mom"), ("male", "dad")]
        )  # fmt: skip
        rest = f"{rng.choice(['a', 'the'])} {role} of {how}{rng.choice(['', '', ' ' + thing])}"
        return is_(rest, "", lambda s: conjunction(*([f"({sex} {s})"] if sex else []), means(s)))
    rest = f"{how} {thing}"
    return has(rest, rest, means)


def _rich(rng: Random, names: list[str], depth: int) -> Said:
    """`has a sister who is married`, `has two children with daughters`."""
    word = _counted_noun(rng)
    one, many = rng.choice(word.one), rng.choice(word.many)
    if rng.random() < 0.3 and depth == 0:
        how, form, single = amount(rng)
        inner = predicate(rng, names, 1)
        verb = inner.yes if single else inner.plural or inner.yes
        if not single and not inner.plural:
            inner = _sex(rng, names, 1)
            verb = inner.plural
        rest = f"{how} {one if single or how == 'more than one' else many} who {verb}"
        return has(
            rest,
            rest,
            lambda s: form.format(
                n=counted(depth, lambda v: conjunction(word.means(v, s, 1), inner.means(v)))
            ),
            inner.about,
        )
    inner = predicate(rng, names, depth + 1)
    rest = f"{a(one)} {rng.choice(['who', 'who', 'that'])} {inner.yes}"
    if inner.verb == "does" and inner.yes.startswith("has ") and rng.random() < 0.4:
        rest = f"{a(one)} with {inner.yes[4:]}"
    elif inner.yes.startswith("is married") and rng.random() < 0.5:
        rest = f"{rng.choice([a(one), f'a married {one}'] if inner.yes == 'is married' else [a(one)])} {inner.yes[3:]}"
        rest = rest.replace(f"a married {one} married", f"a married {one}")
    return has(
        rest,
        rest,
        lambda s: someone(
            depth, lambda v: conjunction(word.means(v, s, depth + 1), inner.means(v))
        ),
        inner.about,
    )


def _sex(rng: Random, names: list[str], depth: int) -> Said:
    if rng.random() < 0.5:
        one, many = rng.choice(
            [("a woman", "women"), ("female", "female"), ("a girl", "girls"), ("a lady", "ladies"), ("a woman", "women"), ("a female", "females")]
        )  # fmt: skip
        return is_(one, many, lambda s: f"(female {s})")
    one, many = rng.choice(
        [("a man", "men"), ("male", "male"), ("a boy", "boys"), ("a guy", "guys"), ("a man", "men"), ("a male", "males"), ("a bloke", "blokes")]
    )  # fmt: skip
    return is_(one, many, lambda s: f"(male {s})")


def _wed(rng: Random, names: list[str], depth: int) -> Said:
    y = names[0]
    return is_(f"married to {y}", "", lambda s: PARTNER.means(s, quoted(y), depth), (y,))


def _single(rng: Random, names: list[str], depth: int) -> Said:
    """`is married`, `is single`, `is childless`, `is an only child`."""

    def some(word: Noun) -> Means:
        return lambda s: someone(depth, lambda v: word.means(v, s, depth + 1))

    def none(word: Noun) -> Means:
        return lambda s: f"(not {some(word)(s)})"

    kind = rng.random()
    if kind < 0.45:
        text = rng.choice(
            ["married", "married", "married", "in a couple", "partnered", "wed", "someone's spouse", "in a relationship"]
        )  # fmt: skip
        return is_(text, text if "spouse" not in text else "", some(PARTNER))
    if kind < 0.65:
        text = rng.choice(["single", "unmarried", "single", "without a partner", "not married"])
        if text == "not married":
            yes, many = rng.choice(
                [("isn't married", "aren't married"), ("is not married", "are not married"), ("never married", "never married"), ("has never been married", "have never been married")]
            )  # fmt: skip
            return Said(yes, "", many, "", "", none(PARTNER))
        return is_(text, text, none(PARTNER))
    if kind < 0.8:
        text = rng.choice(["childless", "childless", "without children", "without kids"])
        return is_(text, text, none(CHILD))
    return is_("an only child", "only children", none(SIBLING))


ROLES = (
    ("a parent", "parents", "", CHILD), ("a mother", "mothers", "female", CHILD), ("a father", "fathers", "male", CHILD), ("a dad", "dads", "male", CHILD), ("a mom", "moms", "female", CHILD),
    ("a grandparent", "grandparents", "", GRANDCHILD), ("a grandmother", "grandmothers", "female", GRANDCHILD), ("a grandfather", "grandfathers", "male", GRANDCHILD),
    ("a grandma", "grandmas", "female", GRANDCHILD), ("a grandpa", "grandpas", "male", GRANDCHILD), ("a wife", "wives", "female", PARTNER), ("a husband", "husbands", "male", PARTNER),
    ("someone's brother", "", "male", SIBLING), ("someone's sister", "", "female", SIBLING), ("a sister", "sisters", "female", SIBLING), ("a brother", "brothers", "male", SIBLING),
    ("a grandchild", "grandchildren", "", GRANDPARENT), ("somebody's sibling", "", "", SIBLING),
)  # fmt: skip


def _role(rng: Random, names: list[str], depth: int) -> Said:
    """`is a grandmother`, `is an aunt`: there is somebody to whom."""
    if rng.random() < 0.12:
        word, one, many = rng.choice([(AUNT, "an aunt", "aunts"), (UNCLE, "an uncle", "uncles")])
        return is_(one, many, lambda s: someone(depth, lambda v: word.means(s, v, depth + 1)))
    one, many, sex, other = rng.choice(ROLES)
    turned = {CHILD: "parent", GRANDCHILD: "grandparent", PARTNER: "partner", SIBLING: "sibling", GRANDPARENT: "grandchild"}  # fmt: skip
    gendered = {
        ("female", CHILD): "mother", ("male", CHILD): "father", ("female", GRANDCHILD): "grandmother", ("male", GRANDCHILD): "grandfather",
        ("female", PARTNER): "wife", ("male", PARTNER): "husband", ("female", SIBLING): "sister", ("male", SIBLING): "brother",
    }  # fmt: skip
    symbol = gendered.get((sex, other), turned[other])
    return is_(one, many, lambda s: someone(depth, lambda v: f"({symbol} {s} {v})"))


def _rank(rng: Random, names: list[str], depth: int) -> Said:
    """Generations."""
    y = names[0]
    g = "generation"
    kind = rng.random()
    if kind < 0.5:
        k, words = rng.choice(
            [(1, ("oldest", "first", "eldest", "top")), (2, ("middle", "second")), (3, ("youngest", "third", "last"))]
        )  # fmt: skip
        text = f"{rng.choice(['in', 'of', 'part of'])} the {rng.choice(words)} {g}"
        if rng.random() < 0.3:
            which = text.split(" the ")[1]
            return Said(f"belongs to the {which}", f"does not belong to the {which}", f"belong to the {which}", f"belong to the {which}", "does", lambda s: f"(= (generation {s}) {k})")  # fmt: skip
        return is_(text, text, lambda s: f"(= (generation {s}) {k})")
    if kind < 0.75:
        text = rng.choice(
            [f"in the same {g} as {y}", f"of the same {g} as {y}", f"from the same {g} as {y}", f"in {y}'s {g}"]
        )  # fmt: skip
        return is_(text, text, lambda s: f"(= (generation {s}) (generation {quoted(y)}))", (y,))
    older = rng.random() < 0.5
    text = f"{rng.choice(['in', 'of', 'from'])} {rng.choice(['an older', 'an earlier']) if older else rng.choice(['a younger', 'a later'])} {g} than {y}"
    sign = "<" if older else ">"
    return is_(text, text, lambda s: f"({sign} (generation {s}) (generation {quoted(y)}))", (y,))


def _more(rng: Random, names: list[str], depth: int) -> Said:
    """`has more children than Dana`, `has more sons than daughters`."""
    word = _counted_noun(rng)
    many, y = rng.choice(word.many), names[0]

    def of(who: str, what: Noun = word) -> str:
        return counted(depth, lambda v: what.means(v, who, depth + 1))

    if rng.random() < 0.25:
        pairs = [("son", "daughter"), ("daughter", "son"), ("brother", "sister"), ("sister", "brother")]  # fmt: skip
        first, second = rng.choice(pairs)
        text, sign = rng.choice(
            [(f"more {first}s than {second}s", ">"), (f"fewer {first}s than {second}s", "<"), (f"as many {first}s as {second}s", "=")]
        )  # fmt: skip
        v = "xy"[depth]

        def two(s: str) -> str:
            one, other = (f"(how-many (lambda ({v}) ({w} {v} {s})))" for w in (first, second))
            return f"({sign} {one} {other})"

        return has(text, text, two)
    text, sign = rng.choice(
        [(f"more {many} than {y}", ">"), (f"more {many} than {y}", ">"), (f"fewer {many} than {y}", "<"), (f"less {many} than {y}", "<"),
         (f"as many {many} as {y}", "="), (f"the same number of {many} as {y}", "="), (f"at least as many {many} as {y}", ">=")]
    )  # fmt: skip
    text += rng.choice(["", "", "", " does", " has"])
    return has(text, text, lambda s: f"({sign} {of(s)} {of(quoted(y))})", (y,))


def _of_many(rng: Random, names: list[str], depth: int) -> Said:
    """`is one of Dana's three children`, `is Dana's only child`."""
    word, y = _counted_noun(rng), names[0]
    if rng.random() < 0.5:
        rest, k = f"{y}'s only {rng.choice(word.one)}", 1
        rest = rng.choice([rest, f"the only {rng.choice(word.one)} of {y}"])
    else:
        k = rng.choice([2, 3])
        rest = f"one of {y}'s {WORDS[k]} {rng.choice(word.many)}"
    return is_(
        rest,
        "",
        lambda s: conjunction(
            word.means(s, quoted(y), depth),
            f"(= {counted(depth, lambda v: word.means(v, quoted(y), depth + 1))} {k})",
        ),
        (y,),
    )


def _other(rng: Random, names: list[str], depth: int) -> Said:
    """`has a child besides Dana`."""
    word, y = _counted_noun(rng), names[0]
    one, many = rng.choice(word.one), rng.choice(word.many)
    but = rng.choice(["besides", "other than", "apart from", "except"])
    rest = f"{rng.choice([f'another {one}', a(one)])} {but.replace('except', 'besides')} {y}"
    none = rng.choice(
        [f"any {many} {but} {y}", f"any other {one} {but.replace('except', 'than')} {y}"]
    )

    def means(s: str) -> str:
        return someone(
            depth,
            lambda v: conjunction(word.means(v, s, depth + 1), f"(not (eq? {v} {quoted(y)}))"),
        )

    return has(rest, none, means, (y,))


def _both(rng: Random, names: list[str], depth: int) -> Said:
    """`has a brother and a sister`, `has two sons and a daughter`, `has children but no siblings`."""
    first, second = rng.sample(COUNTED, 2)
    while second is first:
        second = rng.choice(COUNTED)
    parts, texts = [], []
    for word in (first, second):
        kind = rng.random()
        if kind < 0.5:
            texts.append(a(rng.choice(word.one)))
            parts.append("{some}")
        elif kind < 0.85:
            k = rng.choice([1, 2, 2, 3])
            texts.append(f"{WORDS[k]} {rng.choice(word.one if k == 1 else word.many)}")
            parts.append(f"(= {{n}} {k})")
        else:
            texts.append(f"no {rng.choice(word.many)}")
            parts.append("(not {some})")
    joint = " but " if texts[0].startswith("no ") != texts[1].startswith("no ") else " and "
    rest = joint.join(texts)

    def means(s: str) -> str:
        made = []
        for word, part in zip((first, second), parts, strict=True):
            some = someone(depth, lambda v, w=word: w.means(v, s, depth + 1))
            n = counted(depth, lambda v, w=word: w.means(v, s, depth + 1))
            made.append(part.format(some=some, n=n))
        return conjunction(*made)

    return has(rest, rest, means)
