"""Questions about numeric attributes whose answer is a number or a name."""

from __future__ import annotations

import random

from models.meaning.corpus.attributes import Attribute
from models.meaning.corpus.clause import Sort, listing, quoted, team


def question(rng: random.Random, a: Attribute, sort: Sort, names: list[str]) -> tuple[str, str]:
    """Questions whose answer is a number or a name: text without its mark, and expression."""
    x, y, z = names[:3]
    low = bool(a.opposite) and rng.random() < 0.3
    adj, er, est = a.opposite if low and a.opposite else a.words
    best = "argmin" if low else "argmax"
    X, Y = quoted(x), quoted(y)
    noun, L = rng.choice(a.nouns), sort.listing
    f = f"(lambda (x) {a.of('x')})"
    who = "who" if sort.person else f"which {sort.one}"
    who_is = rng.choice(["who is", "who's"]) if sort.person else f"which {sort.one} is"
    many, one = (
        rng.choice([sort.many, "people" if sort.person else sort.many]),
        rng.choice([sort.one, "person" if sort.person else sort.one]),
    )
    how_adj = a.words[0]
    _two, _three = rng.sample([x, y], 2), rng.sample([x, y, z], 3)
    kind = rng.choice(
        ["value"] * 5
        + ["best"] * 5
        + ["choice"] * 2
        + ["mean", "diff", "sum", "best_value", "team"]
    )
    if kind == "value":
        text = rng.choice(
            [f"how {how_adj} is {x}"] * 4
            + [
                f"how {adj} is {x}",
                f"what is {x}'s {noun}",
                f"what's {x}'s {noun}",
                f"what is the {noun} of {x}",
                f"how {how_adj} do you think {x} is",
                f"how {how_adj} would you say {x} is",
                f"what {noun} does {x} have",
                f"how {how_adj} is {x} likely to be",
                f"how much {noun} does {x} have",
                f"estimate {x}'s {noun}",
                f"tell me how {how_adj} {x} is",
                f"tell me about {x}'s {noun}",
                f"I want to know how {how_adj} {x} is",
                f"do we know how {how_adj} {x} is",
                f"what do we know about {x}'s {noun}",
                f"and {x}, how {how_adj} is {'he' if rng.random() < 0.5 else 'she'}"
                if sort.person
                else f"just how {how_adj} is {x}",
                f"give me an estimate of {x}'s {noun}",
                f"what would you guess {x}'s {noun} is",
                f"what is your estimate of {x}'s {noun}",
            ]
        )
        return text, a.of(X)
    if kind == "best":
        text = rng.choice(
            [f"{who_is} the {est}"] * 4
            + [
                f"{who_is} {est}",
                f"{who} is the {est}, do you think",
                f"{who_is} the {est} {one}" if sort.person else f"what is the {est} {sort.one}",
                f"which {one} is the {est}",
                f"{who_is} the {est} of {rng.choice(['all', 'them all', f'the {many}', 'the group'])}",
                f"which of the {many} is {est}",
                f"which {one} is {est}",
                f"{who} has the {'lowest' if low and a.opposite else 'highest'} {noun}",
                f"tell me who is the {est}"
                if sort.person
                else f"tell me which {sort.one} is the {est}",
                f"{who_is} {er} than {'everyone else' if sort.person else 'all the others'}",
                f"name the {est} {one}",
                f"{who} do you think is the {est}",
                f"{who_is} most likely the {est}",
            ]
        )
        return text, f"({best} {f} {L})"
    if kind == "choice":
        if rng.random() < 0.7:
            text = rng.choice(
                [
                    f"{who_is} {er}, {x} or {y}",
                    f"{who_is} {er}: {x} or {y}",
                    f"which of {x} and {y} is {er}",
                    f"between {x} and {y}, {who_is} {er}",
                    f"{who_is} the {er} one, {x} or {y}",
                    f"is {x} or {y} {er}",
                    f"{who} do you think is {er}, {x} or {y}",
                    f"{who_is} {er} between {x} and {y}",
                    f"{who_is} {er} out of {x} and {y}",
                ]
            )
            return text, f"({best} {f} {team([x, y])})"
        text = rng.choice(
            [
                f"{who_is} the {est} of {listing(rng, [x, y, z])}",
                f"{who_is} {est}, {listing(rng, [x, y, z], 'or')}",
                f"which of {listing(rng, [x, y, z])} is the {est}",
                f"among {listing(rng, [x, y, z])}, {who_is} the {est}",
            ]
        )
        return text, f"({best} {f} {team([x, y, z])})"
    if kind == "mean":
        text = rng.choice(
            [
                f"what is the average {noun} of the {many}",
                f"what is the average {noun}",
                f"how {how_adj} are the {many} on average",
                f"what's the mean {noun}",
                f"how {how_adj} is the average {sort.one}",
                f"what is the mean {noun} of all the {many}",
            ]
        )
        return text, f"(mean (map {f} {L}))"
    if kind == "diff":
        if rng.random() < 0.3:
            return rng.choice(
                [
                    f"how many times as {how_adj} as {y} is {x}",
                    f"how many times {a.words[1]} is {x} than {y}",
                ]
            ), f"(/ {a.of(X)} {a.of(Y)})"
        if low:
            return rng.choice(
                [f"how much {er} is {x} than {y}", f"by how much is {x} {er} than {y}"]
            ), f"(- {a.of(Y)} {a.of(X)})"
        text = rng.choice(
            [
                f"how much {er} is {x} than {y}",
                f"by how much is {x} {er} than {y}",
                f"how much {er} than {y} is {x}",
                f"what is the difference in {noun} between {x} and {y}",
            ]
        )
        return text, f"(- {a.of(X)} {a.of(Y)})"
    if kind == "sum":
        if rng.random() < 0.3:
            return rng.choice(
                [
                    f"what is the total {noun} of the {many}",
                    f"what is the total {noun} of all the {many}",
                ]
            ), f"(sum (map {f} {L}))"
        return rng.choice(
            [
                f"how {how_adj} are {x} and {y} together",
                f"what is the combined {noun} of {x} and {y}",
                f"what is the total {noun} of {x} and {y}",
            ]
        ), f"(+ {a.of(X)} {a.of(Y)})"
    if kind == "team":
        return rng.choice(
            [
                f"what is the average {noun} of {x} and {y}",
                f"how {how_adj} are {x} and {y} on average",
            ]
        ), f"(mean (map {f} {team([x, y])}))"
    text = rng.choice(
        [
            f"how {how_adj} is the {est} {one}",
            f"what is the {noun} of the {est} {one}",
            f"how {how_adj} is the {est} of the {many}",
        ]
    )
    return text, a.of(f"({best} {f} {L})")
