"""Trips to lunch told in one breath: where to, how, what was found there, and what was thought before."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from models.meaning.corpus import lunch_words as words
from models.meaning.corpus.clause import Clause, quoted
from models.meaning.corpus.lunch_campus import Campus


def trip(rng: Random, c: Campus, others: Sequence[str]) -> Clause | None:
    """`Alex biked to the sushi place`, `Bob went to the pizza place but found it closed`."""
    if not c.has("goes-to?"):
        return None
    name = others[0]
    s, (one, other) = quoted(name), rng.sample(c.places, 2)
    p, q = one.called(rng), other.called(rng)
    goes = c.call("goes-to?", s, one.means)
    past, base, third = (f.format(p=p) for f in rng.choice(words.GOES))
    open_ = c.call("open?", one.means)
    rows: list[tuple[str, str, str]] = []
    on_foot = rng.random() < 0.5
    if c.has("walks?" if on_foot else "bikes?"):
        call = c.call("walks?" if on_foot else "bikes?", s)
        how = rng.choice(["on foot", "on foot", "by walking"] if on_foot else ["by bike", "by bike", "on a bike", "by bicycle"])  # fmt: skip
        did, do = rng.choice([("walked", "walk"), ("strolled", "stroll")] if on_foot else [("biked", "bike"), ("cycled", "cycle"), ("rode a bike", "ride a bike"), ("took the bike", "take the bike")])  # fmt: skip
        means = f"(and {goes} {call})"
        rows += [
            *[(f"{name} {did} to {p}", f"did {name} {do} to {p}", means)] * 4,
            *[(f"{name} {past} {how}", f"did {name} {base} {how}", means)] * 2,
            (f"{name} {third} {how}", f"does {name} {base} {how}", means),
            (f"{name} {did} to {p}, not to {q}", "", f"(and {goes} {call} (not {c.call('goes-to?', s, other.means)}))"),
        ]  # fmt: skip
        if c.has("has-bike?"):
            bike = c.call("has-bike?", s)
            rows += [
                (f"{name} has a bike but {did} to {p}" if on_foot else f"{name} {did} to {p}", "", f"(and {bike} {goes} {call})" if on_foot else means),
                (f"{name} has no bike and {past}", "", f"(and (not {bike}) {goes})"),
                (f"although {name} has a bike, {rng.choice(['he', 'she'])} {past}", "", f"(and {bike} {goes})"),
            ]  # fmt: skip
    rows += [
        (f"{name} {past}, but it {rng.choice(['was closed', 'was shut', 'is closed'])}", "", f"(and {goes} (not {open_}))"),
        (f"{name} {past} but found it closed", "", f"(and {goes} (not {open_}))"),
        (f"{name} {past} and it was open", "", f"(and {goes} {open_})"),
        (f"{name} {past} instead of {q}", f"did {name} {base} instead of {q}", f"(and {goes} (not {c.call('goes-to?', s, other.means)}))"),
        (f"{name} {past} or to {q}", "", f"(or {goes} {c.call('goes-to?', s, other.means)})"),
        (f"{name} went to neither {p} nor {q}", "", f"(and (not {goes}) (not {c.call('goes-to?', s, other.means)}))"),
        (f"{name} {past} although {rng.choice(['he', 'she', name])} {rng.choice(words.LOVES)[1].format(f=other.food(rng))}", "", f"(and {goes} (> {c.call('liking', s, other.means)} {c.loves}))"),
        (f"{name} {past}, not to {q}", "", f"(and {goes} (not {c.call('goes-to?', s, other.means)}))"),
    ]  # fmt: skip
    if c.has("eats-at?"):
        eats = c.call("eats-at?", s, one.means)
        rows += [
            (f"{name} {past} and {rng.choice(['ate there', 'had lunch there', 'got lunch there'])}", f"did {name} {base} and eat there", f"(and {goes} {eats})"),
            *[(f"{name} {past} but {rng.choice(['did not eat there', 'could not eat there', 'got no lunch there', 'was not able to eat there', 'did not get lunch', 'came away without lunch'])}", "", f"(and {goes} (not {eats}))")] * 3,
        ]  # fmt: skip
    if c.has("thinks-open"):
        sure = c.call("thinks-open", s, one.means)
        thinks = rng.choice(["thinks", "believes", "assumes", "expects"])
        rows += [
            (f"{name} {past} because {rng.choice(['he', 'she'])} {thinks} it is open", "", f"(and {goes} (> {sure} 0.5))"),
            (f"{name} {thinks} that {p} is open, but it {rng.choice(['is closed', 'is not', 'isn' + chr(39) + 't'])}", "", f"(and (> {sure} 0.5) (not {open_}))"),
            (f"{name} {thinks} that {p} is closed, but it is open", "", f"(and (< {sure} 0.5) {open_})"),
            (f"{p} is open, but {name} doesn't {thinks[:-1]} so", "", f"(and {open_} (< {sure} 0.5))"),
            (f"{name} is {rng.choice(['sure', 'certain', 'convinced'])} that {p} is open", f"is {name} {rng.choice(['sure', 'certain'])} that {p} is open", f"(> {sure} 0.9)"),
            (f"{name} is {rng.choice(['sure', 'certain', 'convinced'])} that {p} is closed", f"is {name} sure that {p} is closed", f"(< {sure} 0.1)"),
            (f"{name} {rng.choice(['mistakenly', 'wrongly'])} {thinks} that {p} is open", f"does {name} {rng.choice(['mistakenly', 'wrongly'])} {thinks[:-1]} that {p} is open", f"(and (> {sure} 0.5) (not {open_}))"),
            (f"{name} {rng.choice(['mistakenly', 'wrongly'])} {thinks} that {p} is closed", "", f"(and (< {sure} 0.5) {open_})"),
        ]  # fmt: skip
    if c.has("stays-in?"):
        stays = c.call("stays-in?", s)
        rows += [
            *[(f"{name} {rng.choice(['did not go out', 'didn' + chr(39) + 't go out', 'did not leave', 'didn' + chr(39) + 't go anywhere', 'never left the office', 'did not leave the office', 'had no lunch'])}{rng.choice(['', '', ' at all', ' today'])}", "", stays)] * 3,
            (f"{name} {rng.choice(['did leave the office', 'left the office', 'went out'])}", f"did {name} leave the office", f"(not {stays})"),
        ]  # fmt: skip
    says, ask, means = rng.choice(rows)
    return Clause((says,), (ask,) if ask else (), means)
