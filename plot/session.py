"""Staged evaluation from outside: errors located, effects returned, nothing half done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from plot.compiler import (
    AllDead,
    Atoms,
    Budget,
    Effects,
    Environment,
    Graph,
    Machine,
    Value,
    deep_recursion,
    evaluate,
    global_environment,
    top_scope,
)
from plot.compiler.budget import FRAMES
from plot.compiler.external import module_procedure
from plot.compiler.passes import Passes
from plot.data import Name, from_list
from plot.errors import BudgetError, EvaluationError, PlotError
from plot.modules import imported, module_of
from plot.shapes import Declare, EntityList, Import
from plot.syntax import Form, Tree
from plot.types import parse_type
from plot.vocabulary import Entities, Entry, Vocabulary


@dataclass(frozen=True, eq=False)
class Session:
    """What evaluations share: the graph that they add to, the atoms, the budget.

    Args:
      budget: bounds on the unfolding of a program.
      passes: the optimisations that are on.
    """

    budget: Budget = Budget()
    passes: Passes = Passes()
    graph: Graph = field(init=False)
    atoms: Atoms = field(init=False, default_factory=Atoms)

    def __post_init__(self) -> None:
        object.__setattr__(self, "graph", Graph(self.budget.nodes, self.passes))

    @classmethod
    def restored(cls, budget: Budget, passes: Passes, graph: Graph, atoms: Atoms) -> Session:
        """A session that goes on with a graph and atoms made before."""
        session = cls(budget, passes)
        object.__setattr__(session, "graph", graph)
        object.__setattr__(session, "atoms", atoms)
        return session

    def scope(self) -> Environment:
        """A new global scope with every built-in function."""
        return top_scope(global_environment())

    @contextmanager
    def machine(self, effects: Effects) -> Iterator[Machine]:
        """A machine whose effects start as a copy of these.

        Raises:
          EvaluationError: where every world has died.
          BudgetError: located, where the stack is not deep enough.
        """
        m = Machine(self.graph, self.atoms, self.budget)
        m.effects = effects.copy()
        try:
            with deep_recursion(FRAMES * self.budget.recursion):
                yield m
        except BudgetError as error:
            raise error.at(m.span) from None
        except AllDead:
            deaths = m.effects.flatten(self.graph).deaths
            cause = deaths[-1].cause if deaths else EvaluationError("every world has died")
            raise cause from None


def run_statement(
    m: Machine, tree: Tree, scope: Environment, vocabulary: Vocabulary
) -> tuple[Value, Vocabulary]:
    """Evaluate an expression of a program's top level, declarations included.

    Args:
      m: the machine.
      tree: the expression.
      scope: the global scope; definitions add to it.
      vocabulary: what is public so far.
    """
    shape = m.shape_of(tree) if isinstance(tree, Form) else None
    handler = _DECLARATIONS.get(type(shape))
    if handler is not None:
        try:
            return None, handler(shape, scope, vocabulary)
        except PlotError as error:
            raise error.at(tree.span) from None
    return evaluate(m, tree, scope), vocabulary


def _entities(x: EntityList, scope: Environment, vocabulary: Vocabulary) -> Vocabulary:
    scope.names[x.listing] = from_list([Name(n) for n in x.names])
    entities = Entities(x.type, x.listing, tuple(dict.fromkeys(x.names)), x.open)
    return Vocabulary(vocabulary.entries, (*vocabulary.entities, entities))


def _declare(x: Declare, scope: Environment, vocabulary: Vocabulary) -> Vocabulary:
    sorts = frozenset(e.type for e in vocabulary.entities)
    entry = Entry(x.name, parse_type(x.type, sorts), x.meaning)
    return Vocabulary((*vocabulary.entries, entry), vocabulary.entities)


def _import(x: Import, scope: Environment, vocabulary: Vocabulary) -> Vocabulary:
    module = module_of(x.module, None)
    for function in module.functions:
        scope.names[function.name] = module_procedure(function)
    if not module.public:
        return vocabulary
    return Vocabulary((*vocabulary.entries, *imported(x.module, None)), vocabulary.entities)


_DECLARATIONS: dict[type, Callable[..., Vocabulary]] = {
    EntityList: _entities,
    Declare: _declare,
    Import: _import,
}
