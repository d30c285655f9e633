"""Words that a conversation gives a meaning to."""

from __future__ import annotations

from dataclasses import replace

from models.meaning.defining import Definition
from models.meaning.translate import Readings
from plot.syntax import Tree
from plot.vocabulary import Vocabulary
from plot.world import World


def defined(world: World, readings: Readings, tree: Tree) -> World:
    """The world that knows a word.

    Args:
      world: that does not know it.
      readings: of the sentence that gives it its meaning.
      tree: `(define (word x) …)`.

    Raises:
      PlotError: where the word is known already.
    """
    assert readings.defines is not None
    told = world.tell(tree)
    entries = (*world.vocabulary.entries, readings.defines.entry)
    return replace(told, vocabulary=Vocabulary(entries, told.vocabulary.entities))


def phrase_of(what: Definition) -> str:
    """How a word is spoken of, with holes for its arguments.

    >>> phrase_of(Definition("rival", "rival", ("person",) * 2, ("tom", "sue"), "Tom beat Sue.", ""))
    '{0} is a rival of {1}'
    >>> phrase_of(Definition("clout", "clout", ("person",), ("tom",), "How strong is Tom?", "", "number"))
    'the clout of {0}'
    """
    if what.result != "boolean":
        return f"the {what.word} of {{0}}"
    article = "an" if what.word[:1] in "aeiou" else "a"
    return f"{{0}} is {article} {what.word}" + (" of {1}" if len(what.sorts) > 1 else "")
