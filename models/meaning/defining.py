"""New concepts defined on the fly: `A giant is someone who is stronger than 80.`

What a definition says of someone is turned into a sentence about a person of this world, `Tom is
stronger than 80`, and read as any sentence is; then a variable takes the person's place. So whatever
can be said of somebody can define a word, and so can whatever can be asked of somebody: `A person's clout
is their strength minus their laziness` (`quantities`).

Source: "From Word Models to World Models" (arXiv 2306.12672), section 5 (a conversation extends the
world model with new definitions).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from inference.tokens.grammar import VARIABLES
from inference.tokens.mentions import mentions, symbol_of
from models.meaning.arithmetic import arithmetic
from models.meaning.context import PEOPLE, resolve
from models.meaning.quantities import quantity, value_type
from models.meaning.translate import Kind, NotUnderstood, Reading, Readings, symbols
from models.meaning.verbs import FINITE, OF_ONE
from plot.errors import PlotError
from plot.printer import write
from plot.reader import read_one
from plot.syntax import Form, Symbol, Tree, walk
from plot.types import BOOLEAN, NUMBER, Entity, Function
from plot.vocabulary import Entities, Entry, Vocabulary

_SOMEONE = r"(?P<who>someone|somebody|anyone|anybody|everyone|everybody|people|something|anything|an? [a-z]+)"
_OTHER = r"(?: (?:of|to|for) (?P<other>someone else|somebody else|another(?: [a-z]+)?|someone|somebody|something else))?"
_WORD = r"[\"'*_]*(?P<word>[A-Za-z][a-z]+(?:[- ][a-z]+)?)[\"'*_]*"
_REST = r"(?P<rest>[^?]+?)[.!]*$"
_JOINT = r"(?P<joint>whom|who|that|which|whose|with)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"^(?:an? |the word )?{_WORD} (?:means|stands for) {_SOMEONE} {_JOINT} {_REST}",
        rf"^an? {_WORD} is {_SOMEONE} {_JOINT} {_REST}",
        rf"^(?:let us |let's |please |we |i |i will |i'll |we will |we'll )?(?:call|name) {_SOMEONE} "
        rf"(?:an? |the )?{_WORD}{_OTHER},? (?P<joint>if|when|whenever|iff|exactly if|exactly when) {_REST}",
        rf"^{_SOMEONE} (?:is called|is said to be|counts as|are called|is by definition) (?:an? |the )?"
        rf"{_WORD}{_OTHER},? (?P<joint>if|when|whenever|iff) {_REST}",
        rf"^by (?:an? )?{_WORD},? (?:i|we) mean {_SOMEONE} {_JOINT} {_REST}",
        rf"^define (?:an? )?{_WORD} as {_SOMEONE} {_JOINT} {_REST}",
    )
)
_SUBJECT = re.compile(
    r"^(?P<subject>they|he or she|she or he|he|she|it|their|his or her|his|her|its|the first(?: one)?)\b\s*",
    re.IGNORECASE,
)
_OBJECT = re.compile(r"\b(them|the other(?: one| person)?|the second(?: one)?|him|her)\b", re.I)
_OWNING = frozenset({"their", "his or her", "his", "her", "its"})
_AGREES = {**OF_ONE, "go": "goes"}
_KEEPS = FINITE | {"could", "would", "must", "may", "might", "should", "both"}


@dataclass(frozen=True)
class Definition:
    """A word and what it is said to mean.

    Args:
      word: as it is written.
      name: its symbol.
      sorts: the entity type of each thing that it is said of.
      places: the names that stand for them in the sentence.
      sentence: what is said of them, in English.
      meaning: the definition in one line, for the vocabulary.
      result: the type of what it says: `boolean` where it is true or false of things; of words that stand
        for a number or a thing it is `asked`, until the sentence has been read.
      plain: what the sentence means, where it is plain arithmetic in the world's own words.
    """

    word: str
    name: str
    sorts: tuple[str, ...]
    places: tuple[str, ...]
    sentence: str
    meaning: str
    result: str = "boolean"
    plain: str | None = None

    def plainly(self, vocabulary: Vocabulary) -> Readings:
        """The readings of a definition that needs no language model.

        Args:
          vocabulary: of the world.
        """
        assert self.plain is not None
        reading = Reading(Kind.QUESTION, read_one(self.plain), self.plain, 1.0)
        return self.read_from(Readings(self.sentence, (reading,), 0.0, 0.0, 0.0), vocabulary)

    @property
    def entry(self) -> Entry:
        """The new public name."""
        types = tuple(Entity(sort) for sort in self.sorts)
        known = {"boolean": BOOLEAN, "number": NUMBER}
        result = known.get(self.result, Entity(self.result))
        return Entry(self.name, Function(types, result), self.meaning)

    def read_from(self, readings: Readings, vocabulary: Vocabulary = Vocabulary()) -> Readings:
        """The definition's readings, from those of its sentence.

        Args:
          readings: of `sentence`.
          vocabulary: of the world, by which the type of what is asked is known.

        Raises:
          NotUnderstood: where no reading says anything of what is defined.
        """
        found, result = [], self.result
        kind = Kind.STATEMENT if result == "boolean" else Kind.QUESTION
        for reading in readings.readings:
            tree = self._abstract(reading.tree) if reading.kind is kind else None
            if tree is None:
                continue
            if result == "asked":
                result = value_type(tree, vocabulary) or result
            if result in ("boolean", value_type(tree, vocabulary)):
                found.append(Reading(Kind.DEFINITION, tree, write(tree), reading.probability))
        total = sum(r.probability for r in found)
        if not found:
            example = (
                f"`A {self.word} is someone who is stronger than 80`"
                if result == "boolean"
                else f"`Call someone's {self.word} twice their strength`"
            )
            raise NotUnderstood(
                f"`{self.sentence}` cannot be read as something that makes a {self.word}",
                f"say it in other words, such as {example}",
                readings.readings,
            )
        shares = tuple(replace(r, probability=r.probability / total) for r in found)
        known = self if result == self.result else replace(self, result=result)
        return replace(readings, readings=shares, defines=known)

    def _abstract(self, tree: Tree) -> Tree | None:
        """The definition of a statement; None where it does not speak of all that stand in it."""
        assert isinstance(tree, Form)
        taken = symbols(tree)
        free = [v for v in (*VARIABLES, *(f"{v}{v}" for v in VARIABLES)) if v not in taken]
        variables = dict(zip(self.places, free, strict=False))
        quoted = {s.name for s in _quoted(tree)}
        if not set(self.places) <= quoted:
            return None
        body = _with_variables(tree[1], variables)
        head = Form((Symbol(self.name), *(Symbol(variables[p]) for p in self.places)))
        return Form((Symbol("define"), head, body))


def definition(sentence: str, vocabulary: Vocabulary) -> Definition | None:
    """What a sentence defines; None where it is no definition.

    Args:
      sentence: in English, on one line.
      vocabulary: the world's public names.

    Raises:
      PlotError: where the word has a meaning already, or what it is said of is not of this world.

    >>> people = Entities("person", "people", ("tom", "mary"), True)
    >>> found = definition("Call someone a giant if they are stronger than Mary.", Vocabulary((), (people,)))
    >>> found.name, found.sentence, found.meaning
    ('giant', 'Tom is stronger than Mary.', 'someone who is stronger than Mary')
    """
    text = sentence.strip()
    match = next((m for form in _FORMS if (m := form.match(text))), None)
    if match is None:
        return _of_value(text, vocabulary)
    parts = match.groupdict()
    name = symbol_of(parts["word"])
    sort = _sort(parts["who"].lower(), vocabulary)
    if name is None or sort is None:
        return None
    _check_new(parts["word"], name, vocabulary)
    rest, joint = parts["rest"], parts["joint"].lower()
    count = 2 if parts.get("other") else 1
    places = _free_names(sort, rest, vocabulary, count)
    shown = [_shown(sort, p) for p in places]
    said = _about(joint, rest, parts["who"].lower(), shown, vocabulary)
    if said is None:
        return None
    meaning = f"{parts['who'].lower()} {joint} {rest}"
    if parts["joint"].lower().endswith(("if", "when", "whenever", "iff")):
        meaning = _as_relative(rest) if count == 1 else f"the first is one of the second if {rest}"
    sorts = (sort.type,) * count
    return Definition(parts["word"].lower(), name, sorts, places, f"{said}.", meaning)


def _of_value(text: str, vocabulary: Vocabulary) -> Definition | None:
    """The definition of a word for a number, or for a thing."""
    found = quantity(text)
    name = symbol_of(found.word) if found else None
    sort = _sort(found.who, vocabulary) if found else None
    if found is None or name is None or sort is None:
        return None
    own = [e.name for e in vocabulary.entries if e.type == Function((Entity(sort.type),), NUMBER)]
    if not found.clearly and (name in own or not found.speaks_of(own)):
        return None  # `Someone's strength is above 80` defines nothing
    _check_new(found.word, name, vocabulary)
    places = _free_names(sort, found.rest, vocabulary, 1)
    asked = found.asked(_shown(sort, places[0]), own)
    value = arithmetic(found.rest, own, f"'{places[0]}")
    plain = None if value is None else f"(query {value})"
    word = found.word.lower()
    return Definition(word, name, (sort.type,), places, asked, found.rest, "asked", plain)


def _about(
    joint: str, rest: str, who: str, shown: Sequence[str], vocabulary: Vocabulary
) -> str | None:
    """What a definition says, said of names."""
    first = shown[0]
    plural = who == "people"
    begins = symbol_of(rest.split()[0])
    if joint == "whom" or any(begins in sort.names for sort in vocabulary.entities):
        said = f"{rest} {first}"  # `someone that Tom beat`
    elif joint in ("who", "that", "which"):
        said = f"{first} {_agreeing(rest) if plural else rest}"
    elif joint == "whose":
        said = f"{first}'s {rest}"
    elif joint == "with":
        said = f"{first} has {rest}"
    else:
        subject = _SUBJECT.match(rest)
        if subject is None:
            return None
        word = subject["subject"].lower()
        after = rest[subject.end() :]
        if word in _OWNING:
            said = f"{first}'s {after}"
        else:
            said = f"{first} {_agreeing(after) if word == 'they' else after}"
    if len(shown) > 1:
        said = said[: len(first)] + _OBJECT.sub(shown[1], said[len(first) :])
    return resolve(said, [shown[0].lower()], [shown[0].lower()]).sentence


def _agreeing(rest: str) -> str:
    """A verb phrase of `they`, said of one: `are strong` is `is strong`."""
    verb, _, after = rest.partition(" ")
    low = verb.lower()
    if low in _KEEPS or low.endswith("ed"):
        return rest
    return f"{_AGREES.get(low) or _third(low)} {after}".strip()


def _third(verb: str) -> str:
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if verb[-1] == "y" and verb[-2:-1] not in "aeiou" else f"{verb}s"


def _as_relative(rest: str) -> str:
    """`they are strong` as a description: `someone who is strong`."""
    subject = _SUBJECT.match(rest)
    assert subject is not None
    word, after = subject["subject"].lower(), rest[subject.end() :]
    if word in _OWNING:
        return f"someone whose {after}"
    return f"someone who {_agreeing(after) if word == 'they' else after}"


def _sort(who: str, vocabulary: Vocabulary) -> Entities | None:
    """The sort that is spoken of; None where that is not clear."""
    named = who.split()[-1]
    for sort in vocabulary.entities:
        if named in (sort.type, sort.listing, f"{sort.type}s"):
            return sort
    people = [s for s in vocabulary.entities if s.type in PEOPLE]
    others = [s for s in vocabulary.entities if s.type not in PEOPLE and s.names]
    if named in ("something", "anything", "thing", "object"):
        return others[0] if len(others) == 1 else None
    return people[0] if people else None


def _check_new(word: str, name: str, vocabulary: Vocabulary) -> None:
    if vocabulary.type_of(name) is not None or any(s.type == name for s in vocabulary.entities):
        raise PlotError(
            f"`{word}` has a meaning in this world already", None, "define another word"
        )
    if any(name in s.names for s in vocabulary.entities):
        raise PlotError(f"`{word}` is the name of somebody here", None, "define another word")


def _free_names(sort: Entities, rest: str, vocabulary: Vocabulary, count: int) -> tuple[str, ...]:
    """Names of a sort that a text does not speak of."""
    said = set(mentions(rest, vocabulary).mentioned)
    spare = ("tom", "mary", "john", "sue") if sort.open else ()
    free = [n for n in dict.fromkeys((*sort.names, *spare)) if n not in said]
    if len(free) < count:
        raise PlotError(
            f"all {sort.listing} of this world are named in the definition, and one must be left to "
            "stand for what is defined",
            None,
            f"define it without naming {free[0] if free else sort.names[0]}",
        )
    return tuple(free[:count])


def _shown(sort: Entities, name: str) -> str:
    return name.capitalize() if sort.type in PEOPLE else f"the {name} {sort.type}"


def _quoted(tree: Tree) -> list[Symbol]:
    out: list[Symbol] = []
    for node in walk(tree):
        if isinstance(node, Form) and node.head == "quote" and len(node) == 2:
            out += [s for s in walk(node[1]) if isinstance(s, Symbol)]
    return out


def _with_variables(tree: Tree, variables: dict[str, str]) -> Tree:
    """A tree in which variables stand for quoted names."""
    if not isinstance(tree, Form):
        return tree
    if tree.head != "quote" or len(tree) != 2:
        return Form(tuple(_with_variables(part, variables) for part in tree.items))
    inside = tree[1]
    if isinstance(inside, Symbol):
        return Symbol(variables[inside.name]) if inside.name in variables else tree
    members = inside.items if isinstance(inside, Form) else ()
    if not any(isinstance(m, Symbol) and m.name in variables for m in members):
        return tree
    parts = (_with_variables(Form((Symbol("quote"), m)), variables) for m in members)
    return Form((Symbol("list"), *parts))
