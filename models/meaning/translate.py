"""The meaning function: a sentence to weighted readings.

Source: "From Word Models to World Models" (arXiv 2306.12672), section 2: the meaning function
is a distribution over expressions given a sentence.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from jaxtyping import PRNGKeyArray

from inference.calibration import Scaling
from inference.tokens.base import LanguageModel
from inference.tokens.constraint import Constraint
from inference.tokens.distinct import DistinctOptions, distinct_smc
from inference.tokens.grammar import UNCLEAR, Kinds, grammar
from inference.tokens.mentions import Mentions, mentions
from inference.tokens.particles import Sample, SmcResult
from inference.tokens.smc import SmcOptions, smc
from inference.tokens.spelling import written
from inference.tokens.twists import Twist
from models.meaning.amounts import all_heard
from models.meaning.clauses import compound
from models.meaning.lacking import proposal
from models.meaning.normal import NormalOptions, normal
from models.meaning.prompt import clean, continuation, entry_line, prefix
from models.meaning.readings import Kind as Kind
from models.meaning.readings import NotUnderstood as NotUnderstood
from models.meaning.readings import Reading as Reading
from models.meaning.readings import Readings as Readings
from models.meaning.samples import joined, mean_surprise, plain_evidence
from models.meaning.usage import plain_uses
from plot.printer import write
from plot.reader import read_one
from plot.syntax import Form, Symbol, Tree, walk
from plot.vocabulary import Vocabulary

CLAUSE_READINGS = 4  # of each clause, where two are put together
USES = 8  # plain uses of a word are scored in multiples of so many
MOST_MASS = 0.999  # sums of log probabilities are exact to about this


@dataclass(frozen=True)
class Enough:
    """What a first search has to reach, so that no second one follows.

    Args:
      max_unclear, min_log_probability, min_log_evidence: as in `MeaningOptions`.
      min_confidence: that the best reading is right. Of 104 hand-written sentences that were read with
        less, a second search read 3 more right and had 10 more among the first five, and lost none.
    """

    max_unclear: float = 0.5
    min_log_probability: float = -0.4
    min_log_evidence: float = -5.0
    min_confidence: float = 0.8


@dataclass(frozen=True)
class MeaningOptions:
    """How sentences are read and when they are refused.

    The limits were set on hand-written sentences in `tests/data`: the odd lines, all lines of the garden,
    and sentences about other things, of which they let none of 44 through.

    Args:
      smc: the engine's options.
      wider: of a second search with particles that all differ, where the first did not find
        `enough`; None searches once.
      enough: what the first search has to reach.
      max_characters: longer sentences are refused unread.
      max_unclear: refused where `(unclear)` has more probability than this.
      min_log_probability: refused where the best reading has less, in nats per token.
      min_log_evidence: refused where the log of the probability that the model writes a fragment
        of the grammar at all is less: it wants to say what this world has no words for.
      missing_name: factor on a reading for each name of the sentence that it leaves out.
      missing_word: the same for each word of the sentence that the conversation gave a meaning to, and for
        not joining the clauses that use one as the sentence does.
      trust: from the probability that the model writes any of the readings to the probability that one
        is right. Fitted on the odd lines of `tests/data` for the adapter that is shipped, by
        `python -m experiments translation --lines odd`.
    """

    smc: SmcOptions = field(default_factory=lambda: SmcOptions(particles=8))
    wider: DistinctOptions | None = DistinctOptions(particles=16)
    max_characters: int = 400
    max_unclear: float = 0.75
    min_log_probability: float = -0.6
    min_log_evidence: float = -8.0
    enough: Enough = Enough()
    missing_name: float = 0.1
    missing_word: float = 0.01
    trust: Scaling = Scaling(2.9, 0.95)


class Reader(Protocol):
    """A meaning function of one world, whatever model it reads with."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The world's public names."""
        ...

    def grown(self, vocabulary: Vocabulary) -> Reader:
        """The same where new names or words have come in."""
        ...

    def learned(self, sentence: str, expression: str) -> Reader:
        """The same, once a reading of a sentence has been confirmed."""
        ...

    def translate(self, key: PRNGKeyArray, sentence: str, reward: Twist | None = None) -> Readings:
        """Read a sentence; `reward` multiplies the probabilities of expressions.

        Raises:
          NotUnderstood: nothing was said, or nothing about this world.
        """
        ...


