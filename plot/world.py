"""A world model and what has been said about it; immutable, so going back is free."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from plot.cache import SLOW, cache_path, keep, recall, world_key
from plot.check import check
from plot.compiler import Budget, Effects, Environment, Machine, Value, top_scope
from plot.compiler.passes import Passes
from plot.compiler.values import check_size
from plot.data import Name, from_list, is_nothing
from plot.errors import FormError
from plot.printer import write
from plot.reader import read, read_one
from plot.session import Session, run_statement
from plot.shapes import Block, Define, Evidence, Import, Shape, shape
from plot.syntax import Form, Symbol, Tree, walk
from plot.types import Type
from plot.vocabulary import Vocabulary

_KEPT = ("scope", "effects", "vocabulary", "types", "told", "trees")  # of a world, in the cache


@dataclass(frozen=True, eq=False)
class Question:
    """A question about a world, evaluated.

    Args:
      text: the expression that was asked.
      value: what it evaluates to.
      effects: what was observed, what the question itself observes included.
      world: the world it was asked of.
    """

    text: str
    value: Value
    effects: Effects
    world: World


@dataclass(frozen=True, eq=False)
class World:
    """A world model, evaluated once, and the statements told to it so far.

    Telling gives a new world and leaves the old one as it was; both add to one graph, in which
    equal expressions are one node.

    Args:
      session: the graph and what belongs to it.
      scope: names and their values.
      effects: what has been observed.
      vocabulary: public names, their types and meanings.
      types: inferred types of the names that are defined.
      told: the statements told so far, as text.
      trees: everything evaluated, for the oracle.

    >>> world = World.from_source("(define coin (flip 0.3)) (declare coin boolean \\"heads\\")")
    >>> world.tell("(condition coin)").told
    ('(condition coin)',)
    """

    session: Session
    scope: Environment
    effects: Effects
    vocabulary: Vocabulary
    types: dict[str, Type]
    told: tuple[str, ...] = ()
    trees: tuple[Tree, ...] = ()

    @classmethod
    def from_source(
        cls,
        text: str,
        name: str = "<world>",
        budget: Budget = Budget(),
        cache: bool | str | Path = True,
    ) -> World:
        """Evaluate a world model, or read it from the cache where that has been done before.

        Args:
          text: PLoT source: definitions, declarations and standing conditions.
          name: what to call it in error messages.
          budget: bounds on its unfolding.
          cache: the folder where models that took long are kept; true for the user's own, which
            `PLOTLINE_CACHE=off` switches off; false for none.

        Raises:
          PlotError: located, where the source is wrong.
        """
        folder = cache_path() if cache is True else Path(cache) if cache else None
        passes = Passes()
        key = world_key(text, name, budget, passes) if folder is not None else b""
        known = recall(folder, key) if folder is not None else None
        if known is not None:
            graph, parts = known
            session = Session.restored(budget, passes, graph, parts.pop("atoms"))  # type: ignore[arg-type]
            return cls(session, **parts)  # type: ignore[arg-type]
        world, seconds = cls._evaluated(tuple(read(text, name)), Session(budget, passes))
        if folder is not None and seconds > SLOW and not _imports(world.trees):
            graph, scope = world.session.graph, world.scope
            parts = {part: getattr(world, part) for part in _KEPT}
            keep(folder, key, graph, scope, {**parts, "atoms": world.session.atoms})
        return world

    @classmethod
    def _evaluated(cls, trees: tuple[Tree, ...], session: Session) -> tuple[World, float]:
        """The world of some statements, and the seconds that evaluating them took."""
        for tree in trees:
            found = shape(tree) if isinstance(tree, Form) else None
            if isinstance(found, Block):
                raise FormError("a world model asks nothing; its questions come later", tree.span)
        begun = time.perf_counter()
        types = dict(check(list(trees)))
        scope, vocabulary = session.scope(), Vocabulary()
        with session.machine(Effects()) as m:
            for tree in trees:
                _, vocabulary = run_statement(m, tree, scope, vocabulary)
            world = cls(session, scope, m.effects, vocabulary, types, (), trees)
        return world, time.perf_counter() - begun

    @classmethod
    def from_file(
        cls, path: str | Path, budget: Budget = Budget(), cache: bool | str | Path = True
    ) -> World:
        """Evaluate the world model of a file; arguments and errors as for `from_source`."""
        path = Path(path)
        return cls.from_source(path.read_text(encoding="utf-8"), path.name, budget, cache)

    def check(self, expression: str | Tree) -> Tree:
        """Read an expression and check its names, arities and types against this world.

        Raises:
          PlotError: located in the expression.
        """
        tree = read_one(expression) if isinstance(expression, str) else expression
        check([tree], self.vocabulary, self.types)
        return tree

    def mention(self, sort: str, names: tuple[str, ...]) -> World:
        """The world in which more names of an entity type are known.

        Raises:
          FormError: where the type is closed or not declared.
        """
        for entities in self.vocabulary.entities:
            if entities.type == sort:
                new = tuple(n for n in names if n not in entities.names)
                if not new:
                    return self
                if not entities.open:
                    raise FormError(
                        f"this world knows no {sort} called {new[0]}, and takes no new ones"
                    )
                vocabulary = self.vocabulary.with_names(sort, new)
                listing = from_list([Name(n) for n in (*entities.names, *new)])
                scope = top_scope(self.scope)
                scope.names[entities.listing] = listing
                return replace(self, vocabulary=vocabulary, scope=scope)
        raise FormError(f"this world has no entities called {sort}")

    def tell(self, expression: str | Tree) -> World:
        """The world in which a statement holds, or a name is defined.

        Args:
          expression: a `condition`, `condition-equal`, `factor` or `define`.

        Raises:
          PlotError: located in the expression; this world stays as it was.
        """
        tree = self.check(expression)
        found = shape(tree) if isinstance(tree, Form) else None
        if not isinstance(found, (Evidence, Define)):
            raise FormError(
                "a statement is a condition or a definition, and this is neither",
                tree.span,
                "write (condition …), (factor …) or (define …); questions are asked with ask",
            )
        world = self._with_names_of(tree)
        scope = top_scope(world.scope)
        with self.session.machine(world.effects) as m:
            run_statement(m, tree, scope, world.vocabulary)
            types = {**self.types, **dict(check([tree], world.vocabulary, self.types))}
            return replace(
                world,
                scope=scope,
                effects=m.effects,
                types=types,
                told=(*self.told, write(tree)),
                trees=(*self.trees, tree),
            )

    def ask(self, expression: str | Tree) -> Question:
        """Evaluate a question, `(query e)` or a bare expression.

        Raises:
          PlotError: located in the expression.
        """
        tree = self.check(expression)
        found = shape(tree) if isinstance(tree, Form) else None
        if isinstance(found, (Evidence, Define)):
            raise FormError(
                "this is a statement, not a question", tree.span, "use tell, or ask (query …)"
            )
        world = self._with_names_of(tree)
        scope = Environment({}, world.scope)
        with self.session.machine(world.effects) as m:
            value, asked = ask_block(m, found, tree, scope, world.vocabulary)
            return Question(write(asked), value, m.effects, world)

    def _with_names_of(self, tree: Tree) -> World:
        """New names in an expression join the open entity type, where there is exactly one."""
        open_sorts = [e for e in self.vocabulary.entities if e.open]
        if len(open_sorts) != 1:
            return self
        known = {name for e in self.vocabulary.entities for name in e.names}
        new = [n for n in quoted_names(tree) if n not in known]
        return self.mention(open_sorts[0].type, tuple(dict.fromkeys(new))) if new else self


def _imports(trees: Sequence[Tree]) -> bool:
    """Whether Python functions take part, whose changes no key of the cache would show."""
    return any(isinstance(t, Form) and isinstance(shape(t), Import) for t in trees)


def ask_block(
    m: Machine, found: Shape | None, tree: Tree, scope: Environment, vocabulary: Vocabulary
) -> tuple[Value, Tree]:
    """Evaluate a query block's statements and its result, or a bare expression."""
    if not isinstance(found, Block):
        value, _ = run_statement(m, tree, scope, vocabulary)
        check_size(value, tree.span)
        return value, tree
    for statement in found.statements:
        run_statement(m, statement, scope, vocabulary)
    value, _ = run_statement(m, found.result, scope, vocabulary)
    check_size(value, found.result.span)
    if found.test is not None and is_nothing(value):
        return run_statement(m, found.test, scope, vocabulary)[0], found.test
    if found.test is not None:
        condition = Form((Symbol("condition", found.test.span), found.test), found.test.span)
        run_statement(m, condition, scope, vocabulary)
    return value, found.result


def quoted_names(tree: Tree) -> list[str]:
    """The names under quotes of an expression, in order."""
    out = []
    for part in walk(tree):
        if isinstance(part, Form) and part.head == "quote" and len(part) == 2:
            out += [inner.name for inner in walk(part[1]) if isinstance(inner, Symbol)]
    return out
