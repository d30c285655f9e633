"""From thought back to words: expressions and answers as English sentences.

A world model says how its functions are spoken of, in a table of phrases with holes for their
arguments: `sister  {0} is {1}'s sister`. What has no phrase is spoken of by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.meaning.hedges import hedge
from plot.data import is_list, show, to_list
from plot.drawing import TRUTHS
from plot.posterior import Posterior
from plot.printer import write
from plot.reader import read_one
from plot.syntax import Form, Literal, Symbol, Tree
from plot.types import BOOLEAN, Function
from plot.vocabulary import Vocabulary

_COMPARED = {
    ">": "is more than",
    "<": "is less than",
    ">=": "is at least",
    "<=": "is at most",
    "=": "is",
    "eq?": "is",
    "equal?": "is the same as",
}
_DENIED = {
    ">": "is not more than",
    "<": "is not less than",
    ">=": "is less than",
    "<=": "is more than",
}
OTHER = "other"  # how lists of people count those without a name
_JOINED = {"+": "plus", "-": "minus", "*": "times", "/": "divided by"}
_QUANTIFIED = {
    "any": "one of {0}",
    "some": "one of {0}",
    "all": "each of {0}",
    "every": "each of {0}",
}


@dataclass(frozen=True)
class Speaker:
    """Says expressions of one world in English.

    Args:
      vocabulary: the world's public names.
      phrases: for a function, what is said of its arguments: a sentence where it is a truth value,
        else a noun phrase.

    >>> from plot.vocabulary import Entities, Entry
    >>> from plot.types import Entity, Function
    >>> person, people = Entity("person"), Entities("person", "people", ("blake", "avery"), False)
    >>> sister = Entry("sister", Function((person, person), BOOLEAN), "")
    >>> kin = Vocabulary((sister,), (people,))
    >>> speaker = Speaker(kin, {"sister": "{0} is {1}'s sister"})
    >>> speaker.say("(condition (not (sister 'blake 'avery)))")
    "It is not so that Blake is Avery's sister."
    """

    vocabulary: Vocabulary
    phrases: Mapping[str, str] = field(default_factory=dict)

    def say(self, expression: str | Tree) -> str:
        """A statement or a question in English.

        Args:
          expression: `(condition …)`, `(query …)`, what stands in them, or `(define (f x) …)`.
        """
        tree = read_one(expression) if isinstance(expression, str) else expression
        head = tree.head if isinstance(tree, Form) else None
        if isinstance(tree, Form) and head == "define" and len(tree) == 3:
            return self._defined(tree)
        body = tree[1] if isinstance(tree, Form) and head in ("condition", "query") else tree
        said = self.phrase(body)
        if head == "query":
            asks = said.split()[0] in ("how", "where", "what", "who", "which")
            start = "is it so that " if self._asserts(body) else "" if asks else "what is "
            return _sentence(start + said, "?")
        return _sentence(said, ".")

    def _defined(self, tree: Form) -> str:
        """`(define (giant x) …)` in English."""
        head, speaker = tree[1], self
        assert isinstance(head, Form)
        for variable in head.items[1:]:
            assert isinstance(variable, Symbol)
            speaker = Speaker(
                self.vocabulary,
                {**speaker.phrases, variable.name: _letter(speaker.phrases)},
            )
        return _sentence(f"{speaker.phrase(head)} where {speaker.phrase(tree[2])}", ".")

    def answer(self, question: str | Tree, posterior: Posterior) -> str:
        """An answer in English, hedged by its probability.

        Args:
          question: as it was asked.
          posterior: what it came to.
        """
        tree = read_one(question) if isinstance(question, str) else question
        body = tree[1] if isinstance(tree, Form) and tree.head == "query" else tree
        said = self.phrase(body)
        if posterior.numeric and not posterior.discrete:
            low, high = posterior.quantile(0.025), posterior.quantile(0.975)
            mean = posterior.mean.value
            return _sentence(
                f"{said} is about {mean:.3g}, and with 95 % between {low:.3g} and {high:.3g}", "."
            )
        values = {show(row.value) for row in posterior.table}
        if values <= TRUTHS.keys():
            chance = posterior.probability(True).value
            return _sentence(f"it is {hedge(chance)} ({_percent(chance)}) that {said}", ".")
        best = posterior.table[0]
        value = self.value(best.value)
        rest = [f"{self.value(r.value)} {_percent(r.probability)}" for r in posterior.table[1:4]]
        others = f"; otherwise {', '.join(rest)}" if rest else ""
        return _sentence(
            f"{said}: {hedge(best.probability)} {value} ({_percent(best.probability)}){others}", "."
        )

    def phrase(self, tree: Tree) -> str:
        """What stands inside a fragment: a clause, or a noun phrase."""
        if isinstance(tree, Literal):
            if isinstance(tree.value, bool):
                return "it is so" if tree.value else "it is not so"
            return str(tree.value)
        if isinstance(tree, Symbol):
            return self.phrases.get(tree.name, _name(tree.name))
        if not isinstance(tree, Form) or not len(tree):
            return write(tree)
        head, rest = tree.head, list(tree.items[1:])
        if head == "quote":
            return self._listed(rest[0]) if rest else write(tree)
        if head in ("and", "or"):
            return f" {head} ".join(self.phrase(part) for part in rest)
        if head == "not" and len(rest) == 1:
            return self._denied(rest[0])
        if head in _COMPARED and len(rest) == 2:
            return f"{self.phrase(rest[0])} {_COMPARED[head]} {self.phrase(rest[1])}"
        if head in _JOINED and len(rest) == 2:
            return f"{self.phrase(rest[0])} {_JOINED[head]} {self.phrase(rest[1])}"
        if head == "list":
            return _and([self.phrase(part) for part in rest])
        if rest and (said := self._quantified(head or "", rest)) is not None:
            return said
        return self._applied(head or "", rest, tree)

    def _applied(self, head: str, rest: list[Tree], tree: Tree) -> str:
        arguments = [self.phrase(part) for part in rest]
        template = self.phrases.get(head)
        if template is not None:
            holes = [i for i in range(9) if f"{{{i}}}" in template or f"{{{i}*}}" in template]
            if len(holes) <= len(arguments):
                out = template
                for i, argument in enumerate(arguments):
                    spaced = argument.replace(", ", " ").replace(" and ", " ")
                    out = out.replace(f"{{{i}*}}", spaced).replace(f"{{{i}}}", argument)
                extra = arguments[len(holes) :] if len(arguments) > len(holes) else []
                return " ".join([out, *extra])
        if not head:
            return write(tree)
        verb = "holds of" if self._asserts(tree) else "of"
        return f"{_name(head)} {verb} {_and(arguments)}" if arguments else _name(head)

    def _quantified(self, head: str, rest: list[Tree]) -> str | None:
        first = rest[0]
        if not (isinstance(first, Form) and first.head == "lambda" and len(first) == 3):
            return None
        parameters, body = first[1], first[2]
        if not (isinstance(parameters, Form) and len(parameters) == 1):
            return None
        variable = parameters[0]
        assert isinstance(variable, Symbol)
        letter = _letter(self.phrases)
        over = self.phrase(rest[1]) if len(rest) > 1 else "people"
        one = self._with(variable, body, letter)
        simple = isinstance(body, Form) and body.head in self.phrases
        if head in _QUANTIFIED:
            return self._with(variable, body, _QUANTIFIED[head].format(over))
        if head in ("count", "how-many"):
            return f"the number of {over} {letter} for whom {one}"
        if head in ("argmax", "argmin"):
            most = "greatest" if head == "argmax" else "least"
            return f"which of {over} {letter} makes this {most}: {one}"
        if head in ("filter", "who"):
            return f"which of {over} {letter} are such that {one}"
        if simple and head in self.phrases:
            return self._with(variable, body, self.phrases[head].split(" ")[0])
        if head in self.phrases:
            return self.phrases[head].replace("{1}", letter).replace("{0}", one)
        return f"{_name(head)} {letter}: {one}"

    def _with(self, variable: Symbol, body: Tree, word: str) -> str:
        other = Speaker(self.vocabulary, {**self.phrases, variable.name: word})
        return other.phrase(body)

    def _denied(self, tree: Tree) -> str:
        if isinstance(tree, Form) and tree.head in _DENIED and len(tree) == 3:
            return f"{self.phrase(tree[1])} {_DENIED[tree.head]} {self.phrase(tree[2])}"
        return f"it is not so that {self.phrase(tree)}"

    def _asserts(self, tree: Tree) -> bool:
        head = tree.head if isinstance(tree, Form) else getattr(tree, "name", None)
        if head in (*_COMPARED, "and", "or", "not", "any", "all", "some", "every"):
            return True
        declared = self.vocabulary.type_of(head or "")
        return declared == BOOLEAN or (
            isinstance(declared, Function) and declared.result == BOOLEAN
        )

    def _listed(self, tree: Tree) -> str:
        if isinstance(tree, Form):
            return _and([self._listed(part) for part in tree.items])
        return self._value(tree.name if isinstance(tree, Symbol) else write(tree))

    def value(self, value: object) -> str:
        """What an answer can be, in English: `nobody`, `Avery and 2 others`, `yes`.

        Args:
          value: plain data.
        """
        if not is_list(value):
            return self._value(show(value))
        names = [show(part) for part in to_list(value)]
        others = names.count(OTHER) if self._people else 0
        said = [self._value(name) for name in names if not (others and name == OTHER)]
        if others:
            one, many = ("other", "others") if said else ("person", "people")
            unnamed = "" if said else " without a name"
            said.append(f"{others} {one if others == 1 else many}{unnamed}")
        return _and(said) if said or self._people else "nothing"

    @property
    def _people(self) -> set[str]:
        return {n for s in self.vocabulary.entities if s.type == "person" for n in s.names}

    def _value(self, name: str) -> str:
        if name in self._people:
            return name.capitalize()
        return TRUTHS.get(name, _name(name))


def _letter(phrases: Mapping[str, str]) -> str:
    """A name for a variable that is not in use."""
    return next(letter for letter in "XYZUVW" if letter not in phrases.values())


def _name(name: str) -> str:
    return name.rstrip("?").replace("-", " ")


def _and(parts: list[str]) -> str:
    if len(parts) < 2:
        return "".join(parts) or "nobody"
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _percent(chance: float) -> str:
    if 0 < chance < 0.001:
        return "under 0.1 %"
    if 0.999 < chance < 1:
        return "over 99.9 %"
    return f"{chance:.1%}".replace("%", " %")


def _sentence(text: str, end: str) -> str:
    return text[:1].upper() + text[1:] + end
