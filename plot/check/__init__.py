"""The checker: names, forms, numbers of arguments and types, before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plot.check.fits import nearest
from plot.check.kinds import public
from plot.check.scope import Scope, builtin, outermost
from plot.check.walker import Walker
from plot.errors import FormError, PlotError, Source, UnboundError
from plot.modules import imported
from plot.shapes import Declare, EntityList, Import, defined_names, shape
from plot.syntax import Form, Tree
from plot.types import Type, parse_type
from plot.vocabulary import Entities, Entry, Vocabulary

_NOTHING = Vocabulary()
_TYPE_DEPTH = 50


def check(
    trees: Sequence[Tree],
    vocabulary: Vocabulary = _NOTHING,
    defined: Mapping[str, Type] | None = None,
) -> list[tuple[str, Type]]:
    """Check a program, or a fragment that extends one.

    Args:
      trees: its expressions.
      vocabulary: what the world model around it declares.
      defined: types of the names that are defined around it.

    Returns:
      The names that the program defines and their types, in order.

    Raises:
      PlotError: the first error in the order of the text: `FormError`, `UnboundError`,
        `ArityError`, `TypeMismatch` or `ParameterError`.

    >>> from plot.reader import read
    >>> [(name, str(kind)) for name, kind in check(read("(define (f x) (+ x 1)) (define a (f 2))"))]
    [('f', '(-> any number)'), ('a', 'number')]
    """
    own, errors = declarations(trees, vocabulary)
    sorts = tuple({s.type: s for s in (*vocabulary.entities, *own.entities)}.values())
    walker = Walker(sorts)
    walker.errors += errors
    around = outermost(vocabulary, defined or {})
    declared = outermost(own, {})
    scope = Scope(dict(declared.names), around, frozenset(declared.names))
    walker.announce(trees, scope)
    for entry, tree in _declared_names(trees):
        known = entry in defined_names(tuple(trees)) or around.find(entry) or builtin(entry)
        if known in (None, False):
            near = nearest(entry, scope.all_names())
            hint = f"did you mean `{near}`?" if near and near != entry else None
            message = f"`{entry}` is declared, and defined nowhere"
            walker.errors.append(UnboundError(message, tree[1].span, hint))
    for tree in trees:
        walker.run(walker.infer(tree, scope))
    if walker.errors:
        raise min(walker.errors, key=_Place(trees))
    names = list(dict.fromkeys(defined_names(tuple(trees))))
    listings = {sort.listing for sort in own.entities}
    return [(n, public(scope.names[n], sorts)) for n in names if n not in listings]


def declarations(
    trees: Sequence[Tree], vocabulary: Vocabulary = _NOTHING
) -> tuple[Vocabulary, list[PlotError]]:
    """What a program declares with `declare` and `entities`.

    Args:
      trees: its expressions.
      vocabulary: what is declared around it.

    Returns:
      Its own vocabulary, and the errors of its declarations.
    """
    entries: list[Entry] = []
    sorts: list[Entities] = []
    errors: list[PlotError] = []
    for kind in (
        "entities",
        "declare",
        "import",
    ):  # entity types first: declarations may stand before them
        for tree in trees:
            if not isinstance(tree, Form) or tree.head != kind:
                continue
            known = frozenset(sort.type for sort in (*vocabulary.entities, *sorts))
            try:
                form = shape(tree)
                if isinstance(form, EntityList):
                    sorts.append(Entities(form.type, form.listing, form.names, form.open))
                elif isinstance(form, Declare):
                    entries.append(Entry(form.name, _type(form.type, known), form.meaning))
                elif isinstance(form, Import):
                    entries += imported(form.module, tree.span)
            except PlotError as error:
                errors.append(error)
    return Vocabulary(tuple(entries), tuple(sorts)), errors


def _type(tree: Tree, known: frozenset[str]) -> Type:
    level = [tree]
    for _ in range(_TYPE_DEPTH):
        level = [item for node in level if isinstance(node, Form) for item in node]
    if level:
        raise FormError(f"this type is nested more than {_TYPE_DEPTH} deep", tree.span)
    return parse_type(tree, known)


def _declared_names(trees: Sequence[Tree]) -> list[tuple[str, Form]]:
    found: list[tuple[str, Form]] = []
    for tree in trees:
        if isinstance(tree, Form) and tree.head == "declare":
            try:
                form = shape(tree)
            except PlotError:
                continue
            if isinstance(form, Declare):
                found.append((form.name, tree))
    return found


class _Place:
    """Sort key of errors: the position of the source, then the position in it."""

    def __init__(self, trees: Sequence[Tree]):
        self.order: list[Source] = []
        for tree in trees:
            if tree.span is not None and tree.span.source not in self.order:
                self.order.append(tree.span.source)

    def __call__(self, error: PlotError) -> tuple[int, int]:
        if error.span is None:
            return len(self.order), 0
        source = error.span.source
        at = self.order.index(source) if source in self.order else len(self.order)
        return at, error.span.start
