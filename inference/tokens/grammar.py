"""The typed grammar of one world's fragments, for constrained decoding.

Every type is a nonterminal: a person stands where a person is due, arities are right,
variables are in scope, and only names that exist (or that the sentence brings in) can be
written. A lambda's body sees one variable more; at most two lambdas nest and arithmetic,
logic and function application have bounded depth, so every derivation ends. What belongs to a
closed entity type without names can only be made by functions: nothing ranges over it, no answer
is of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from plot.types import BOOLEAN, NUMBER, SYMBOL, Entity, Function, ListOf, Type
from plot.vocabulary import Vocabulary

UNCLEAR = "(unclear)"
NUMBER_PATTERN = r"/-?(0|[1-9][0-9]{0,6})(\.[0-9]{1,4})?/"
VARIABLES = ("x", "y", "z", "u", "v", "w")
MAX_NESTED = 2  # lambdas
LOGIC_DEPTH = (4, 3, 2)  # and, or, not, by the number of lambdas around
ARITHMETIC_DEPTH = 3
ENTITY_DEPTH = 2
NAMELESS_DEPTH = 3  # of applications, where some entity type has no names
MAX_CONJUNCTS = 5
MAX_LISTED = 6


@dataclass(frozen=True)
class Kinds:
    """Which kinds of fragment the grammar admits."""

    statement: bool = True
    question: bool = True
    unclear: bool = True


def grammar(
    vocabulary: Vocabulary, names: Mapping[str, Sequence[str]], kinds: Kinds = Kinds()
) -> str:
    """The Lark grammar (llguidance's dialect) of the fragments that a sentence may become.

    Args:
      vocabulary: the world's public names.
      names: for each entity type, the names that may be written.
      kinds: which kinds of fragment to admit.

    Raises:
      ValueError: nothing can be said with this vocabulary.

    >>> from plot.vocabulary import Entry
    >>> text = grammar(Vocabulary((Entry("rain", BOOLEAN, "it rains"),)), {}, Kinds(unclear=False))
    >>> '"(condition "' in text
    True

    Source: llguidance's Lark syntax.
    """
    made = _Builder(vocabulary, names)
    starts = []
    if kinds.statement and (b := made.boolean((), LOGIC_DEPTH[0])):
        starts.append(f'"(condition " {b} ")"')
    if kinds.question and (q := made.answer()):
        starts.append(f'"(query " {q} ")"')
    if kinds.unclear:
        starts.append(_text(UNCLEAR))
    if not starts:
        raise ValueError("this vocabulary has no well-typed fragment")
    rules = [f"start: {' | '.join(starts)}"]
    rules += [f"{name}: {' | '.join(options)}" for name, options in made.rules.items()]
    if made.number_used:
        rules.append(f"NUMBER: {NUMBER_PATTERN}")
    return "\n".join(rules) + "\n"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


type Scope = tuple[str, ...]  # the entity types of the variables, outermost first


@dataclass
class _Builder:
    """Makes rules on demand; a method returns the rule's name, or None where nothing fits."""

    vocabulary: Vocabulary
    names: Mapping[str, Sequence[str]]
    rules: dict[str, list[str]] = field(default_factory=dict)
    made: dict[tuple[object, ...], str | None] = field(default_factory=dict)
    number_used: bool = False

    def __post_init__(self) -> None:
        taken = {e.name for e in self.vocabulary.entries} | {
            s.listing for s in self.vocabulary.entities
        }
        self.variables = [v for v in VARIABLES if v not in taken][:MAX_NESTED]
        nameless = {s.type for s in self.vocabulary.entities if not s.names and not s.open}
        self.sorts = [s.type for s in self.vocabulary.entities if s.type not in nameless]
        self.depth = NAMELESS_DEPTH if nameless else ENTITY_DEPTH

    def answer(self) -> str | None:
        """What a question may ask for; never a bare literal."""
        options = [
            self.boolean((), LOGIC_DEPTH[0]),
            self.number((), ARITHMETIC_DEPTH, literal=False),
        ]
        options += [self.entity((), t, self.depth, literal=False) for t in self.sorts]
        options += [self.roster((), t, literal=False) for t in self.sorts]
        words = self._applications(SYMBOL, (), ENTITY_DEPTH)
        return self._rule(("answer",), [*(o for o in options if o), *words])

    def boolean(self, scope: Scope, depth: int) -> str | None:
        key = ("b", depth, *scope)
        if key in self.made:
            return self.made[key]
        options = self._applications(BOOLEAN, scope, self.depth)
        left = self.number(scope, ARITHMETIC_DEPTH, literal=False)
        right = self.number(scope, ARITHMETIC_DEPTH)
        if left and right:
            options += [f'"({op} " {left} " " {right} ")"' for op in (">", "<", ">=", "<=", "=")]
        for t in self.sorts:
            if (e := self.entity(scope, t, self.depth)) and self._can_vary(scope, t):
                options.append(f'"(eq? " {e} " " {e} ")"')
            for word in ("all", "any"):
                options += self._lambda(word, scope, t, self._body)
        if depth > 0 and (inner := self.boolean(scope, depth - 1)):
            options.append(f'"(not " {inner} ")"')
            options += [
                f'"({word} " {inner} (" " {inner}){{1,{MAX_CONJUNCTS - 1}}} ")"'
                for word in ("and", "or")
            ]
        return self._rule(key, options)

    def number(self, scope: Scope, depth: int, literal: bool = True) -> str | None:
        key = ("n", depth, "any" if literal else "made", *scope)
        if key in self.made:
            return self.made[key]
        if literal:
            self.number_used = True
            made = self.number(scope, depth, literal=False)
            return self._rule(key, ["NUMBER", *([made] if made else [])])
        options = self._applications(NUMBER, scope, self.depth)
        for t in self.sorts:
            options += self._lambda("count", scope, t, self._body)
            if roster := self.roster(scope, t):
                options.append(f'"(length " {roster} ")"')
            for word in ("sum", "mean"):
                options += [
                    f'"({word} " {m} ")"' for m in self._lambda("map", scope, t, self._value)
                ]
        if depth > 0 and (inner := self.number(scope, depth - 1)):
            made = self.number(scope, depth - 1, literal=False)
            if made:
                options.append(f'"(abs " {made} ")"')
                for op in ("+", "-", "*", "/"):
                    options += [
                        f'"({op} " {made} " " {inner} ")"',
                        f'"({op} " NUMBER " " {made} ")"',
                    ]
                options.append(f'"(+ " {made} (" " {made}){{2,3}} ")"')
        return self._rule(key, options)

    def entity(self, scope: Scope, sort: str, depth: int, literal: bool = True) -> str | None:
        key = ("e", sort, depth, "any" if literal else "made", *scope)
        if key in self.made:
            return self.made[key]
        if literal:
            options = [_text("'" + n) for n in self.names.get(sort, ())]
            options += [_text(self.variables[i]) for i, t in enumerate(scope) if t == sort]
            made = self.entity(scope, sort, depth, literal=False)
            return self._rule(key, options + ([made] if made else []))
        options = self._applications(Entity(sort), scope, depth - 1) if depth > 0 else []
        if depth > 0 and sort in self.sorts:
            for word in ("argmax", "argmin"):
                options += self._lambda(word, scope, sort, self._value)
        return self._rule(key, options)

    def roster(self, scope: Scope, sort: str, literal: bool = True) -> str | None:
        key = ("l", sort, "any" if literal else "made", *scope)
        if key in self.made:
            return self.made[key]
        listing = next(s.listing for s in self.vocabulary.entities if s.type == sort)
        listed = self._listed(sort)
        options = [_text(listing), *self._applications(ListOf(Entity(sort)), scope, self.depth)]
        options += self._lambda(
            "filter", scope, sort, self._body, self._flat(sort, listing, listed)
        )
        if listed:
            options.append(f'"(difference {listing} " {listed} ")"')
            if literal:
                options.append(listed)
        if literal and (row := self._row(scope, sort)):
            options.append(row)
        return self._rule(key, options)

    def _row(self, scope: Scope, sort: str) -> str | None:
        """Lists that hold a variable: `(list x 'tom)`."""
        plain = [_text(self.variables[i]) for i, t in enumerate(scope) if t == sort]
        if not plain:
            return None
        key = ("m", sort, *scope)
        if key not in self.made:
            self._rule(key, plain + [_text("'" + n) for n in self.names.get(sort, ())])
        member = self.made[key]
        return f'"(list " {member} (" " {member}){{0,{MAX_LISTED - 1}}} ")"'

    def _listed(self, sort: str) -> str | None:
        """Quoted lists of names: `'(tom mary)`."""
        key = ("q", sort)
        if key in self.made:
            return self.made[key]
        names = self.names.get(sort, ())
        if not names:
            return self._rule(key, [])
        one = self._rule(("w", sort), [_text(n) for n in names])
        return self._rule(key, [f'"\'(" {one} (" " {one}){{0,{MAX_LISTED - 1}}} ")"'])

    def _body(self, scope: Scope) -> str | None:
        return self.boolean(scope, LOGIC_DEPTH[len(scope)])

    def _value(self, scope: Scope) -> str | None:
        return self.number(scope, 1, literal=False)

    def _lambda(
        self,
        word: str,
        scope: Scope,
        sort: str,
        body: Callable[[Scope], str | None],
        lists: str | None = None,
    ) -> list[str]:
        """`(word (lambda (x) body) list)`, where another variable may still be bound."""
        if len(scope) >= len(self.variables):
            return []
        inside, lists = body((*scope, sort)), lists or self.roster(scope, sort)
        if not inside or not lists:
            return []
        return [f'"({word} (lambda ({self.variables[len(scope)]}) " {inside} ") " {lists} ")"']

    def _flat(self, sort: str, listing: str, listed: str | None) -> str | None:
        """The lists that a filter goes over: no filter in a filter."""
        more = [listed, f'"(difference {listing} " {listed} ")"'] if listed else []
        more += [_text(e.name) for e in self.vocabulary.entries if e.type == ListOf(Entity(sort))]
        return self._rule(("f", sort), [_text(listing), *more])

    def _can_vary(self, scope: Scope, sort: str) -> bool:
        return bool(scope) or self.entity(scope, sort, self.depth, literal=False) is not None

    def _applications(self, result: Type, scope: Scope, depth: int) -> list[str]:
        """Every declared name of a result type, applied where it is a function."""
        options: list[str] = []
        for entry in self.vocabulary.entries:
            if entry.type == result:
                options.append(_text(entry.name))
            if not isinstance(entry.type, Function) or entry.type.result != result:
                continue
            parts = [self._argument(t, scope, depth) for t in entry.type.parameters]
            if any(p is None for p in parts):
                continue
            tail = ""
            for t in reversed(entry.type.optional):
                if p := self._argument(t, scope, depth):
                    tail = f' (" " {p}{tail})?'
            if entry.type.rest is not None and (p := self._argument(entry.type.rest, scope, depth)):
                tail += f' (" " {p}){{0,3}}'
            if parts:
                inside = ' " " '.join(p for p in parts if p)
                options.append(f'{_text(f"({entry.name} ")} {inside}{tail} ")"')
            else:
                options.append(f'{_text(f"({entry.name}")}{tail} ")"')
        return options

    def _argument(self, type: Type, scope: Scope, depth: int) -> str | None:
        if type == NUMBER:
            self.number_used = True
            return "NUMBER"
        if isinstance(type, Entity):
            return self.entity(scope, type.name, max(depth, 0))
        if isinstance(type, ListOf) and isinstance(type.element, Entity):
            return self._team(scope, type.element.name)
        if isinstance(type, Function):
            return self._predicate(type, scope)
        return None

    def _predicate(self, type: Function, scope: Scope) -> str | None:
        """A predicate on one entity as an argument: `(anyone (lambda (x) (tall x)))`."""
        match type:
            case Function((Entity(sort),), result) if result == BOOLEAN:
                pass
            case _:
                return None
        key = ("p", sort, *scope)
        if key in self.made:
            return self.made[key]
        inside = self._body((*scope, sort)) if len(scope) < len(self.variables) else None
        binder = f"(lambda ({self.variables[len(scope)]}) " if inside else ""
        return self._rule(key, [f'{_text(binder)} {inside} ")"'] if inside else [])

    def _team(self, scope: Scope, sort: str) -> str | None:
        """Lists as arguments: names, variables in a list, or everyone."""
        key = ("t", sort, *scope)
        if key in self.made:
            return self.made[key]
        listing = next((s.listing for s in self.vocabulary.entities if s.type == sort), None)
        if listing is None:
            return None
        listed = self._listed(sort)
        options = [_text(listing)]
        if listed:
            options += [listed, f'"(difference {listing} " {listed} ")"']
        if row := self._row(scope, sort):
            options.append(row)
        return self._rule(key, options)

    def _rule(self, key: tuple[object, ...], options: list[str]) -> str | None:
        """Record a rule; None where it has no option."""
        if not options:
            self.made[key] = None
            return None
        name = f"r{len(self.rules)}_{key[0]}"
        self.made[key] = name
        self.rules[name] = list(dict.fromkeys(options))
        return name
