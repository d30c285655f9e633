"""Questions about a family: who, which, whose, how many, how related."""

from __future__ import annotations

from random import Random

from models.meaning.corpus.clause import quoted, team
from models.meaning.corpus.kinship_clauses import noun, predicate
from models.meaning.corpus.kinship_words import (
    BLOOD,
    CHILD,
    COUNTED,
    PARTNER,
    SIBLING,
    a,
    conjunction,
    counted,
    everybody,
    someone,
)


def question(rng: Random, names: list[str]) -> tuple[str, str]:
    """A question with who, which, whose, how many or what: text and expression."""
    makers = (
        (_who_is, 20), (_which_of, 16), (_who, 12), (_whose, 7), (_how_many, 22), (_how_related, 12), (_choice, 6), (_most, 4), (_generation, 6), (_sex, 3), (_size, 4),
    )  # fmt: skip
    make = rng.choices([m for m, _ in makers], [w for _, w in makers])[0]
    return make(rng, names)


def _who_is(rng: Random, names: list[str]) -> tuple[str, str]:
    x = names[0]
    word = noun(rng, 1)
    one, many = rng.choice(word.one), rng.choice(word.many)
    if word is PARTNER and rng.random() < 0.4:
        return rng.choice([f"who is {x} married to", f"who did {x} marry", f"to whom is {x} married", f"who is {x} in a couple with"]), everybody(0, lambda v: word.means(v, quoted(x), 1))  # fmt: skip
    if rng.random() < 0.1 and not word.binds:
        link = rng.choice(BLOOD)
        means = everybody(0, lambda v: someone(1, lambda u: conjunction(link.means(u, quoted(x), 2), word.means(v, u, 2))))  # fmt: skip
        return rng.choice([f"who is {x}'s {link.one[0]}'s {one}", f"who is the {one} of {x}'s {link.one[0]}"]), means  # fmt: skip
    text = rng.choice(
        [
            *[f"who is {x}'s {one}"] * 4, f"who's {x}'s {one}", f"who is the {one} of {x}", f"who are {x}'s {many}", f"who are the {many} of {x}", f"which person is {x}'s {one}", f"what is the name of {x}'s {one}", f"who could be {x}'s {one}",
            f"name {x}'s {many}", f"list {x}'s {many}", f"list all {many} of {x}", f"who might {x}'s {one} be", f"who does {x} have as {a(one)}", f"what's {x}'s {one} called", f"what are the names of {x}'s {many}", f"tell me who {x}'s {one} is",
        ]
    )  # fmt: skip
    return text, everybody(0, lambda v: word.means(v, quoted(x), 1))


def _which_of(rng: Random, names: list[str]) -> tuple[str, str]:
    """`Which of Charlie's children is Dana's parent?`"""
    x, rest = names[0], names[1:]
    word = rng.choice(COUNTED) if rng.random() < 0.8 else noun(rng, 2)
    one, many = rng.choice(word.one), rng.choice(word.many)
    said = predicate(rng, rest, 1)
    frames = [
        *[f"which of {x}'s {many} {said.yes}"] * 4, f"which {one} of {x} {said.yes}", f"which {one} of {x}'s {said.yes}", f"who among {x}'s {many} {said.yes}", f"who of {x}'s {many} {said.yes}",
        f"which one of {x}'s {many} {said.yes}", f"of {x}'s {many}, who {said.yes}", f"of {x}'s {many}, which one {said.yes}", f"who is the {one} of {x} who {said.yes}",
    ]  # fmt: skip
    if said.plural:
        frames += [f"which of {x}'s {many} {said.plural}", f"which {many} of {x} {said.plural}"]
    means = everybody(0, lambda v: conjunction(word.means(v, quoted(x), 1), said.means(v)))
    return rng.choice(frames), means


def _who(rng: Random, names: list[str]) -> tuple[str, str]:
    said = predicate(rng, names, 1)
    frames = [f"who {said.yes}", f"who {said.yes}", f"who in the family {said.yes}", f"who all {said.yes}", f"which person {said.yes}"]  # fmt: skip
    if said.plural:
        frames += [f"which people {said.plural}", f"list the people who {said.plural}", f"which family members {said.plural}"]  # fmt: skip
    return rng.choice(frames), everybody(0, said.means)


def _whose(rng: Random, names: list[str]) -> tuple[str, str]:
    x, word = names[0], noun(rng, 1)
    one = rng.choice(word.one)
    text = rng.choice([f"whose {one} is {x}", f"who is {x} the {one} of", f"who is {x} {a(one)} of", f"to whom is {x} {a(one)}"])  # fmt: skip
    return text, everybody(0, lambda v: word.means(quoted(x), v, 1))


