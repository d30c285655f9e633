"""How statements and questions are framed: hedges, times, openers, marks and capitals."""

from __future__ import annotations

from random import Random

from models.meaning.corpus.clause import Clause

HEDGES = (
    "I think",
    "I believe",
    "I know that",
    "we know that",
    "it turns out that",
    "it turned out that",
    "apparently",
    "apparently,",
    "I heard that",
    "I heard",
    "I saw that",
    "suppose",
    "suppose that",
    "assume",
    "it is known that",
    "everyone says",
    "clearly,",
    "well,",
    "actually,",
    "also,",
    "and",
    "but",
    "you should know that",
    "let's say",
    "given that",
    "it's true that",
    "in fact,",
    "I'm told",
    "as far as I know,",
    "imagine",
    "turns out",
    "so",
    "now,",
    "I've noticed that",
    "it's clear that",
    "note that",
    "the fact is that",
    "I learned that",
    "moreover,",
    "surprisingly,",
    "reportedly",
    "OK,",
    "I reckon",
    "I guess",
    "I'm pretty sure",
    "I'm sure that",
    "my guess is that",
    "believe it or not,",
    "oddly,",
    "sadly,",
    "luckily,",
    "as expected,",
    "to my surprise,",
    "we saw that",
    "someone told me that",
    "they say",
    "nobody expected it, but",
    "against all odds,",
    "to everyone's surprise,",
    "everyone was shocked when",
    "it was a close match, but",
    "guess what:",
    "incredibly,",
    "unsurprisingly,",
    "as usual,",
    "in the end,",
    "I was there when",
    "everybody saw that",
    "rumour has it that",
    "I was told that",
    "of course,",
    "yes,",
    "remember that",
    "consider that",
    "you know,",
    "honestly,",
    "strangely enough,",
    "it seems that",
    "it looks like",
)
TIMES = (
    "yesterday,",
    "today,",
    "last week,",
    "this morning,",
    "earlier,",
    "in the first match,",
    "in the second match,",
    "in the next match,",
    "in round one,",
    "then",
    "later,",
    "after that,",
    "at the picnic,",
    "last night,",
    "in the final,",
    "on Sunday,",
)
ASKS = (
    "",
    "",
    "",
    "",
    "",
    "",
    "do you think {d}",
    "is it true that {d}",
    "is it the case that {d}",
    "how likely is it that {d}",
    "what is the probability that {d}",
    "what's the chance that {d}",
    "what are the odds that {d}",
    "how probable is it that {d}",
    "is it likely that {d}",
    "would you say that {d}",
    "is it possible that {d}",
    "how sure are you that {d}",
    "what's the probability {d}",
    "what are the chances that {d}",
    "could it be that {d}",
)
OPENERS = (
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "",
    "so ",
    "and ",
    "now ",
    "then ",
    "ok, ",
    "well, ",
    "tell me, ",
    "please tell me ",
    "in your opinion, ",
    "do you know ",
    "hey, ",
    "but ",
    "what do you think: ",
    "given all this, ",
)


def state(rng: Random, clause: Clause) -> str:
    """A statement: one of a clause's forms, at times hedged or placed in time."""
    text = rng.choice(clause.says)
    roll = rng.random()
    if roll < 0.1:
        text = f"{rng.choice(HEDGES)} {text}"
    elif roll < 0.14:
        text = f"{rng.choice(TIMES)} {text}"
    return case(rng, text + rng.choice([".", ".", ".", ".", ".", "", "!"]))


def ask(rng: Random, clause: Clause) -> str:
    """A polar question: direct, or in a frame such as `how likely is it that`."""
    frame = rng.choice(ASKS) if clause.asks else rng.choice([f for f in ASKS if f])
    text = (
        frame.format(d=rng.choice(clause.says))
        if frame
        else rng.choice([a for a in clause.asks if a])
    )
    return mark(rng, text)


def mark(rng: Random, text: str) -> str:
    """A question with an opener at times, and its mark."""
    order = text.split()[0].lower() in {"tell", "list", "name", "estimate", "give", "count", "i"}
    return case(
        rng,
        rng.choice(OPENERS) * (not order)
        + text
        + (rng.choice([".", ".", ""]) if order else rng.choice(["?", "?", "?", "?", "?", "?", ""])),
    )


def case(rng: Random, text: str) -> str:
    """A sentence as people type it: nearly always with a capital."""
    roll = rng.random()
    if roll < 0.04:
        return text.lower()
    if roll < 0.05:
        return text.upper()
    return text[:1].upper() + text[1:]
