"""Sentences about static scenes, and sentences that their vocabulary has no words for."""

from __future__ import annotations

from random import Random

from models.meaning.corpus import framing
from models.meaning.corpus.clause import Clause, all_of
from models.meaning.corpus.offtopic import offtopic
from models.meaning.corpus.scene_clauses import clause
from models.meaning.corpus.scene_phrases import noun_phrase, plain, spot
from models.meaning.corpus.scene_questions import question
from models.meaning.corpus.scene_words import COLORS, KINDS, SYNONYMS, Scene, scene
from plot.vocabulary import Vocabulary

UNCLEAR = "(unclear)"
OPENINGS = ("on the table,", "in the picture,", "in this scene,", "look,", "as you can see,", "in front of me,",
            "I can see that", "the photo shows that", "the picture shows that", "from here I see that")  # fmt: skip
BEYOND = (
    "the {a} is heavy", "the {a} is made of glass", "the {a} is full of water", "who bought the {a}", "the {a} fell on the floor",
    "how much does the {a} cost", "the {a} is broken", "is the {a} clean", "the {a} belongs to my sister", "wash the {a}",
    "the {a} is hot", "where did you buy the {a}", "put the {a} away", "I like the {a}", "the {a} is older than the {b}",
    "the {a} is inside the {b}", "pour tea into the {a}", "what is in the {a}", "the {a} smells good", "the {a} was stolen",
    "is the {a} empty", "take the {a} off the table", "the {a} is mine", "the {a} is on the chair", "someone moved the {a} yesterday",
    "the {a} is wooden", "the {a} is shiny", "how old is the {a}", "is the {a} expensive", "hand me the {a}", "the table is round",
    "the table is made of oak", "the {a} is upside down", "how far is the {a} from the {b} in inches", "the {a} is rolling", "what is the {a} for",
)  # fmt: skip


def group(rng: Random, many: int = 0) -> tuple[Vocabulary, list[tuple[str, str]]]:
    """A vocabulary of static scenes and pairs about it.

    Args:
      rng: where chance comes from.
      many: how many pairs at most; 0 for seven to twelve.

    >>> vocabulary, pairs = group(Random(1))
    >>> 7 <= len(pairs) <= 12
    True
    """
    table = scene(rng)
    pairs = dict(_pair(rng, table) for _ in range(many or 12))
    return table.vocabulary, list(pairs.items())[: many or rng.randint(7, 12)]


def _pair(rng: Random, table: Scene) -> tuple[str, str]:
    roll = rng.random()
    if roll < 0.1:
        return _unclear(rng, table), UNCLEAR
    if roll < 0.56:
        made = clause(rng, table)
        if rng.random() < 0.1:
            made = _two(rng, made, clause(rng, table))
        text = rng.choice(made.says)
        if rng.random() < 0.06:
            text = f"{rng.choice(OPENINGS)} {text}"
            return framing.case(rng, text + rng.choice([".", ".", ""])), f"(condition {made.means})"
        return framing.state(rng, Clause((text,), (), made.means)), f"(condition {made.means})"
    if roll < 0.77:
        made = clause(rng, table)
        return framing.ask(rng, made), f"(query {made.means})"
    text, means = question(rng, table)
    return framing.mark(rng, text), f"(query {means})"


def _two(rng: Random, a: Clause, b: Clause) -> Clause:
    """Two clauses in one sentence."""
    joiner = rng.choice([" and ", ", and ", ", but ", "; ", ". ", ", while ", " and also "])
    parts = []
    for means in (a.means, b.means):
        parts += [means[5:-1]] if means.startswith("(and ") else [means]
    return Clause((rng.choice(a.says) + joiner + rng.choice(b.says),), (), all_of(parts))


def _unclear(rng: Random, table: Scene) -> str:
    """A sentence that this vocabulary cannot say."""
    roll = rng.random()
    if roll < 0.35:
        a, b = plain(rng, table, kind=True), noun_phrase(rng, table)
        text = rng.choice(BEYOND).format(a=a.one, b=b.one)
        return framing.mark(rng, text) if text.split()[0] in ("who", "how", "is", "where", "what") else framing.case(rng, text + ".")  # fmt: skip
    if roll < 0.65:  # features that are not in the prompt
        synonyms = {w for f in (*table.sizes, *table.kinds) for w in SYNONYMS.get(f, ())}
        kinds = [k for k in KINDS if k not in table.kinds and k not in synonyms]
        colors = [c for c in COLORS if c not in table.colors]
        noun = rng.choice(kinds) if rng.random() < 0.6 or not colors else f"{rng.choice(colors)} {rng.choice(table.kinds)}"  # fmt: skip
        a = "an" if noun[0] in "aeiou" else "a"
        place = spot(rng, table)
        where = f" {place[0]}" if place and place[1] != "bigger-than" and rng.random() < 0.5 else ""
        text = rng.choice([f"there is {a} {noun}{where}", f"the {noun} is on the table", f"I see {a} {noun}{where}", f"there are two {noun}s{where}"])  # fmt: skip
        ask = rng.choice([f"is there {a} {noun}{where}", f"how many {noun}s are there{where}"])
        return framing.mark(rng, ask) if rng.random() < 0.4 else framing.case(rng, text + ".")
    return framing.case(rng, offtopic(rng, ["Tom", "Mary"], about=False))