def _how_many(rng: Random, names: list[str]) -> tuple[str, str]:
    x, rest = names[0], names[1:]
    word = rng.choice(COUNTED) if rng.random() < 0.8 else noun(rng, 1)
    many = rng.choice(word.many)
    if rng.random() < 0.55:
        text = rng.choice(
            [*[f"how many {many} does {x} have"] * 5, f"how many {many} has {x} got", f"what is the number of {x}'s {many}", f"how many {many} are there of {x}", f"how many people are {x}'s {many}", f"the number of {many} of {x}", f"count {x}'s {many}", f"how many {many} might {x} have"]
        )  # fmt: skip
        return text, counted(0, lambda v: word.means(v, quoted(x), 1))
    said = predicate(rng, rest, 1)
    if not said.plural:
        said = predicate(rng, rest, 2)
    plural = said.plural or said.yes
    if rng.random() < 0.5 and not word.binds:
        text = f"how many of {x}'s {many} {plural}"
        return text, counted(0, lambda v: conjunction(word.means(v, quoted(x), 1), said.means(v)))
    text = rng.choice([f"how many people {plural}", f"how many family members {plural}", f"how many people in the family {plural}", f"what number of people {plural}"])  # fmt: skip
    return text, counted(0, said.means)


def _how_related(rng: Random, names: list[str]) -> tuple[str, str]:
    x, y = names[:2]
    text = rng.choice(
        [
            *[f"how is {x} related to {y}"] * 4, f"how are {x} and {y} related", f"what is {x} to {y}", f"what relation is {x} to {y}", f"what is the relation between {x} and {y}", f"what is the relationship between {x} and {y}",
            f"what is {x}'s relationship to {y}", f"in what way is {x} related to {y}", f"what kind of relative is {x} to {y}", f"what is {x}'s relation to {y}", f"how does {x} relate to {y}", f"what kin is {x} to {y}", f"who is {x} to {y}", f"what are {x} and {y} to each other",
        ]
    )  # fmt: skip
    return text, f"(relation {quoted(x)} {quoted(y)})"


def _choice(rng: Random, names: list[str]) -> tuple[str, str]:
    x, y = names[:2]
    if len(set(names[:3])) < 3:
        return _who_is(rng, names)
    said = predicate(rng, names[2:3], 1)
    text = rng.choice(
        [f"who {said.yes}, {x} or {y}", f"who {said.yes}: {x} or {y}", f"which of {x} and {y} {said.yes}", f"which one {said.yes}, {x} or {y}", f"{x} or {y}: who {said.yes}"]
    )  # fmt: skip
    return text, f"(filter (lambda (x) {said.means('x')}) {team([x, y])})"


def _most(rng: Random, names: list[str]) -> tuple[str, str]:
    x, y = names[:2]
    word = rng.choice(COUNTED)
    many = rng.choice(word.many)
    value = f"(lambda (x) {counted(1, lambda v: word.means(v, 'x', 2))})"
    kind = rng.random()
    if kind < 0.35:
        return f"who has {rng.choice(['the most', 'most', 'the largest number of'])} {many}", f"(argmax {value} people)"  # fmt: skip
    if kind < 0.55:
        return f"who has {rng.choice(['the fewest', 'fewest', 'the least'])} {many}", f"(argmin {value} people)"  # fmt: skip
    word_, op = ("more", "argmax") if rng.random() < 0.7 else ("fewer", "argmin")
    text = rng.choice([f"who has {word_} {many}, {x} or {y}", f"which of {x} and {y} has {word_} {many}"])  # fmt: skip
    return text, f"({op} {value} {team([x, y])})"


def _generation(rng: Random, names: list[str]) -> tuple[str, str]:
    x = names[0]
    text = rng.choice([f"which generation is {x} in", f"what generation does {x} belong to", f"what generation is {x}", f"in which generation is {x}", f"which generation is {x} part of"])  # fmt: skip
    return text, f"(generation {quoted(x)})"


def _sex(rng: Random, names: list[str]) -> tuple[str, str]:
    x = names[0]
    if rng.random() < 0.5:
        text = rng.choice([f"is {x} a man or a woman", f"is {x} male or female", f"is {x} a boy or a girl"])  # fmt: skip
        return text, f"(male {quoted(x)})"
    text = rng.choice([f"is {x} a woman or a man", f"is {x} female or male", f"is {x} a girl or a boy", f"what gender is {x}", f"what sex is {x}", f"what is {x}'s gender"])  # fmt: skip
    return text, f"(female {quoted(x)})"


def _size(rng: Random, names: list[str]) -> tuple[str, str]:
    kind = rng.random()
    if kind < 0.4:
        text = rng.choice(["how many people are there", "how many people are there in the family", "how big is the family", "how large is the family", "how many people are in this family", "how many members does the family have", "what is the size of the family", "how many family members are there"])  # fmt: skip
        return text, "family-size"
    if kind < 0.75:
        many, sex = rng.choice([("women", "female"), ("men", "male"), ("females", "female"), ("males", "male"), ("girls", "female"), ("boys", "male")])  # fmt: skip
        text = rng.choice([f"how many {many} are there", f"how many {many} are in the family", f"how many {many} does the family have", f"how many people are {many}"])  # fmt: skip
        return text, f"(how-many (lambda (x) ({sex} x)))"
    word = rng.choice([PARTNER, CHILD, SIBLING])
    texts = {PARTNER: "are married", CHILD: "have children", SIBLING: "have siblings"}
    text = rng.choice([f"how many people {texts[word]}", f"how many members of the family {texts[word]}"])  # fmt: skip
    return text, counted(0, lambda v: someone(1, lambda u: word.means(u, v, 2)))
