"""A world model and what has been said about it; immutable, so going back is free."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from plot.check import check
from plot.compiler import Budget, Effects, Environment, Machine, Value
from plot.data import Name, from_list
from plot.errors import FormError
from plot.printer import write
from plot.reader import read, read_one
from plot.session import Session, run_statement
from plot.shapes import Block, Define, Evidence, Shape, shape
from plot.syntax import Form, Symbol, Tree, walk
from plot.types import Type
from plot.vocabulary import Vocabulary


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
    def from_source(cls, text: str, name: str = "<world>", budget: Budget = Budget()) -> World:
        """Evaluate a world model.

        Args:
          text: PLoT source: definitions, declarations and standing conditions.
          name: what to call it in error messages.
          budget: bounds on its unfolding.

        Raises:
          PlotError: located, where the source is wrong.
        """
        trees = tuple(read(text, name))
        for tree in trees:
            found = shape(tree) if isinstance(tree, Form) else None
            if isinstance(found, Block):
                raise FormError("a world model asks nothing; its questions come later", tree.span)
        types = dict(check(list(trees)))
        session = Session(budget)
        scope, vocabulary = session.scope(), Vocabulary()
        with session.machine(Effects()) as m:
            for tree in trees:
                _, vocabulary = run_statement(m, tree, scope, vocabulary)
            return cls(session, scope, m.effects, vocabulary, types, (), trees)

    @classmethod
    def from_file(cls, path: str | Path, budget: Budget = Budget()) -> World:
        """Evaluate the world model of a file; raises what `from_source` does."""
        path = Path(path)
        return cls.from_source(path.read_text(encoding="utf-8"), path.name, budget)

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
                scope = Environment({entities.listing: listing}, self.scope)
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
        scope = Environment({}, world.scope)
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


def ask_block(
    m: Machine, found: Shape | None, tree: Tree, scope: Environment, vocabulary: Vocabulary
) -> tuple[Value, Tree]:
    """Evaluate a query block's statements and its result, or a bare expression."""
    if not isinstance(found, Block):
        return run_statement(m, tree, scope, vocabulary)[0], tree
    for statement in found.statements:
        run_statement(m, statement, scope, vocabulary)
    value, _ = run_statement(m, found.result, scope, vocabulary)
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