class Meaning:
    """The meaning function of one world.

    Args:
      model: a language model; its prompt's keys and values are computed here, once.
      vocabulary: the world's public names.
      options: how.
    """

    def __init__(
        self,
        model: LanguageModel,
        vocabulary: Vocabulary,
        options: MeaningOptions = MeaningOptions(),
    ):
        self.model, self.options = model, options
        self._vocabulary = vocabulary
        self._words: tuple[str, ...] = ()  # that came in by a conversation
        self._prefix: Any = model.prefix(model.tokenizer.encode(prefix(vocabulary)))

    @property
    def vocabulary(self) -> Vocabulary:
        """The world's public names."""
        return self._vocabulary

    def grown(self, vocabulary: Vocabulary) -> Meaning:
        """The same where new names or words have come in: the prompt is kept and goes on.

        Args:
          vocabulary: the same world's, with more names of things, or more entries at its end.
        """
        known = self.vocabulary.entries
        if vocabulary.entries[: len(known)] != known:
            return Meaning(self.model, vocabulary, self.options)
        other = object.__new__(Meaning)
        other.model, other._vocabulary, other.options = self.model, vocabulary, self.options
        other._prefix = self._prefix
        other._words = (*self._words, *(e.name for e in vocabulary.entries[len(known) :]))
        for entry in vocabulary.entries[len(known) :]:
            tokens = self.model.tokenizer.encode(f"\n{entry_line(entry)}")
            other._prefix = self.model.prefix(tokens, after=other._prefix)
        return other

    def learned(self, sentence: str, expression: str) -> Meaning:
        """The same: a model that is trained for this takes no examples in its prompt."""
        return self

    def translate(self, key: PRNGKeyArray, sentence: str, reward: Twist | None = None) -> Readings:
        """Read a sentence.

        Args:
          key: random key; the result is a function of it.
          sentence: plain English.
          reward: of expressions, that multiplies their probabilities.

        Raises:
          NotUnderstood: nothing was said, or nothing about this world.
          UnknownName: a new name, where none is welcome.
        """
        began = time.perf_counter()
        text = self._check(sentence)
        named = mentions(text, self.vocabulary)
        found = self.sample(key, text, named, reward=reward)
        words, together, more = self._defined(text), [], []
        if words:
            together = self._compound_uses(key, text, named, words)
            more = self._plain_uses(text, named, words, together, reward)
        readings = self._readings(text, named, joined(found, more), together)
        if (
            not words
            and self.options.wider
            and self._doubtful(readings)
            and not self._off_topic(found)
        ):
            second = self._readings(text, named, self._search(key, text, named, reward))
            readings = second if second.readings else readings
        if self._refused(readings):
            if not readings.readings:  # so that the refusal can name the nearest
                nearest = self.sample(key, text, named, Kinds(unclear=False))
                readings = self._readings(text, named, nearest)
            raise NotUnderstood(
                "I can't read this as a statement or a question about this world",
                proposal(text, self.vocabulary) or self._sayable(readings.readings),
                readings.readings,
            )
        all_heard(text, readings.readings)
        return replace(readings, seconds=time.perf_counter() - began)

    def _defined(self, text: str) -> set[str]:
        """The words of a sentence that the conversation gave a meaning to."""
        return {w for w in self._words if re.search(rf"\b{re.escape(w)}", text, re.IGNORECASE)}

    def _plain_uses(
        self,
        text: str,
        named: Mentions,
        words: set[str],
        together: Sequence[str],
        reward: Twist | None,
    ) -> list[Sample]:
        """The plain uses of words that the model was never trained on, each with its probability."""
        model = self.model
        texts = list(together)
        for entry in () if texts else self.vocabulary.entries:
            if entry.name in words:
                texts += plain_uses(entry, self._known(named), self.vocabulary, text)
        tokens, constraint = self._asked(text, named)
        uses = {t: tuple(model.tokenizer.encode(t)) for t in texts}
        uses = {t: tokens for t, tokens in uses.items() if constraint.accepts(tokens)}
        prompt = model.prefix(tokens, after=self._prefix)
        ended = [[*tokens, model.tokenizer.eos] for tokens in uses.values()]
        padding: list[list[int]] = [[]] * (-len(ended) % USES)  # few shapes to compile
        scores = model.score(prompt, ended + padding)
        out = []
        for (use, tokens), score in zip(uses.items(), scores, strict=False):
            value = 0.0 if reward is None else reward(use, True)
            out.append(Sample(tokens, float(score) + value, float(score), 0, value))
        return out

    def _compound_uses(
        self, key: PRNGKeyArray, text: str, named: Mentions, words: set[str]
    ) -> list[str]:
        """What two clauses may say together, where one of them uses such a word."""
        found = compound(text, self._known(named))
        if found is None:
            return []
        sides = [self._clause(key, side, words) for side in (found.left, found.right)]
        return [f"(condition {found.joined(a, b)})" for a in sides[0] for b in sides[1]]

    def _clause(self, key: PRNGKeyArray, text: str, words: set[str]) -> list[str]:
        """What a clause may say, the plainest or most probable first."""
        named = mentions(text, self.vocabulary)
        used = self._defined(text) & words
        if used:
            entries = [e for e in self.vocabulary.entries if e.name in used]
            uses = [plain_uses(e, self._known(named), self.vocabulary, text) for e in entries]
            told = [use for some in uses for use in some]
        else:
            readings = self._readings(text, named, self.sample(key, text, named)).readings
            told = [r.text for r in readings]
        head = "(condition "
        return [t.removeprefix(head)[:-1] for t in told if t.startswith(head)][:CLAUSE_READINGS]

    def _known(self, named: Mentions) -> list[str]:
        return [n for n in named.mentioned if any(n in a for a in named.allowed.values())]

    def _doubtful(self, found: Readings) -> bool:
        """Whether a wider search may find something better."""
        least = self.options.enough
        return not found.readings or (
            found.unclear > least.max_unclear
            or found.log_probability < least.min_log_probability
            or found.log_evidence < least.min_log_evidence
            or found.confidence < least.min_confidence
        )

    def _refused(self, found: Readings) -> bool:
        if not found.readings or found.unclear > self.options.max_unclear:
            return True
        # A word that was defined is improbable for a model that was never trained on it.
        known = self._defined(found.sentence) & symbols(found.best.tree)
        return not known and (
            found.log_probability < self.options.min_log_probability
            or found.log_evidence < self.options.min_log_evidence
        )

    def _off_topic(self, found: SmcResult) -> bool:
        """Whether `(unclear)` alone has so much probability that no reading could outweigh it."""
        decode = self.model.tokenizer.decode
        unclear = [s.log_probability for s in found.samples if decode(s.tokens) == UNCLEAR]
        return sum(map(math.exp, unclear)) >= self.options.max_unclear

    def _search(
        self, key: PRNGKeyArray, text: str, named: Mentions, reward: Twist | None
    ) -> SmcResult:
        """The second search, its samples weighted by the reward."""
        assert self.options.wider is not None
        prompt, constraint = self._asked(text, named)
        found = distinct_smc(key, self.model, self._prefix, prompt, constraint, self.options.wider)
        if reward is None:
            return found
        decode = self.model.tokenizer.decode
        values = [(s, reward(decode(s.tokens), True)) for s in found.samples]
        kept = tuple(
            replace(s, log_weight=s.log_weight + v, log_reward=v)
            for s, v in values
            if v > -math.inf
        )
        return replace(found, samples=kept)

    def sample(
        self,
        key: PRNGKeyArray,
        text: str,
        named: Mentions,
        kinds: Kinds = Kinds(),
        reward: Twist | None = None,
    ) -> SmcResult:
        """The raw engine: token sequences with weights, before reading and refusing."""
        prompt, constraint = self._asked(text, named, kinds)
        return smc(key, self.model, self._prefix, prompt, constraint, self.options.smc, reward)

    def _asked(
        self, text: str, named: Mentions, kinds: Kinds = Kinds()
    ) -> tuple[list[int], Constraint]:
        """The prompt of a sentence, and what may follow it."""
        names, tokenizer = named.allowed, self.model.tokenizer
        lark = grammar(self.vocabulary, names, kinds)
        return tokenizer.encode(continuation(text)), Constraint(tokenizer, lark, written(names))

    def _check(self, sentence: str) -> str:
        if len(sentence) > self.options.max_characters:
            raise NotUnderstood(
                f"this is {len(sentence)} characters long; one sentence has at most "
                f"{self.options.max_characters}",
                "say one thing at a time",
            )
        text = clean(sentence)
        if not any(c.isalpha() for c in text):
            raise NotUnderstood("there are no words here", self._sayable())
        if text[0] in "([{" and text[-1] in ")]}":
            raise NotUnderstood("this looks like a program, not a sentence", "say it in English")
        return text

    def _readings(
        self, text: str, named: Mentions, result: SmcResult, together: Sequence[str] = ()
    ) -> Readings:
        merged: dict[Tree, tuple[float, Sample, Tree]] = {}
        unclear, total = 0.0, 0.0
        words = self._defined(text)
        # Sequences that were found are weighed by their exact probabilities: less noise than counts.
        top = max((s.log_probability + s.log_reward for s in result.samples), default=0.0)
        for sample in result.samples:
            written = self.model.tokenizer.decode(sample.tokens)
            weight = math.exp(sample.log_probability + sample.log_reward - top)
            if written == UNCLEAR:
                unclear += weight
                total += weight
                continue
            tree = read_one(written)
            weight *= self.options.missing_name ** len(set(named.mentioned) - _names(tree))
            weight *= self.options.missing_word ** len(words - symbols(tree))
            if together and written not in together:
                weight *= self.options.missing_word
            total += weight
            same = normal(tree, NormalOptions())
            old = merged.get(same, (0.0, sample, tree))
            likelier = (
                old if old[1].log_probability >= sample.log_probability else (0.0, sample, tree)
            )
            merged[same] = (old[0] + weight, *likelier[1:])
        clear = sum(w for w, _, _ in merged.values())
        ranked = sorted(merged.values(), key=lambda m: -m[0])
        readings = tuple(
            Reading(kind_of(tree), tree, write(tree), weight / clear)
            for weight, _, tree in ranked
            if clear > 0
        )
        doubt = unclear / total if total > 0 else 1.0
        best = ranked[0][1] if ranked else None
        per_token = best.log_probability / (len(best.tokens) + 1) if best else -math.inf
        mass = min(clear * math.exp(top), MOST_MASS) if clear > 0 else 0.0
        return Readings(
            text,
            readings,
            doubt,
            plain_evidence(result),
            per_token,
            named.new,
            trusted=self.options.trust(mass),
            mass=mass,
            predictive_entropy=mean_surprise(result),
        )

    def _sayable(self, readings: Sequence[Reading] = ()) -> str:
        near = f"nearest reading: {readings[0].text}; " if readings else ""
        said = "; ".join(f"{e.name}: {e.meaning}" for e in self.vocabulary.entries[:6])
        return f"{near}this world knows {said}"


def kind_of(tree: Tree) -> Kind:
    return Kind.QUESTION if isinstance(tree, Form) and tree.head == "query" else Kind.STATEMENT


def symbols(tree: Tree) -> set[str]:
    """All symbols of a fragment."""
    return {node.name for node in walk(tree) if isinstance(node, Symbol)}


def _names(tree: Tree) -> set[str]:
    """The quoted names of a fragment."""
    out: set[str] = set()
    for node in walk(tree):
        if isinstance(node, Form) and node.head == "quote" and len(node) == 2:
            out |= {s.name for s in walk(node[1]) if isinstance(s, Symbol)}
    return out
