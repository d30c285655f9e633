"""Sentences about matches between teams: beat, lost to, were beaten by, would win against."""

from __future__ import annotations

import random
from dataclasses import dataclass

from models.meaning.corpus.clause import (
    Clause,
    Predicate,
    Sort,
    listing,
    team,
)
from models.meaning.corpus.match_verbs import TIMES, VERBS, WHEN, WOULD_WHEN


@dataclass(frozen=True)
class Match:
    """A boolean function of two teams, winners first, and perhaps one number of a team.

    Args:
      function: `won-against`.
      pull: `team-pull`, or empty where the vocabulary has none.
    """

    function: str
    pull: str = ""

    def won(self, winners: str, losers: str) -> str:
        """The expression that the first team beat the second."""
        return f"({self.function} {winners} {losers})"


def side(rng: random.Random, names: list[str]) -> str:
    """How English names a team."""
    if len(names) == 1:
        if rng.random() < 0.04:
            return f"{names[0]}'s side" if rng.random() < 0.3 else f"{names[0]} alone"
        return names[0]
    row = listing(rng, names)
    roll = rng.random()
    if roll < 0.62:
        return row
    extra = [
        f"the team of {row}",
        f"{row} together",
        f"{row}'s team",
        f"{names[0]}'s team of {row}",
        f"{names[0]}'s team, {row},",
        f"{names[0]}'s team, with {listing(rng, names[1:])},",
        f"the team {row}",
        f"a team of {row}",
        f"{names[0]}, together with {listing(rng, names[1:])},",
        f"{names[0]}, teamed up with {listing(rng, names[1:])},",
        f"{names[0]} along with {listing(rng, names[1:])}",
        f"{names[0]} with {listing(rng, names[1:])}",
        f"team {row}",
        f"{names[0]} and {names[0]}'s partner {names[1]}"
        if len(names) == 2
        else f"the trio of {row}",
        f"the pair of {row}" if len(names) == 2 else f"the group of {row}",
        f"{'&'.join(names)}" if rng.random() < 0.3 else " & ".join(names),
    ]
    if len(names) == 2:
        extra += [
            f"{names[0]} and {names[1]}, as a team,",
            f"{names[0]} plus {names[1]}",
            f"both {row}",
            f"the duo of {row}",
        ]
    return rng.choice(extra).rstrip(",") if rng.random() < 0.7 else rng.choice(extra[:5])


def predicate(rng: random.Random, m: Match, others: list[str]) -> Predicate:
    """`beat Tom and Sue in a match` of a subject team."""
    past, base, third, wins = rng.choice(VERBS)
    o, other = side(rng, others), team(others)
    when = rng.choice(WHEN)
    if past.startswith("couldn't"):
        when = ""
    return Predicate(
        (lambda s: m.won(s, other)) if wins else (lambda s: m.won(other, s)),
        past=past.format(o=o) + when,
        base=base.format(o=o) + rng.choice(WOULD_WHEN),
        third=third.format(o=o) + (when if third else ""),
        modal=True,
        barred=tuple(others),
        strict=True,
        team=True,
    )


def split_teams(rng: random.Random, names: list[str]) -> tuple[list[str], list[str]]:
    """Two teams of one to three from at least six names."""
    sizes = rng.choice(
        [(1, 1)] * 12
        + [(2, 2)] * 4
        + [(2, 1), (1, 2), (1, 2), (2, 1), (3, 3), (3, 2), (2, 3), (3, 1), (1, 3)]
    )
    return names[: sizes[0]], names[sizes[0] : sum(sizes)]


def _pair(rng: random.Random, m: Match, names: list[str]) -> Clause:
    """Two or three matches in one breath, one against one."""
    x, y, z, w = names[:4]

    def match(a: str, b: str) -> tuple[str, str]:
        if rng.random() < 0.3:
            return f"{a} {rng.choice(['lost to', 'was beaten by'])} {b}", m.won(
                team([b]), team([a])
            )
        return f"{a} {rng.choice(['beat', 'beat', 'defeated', 'won against'])} {b}", m.won(
            team([a]), team([b])
        )

    if rng.random() < 0.3:
        k = rng.choice([2, 2, 2, 3])
        count = {2: rng.choice(["two", "2"]), 3: rng.choice(["three", "3"])}[k]
        games = rng.choice(["matches", "games", "times" if rng.random() < 0.3 else "matches"])
        text, means = rng.choice(
            [
                (f"{x} won {count} {games} against {y}", m.won(team([x]), team([y]))),
                (f"{x} lost {count} {games} to {y}", m.won(team([y]), team([x]))),
                (f"{x} beat {y} in {count} {games}", m.won(team([x]), team([y]))),
            ]
        )
        return Clause(
            (text.replace("in two times", "twice"),), (), f"(and {' '.join([means] * k)})"
        )
    one, other = match(x, y), match(*rng.choice([(z, w), (z, w), (y, z), (x, z), (z, x)]))
    joiner = rng.choice(
        [" and ", " and ", " and then ", ", and ", " but ", ", but ", " while ", "; "]
    )
    text = one[0] + joiner + other[0]
    return Clause((text,), (), f"(and {one[1]} {other[1]})")


def idiom(rng: random.Random, m: Match, sort: Sort, names: list[str]) -> Clause:
    """Reports of matches that are not subject, verb, object."""
    if rng.random() < 0.14:
        return _pair(rng, m, names)
    a, b = split_teams(rng, names)
    A, B, ta, tb = side(rng, a), side(rng, b), team(a), team(b)
    A, B = A.rstrip(","), B.rstrip(",")
    n1, n2 = names[0], names[1]
    win, loss = m.won(ta, tb), m.won(tb, ta)
    one, other = m.won(team([n1]), team([n2])), m.won(team([n2]), team([n1]))
    rest = f"(difference {sort.listing} {team([n1])})"
    k = rng.choice([2, 2, 3, 3, 4])
    times, again = rng.choice(TIMES[k]), " ".join([m.won(team([n1]), team([n2]))] * k)
    lost_again = " ".join([m.won(team([n2]), team([n1]))] * k)
    beat = rng.choice(["beat", "defeated", "won against", "beat"])
    c = names[len(a) + len(b)]
    rows = [
        (f"in a match between {A} and {B}, {A} won", win),
        (f"{A} and {B} had a match and {A} won", win),
        (f"{A} played against {B} and won", win),
        (f"{A} played against {B} and lost", loss),
        (f"{A} faced {B} and lost", loss),
        (f"{A} took on {B} and won", win),
        (f"{A} challenged {B} and lost", loss),
        (f"when {A} played {B}, {B} won", loss),
        (f"when {A} pulled against {B}, {A} won", win),
        (f"{A} versus {B}: {A} won", win),
        (f"{A} vs {B}, {B} won", loss),
        (f"the match between {A} and {B} was won by {A}", win),
        (f"the match between {A} and {B} went to {B}", loss),
        (f"{A} won the match against {B}", win),
        (f"the winner of the match between {A} and {B} was {B}", loss),
        (f"{A} was the winner against {B}", win),
        (f"{B} could not beat {A}", f"(not {loss})"),
        (f"{B} was unable to defeat {A}", f"(not {loss})"),
        (f"against {B}, {A} won", win),
        (f"it was {A} who beat {B}", win),
        (f"{B} couldn't hold on against {A} and lost", win),
        (f"{A} won, {B} lost", win),
        (f"{A} beat {B}, not the other way around", win),
        (f"{n1} {beat} {n2} {times}", f"(and {again})"),
        (f"{n1} lost to {n2} {times}", f"(and {lost_again})"),
        (
            f"{n1} {beat} both {n2} and {names[2]}",
            f"(and {one} {m.won(team([n1]), team([names[2]]))})",
        ),
        (
            f"{n1} {beat} {n2} and then {names[2]}",
            f"(and {one} {m.won(team([n1]), team([names[2]]))})",
        ),
        (
            f"{n1} {beat} {n2} but lost to {names[2]}",
            f"(and {one} {m.won(team([names[2]]), team([n1]))})",
        ),
        (
            f"{n1} lost to {n2} but {beat} {names[2]}",
            f"(and {other} {m.won(team([n1]), team([names[2]]))})",
        ),
        (
            f"{n1} lost to both {n2} and {names[2]}",
            f"(and {other} {m.won(team([names[2]]), team([n1]))})",
        ),
        (
            f"{n1} {beat} {n2}, who beat {names[2]}",
            f"(and {one} {m.won(team([n2]), team([names[2]]))})",
        ),
        (
            f"{n1} {beat} {n2} and {n2} {beat} {names[2]}",
            f"(and {one} {m.won(team([n2]), team([names[2]]))})",
        ),
        *[
            (
                f"{n1} {rng.choice(['beat', 'defeated', 'won against'])} {n2}{rng.choice([' and', ', and', ' while', ', while', ' and then', ';'])} {names[2]} {rng.choice(['beat', 'defeated', 'won against'])} {names[3]}",
                f"(and {one} {m.won(team([names[2]]), team([names[3]]))})",
            )
        ]
        * 3,
        (
            f"{n1} {beat} {n2} and {names[2]} lost to {names[3]}",
            f"(and {one} {m.won(team([names[3]]), team([names[2]]))})",
        ),
        (
            f"{n1} lost to {n2} and {names[2]} {beat} {names[3]}",
            f"(and {other} {m.won(team([names[2]]), team([names[3]]))})",
        ),
        *[
            (
                f"{n1} lost to {n2}{rng.choice([' but', ', but', ' and then', ' and'])} {rng.choice(['beat', 'defeated', 'won against'])} {names[2]}",
                f"(and {other} {m.won(team([n1]), team([names[2]]))})",
            )
        ]
        * 2,
        *[
            (
                f"{n1} {rng.choice(['beat', 'won against', 'defeated'])} {n2} twice",
                f"(and {one} {one})",
            )
        ]
        * 2,
        (f"{n1} {beat} {n2} but then {n2} beat {n1}", f"(and {one} {other})"),
        (f"{n1} and {n2} each won a match against the other", f"(and {one} {other})"),
        (
            f"{rng.choice(['nobody', 'no one', 'nobody else'])} {rng.choice(['beat', 'has beaten', 'could beat', 'defeated'])} {n1}",
            f"(not (any (lambda (x) {m.won('(list x)', team([n1]))}) {rest}))",
        ),
        (
            f"{n1} {rng.choice(['beat', 'won against', 'defeated'])} {rng.choice(['everyone', 'everybody', 'everyone else', 'all the others', 'every other player', 'all the other players'])}",
            f"(all (lambda (x) {m.won(team([n1]), '(list x)')}) {rest})",
        ),
        (
            f"{n1} lost to {rng.choice(['everyone', 'everybody', 'everyone else', 'all the others'])}",
            f"(all (lambda (x) {m.won('(list x)', team([n1]))}) {rest})",
        ),
        (
            f"{n1} {rng.choice(['beat', 'won against'])} {rng.choice(['someone', 'somebody', 'at least one person', 'at least one of the others'])}",
            f"(any (lambda (x) {m.won(team([n1]), '(list x)')}) {rest})",
        ),
        (
            f"{n1} lost to {rng.choice(['someone', 'somebody', 'at least one of the others'])}",
            f"(any (lambda (x) {m.won('(list x)', team([n1]))}) {rest})",
        ),
        (
            f"{n1} {rng.choice(['won', 'won a match', 'won his match', 'won her match'])}",
            f"(any (lambda (x) {m.won(team([n1]), '(list x)')}) {rest})",
        ),
        (
            f"{n1} {rng.choice(['beat', 'won against'])} at least two {rng.choice(['people', 'of the others', 'players', 'opponents'])}",
            f"(>= (count (lambda (x) {m.won(team([n1]), '(list x)')}) {rest}) 2)",
        ),
        (
            f"only {n2} {rng.choice(['beat', 'has beaten', 'defeated'])} {n1}",
            f"(and {other} (= (count (lambda (x) {m.won('(list x)', team([n1]))}) {rest}) 1))",
        ),
        (
            f"{n1} won {times.split()[0] if times.split()[0] in ('twice', 'thrice') else f'{k} matches'} against {n2}",
            f"(and {' '.join([one] * (3 if times.startswith('thrice') else 2 if times.startswith('twice') else k))})",
        ),
        (f"{n1} beat {n2} on two occasions", f"(and {one} {one})"),
        (f"{A} and {B} met, and {A} came out on top", win),
        (
            f"{A} were up against {B} and won" if len(a) > 1 else f"{A} was up against {B} and won",
            win,
        ),
        (
            f"{A} were up against {B} and lost"
            if len(a) > 1
            else f"{A} was up against {B} and lost",
            loss,
        ),
        (f"{B} had no answer to {A} and lost", win),
        (f"I saw {A} beat {B}", win),
        (f"I watched {A} lose to {B}", loss),
        (f"there was a match between {A} and {B}, which {B} won", loss),
        (f"{A} pulled against {B} and won", win),
        (f"{A} pulled against {B}, and {B} won", loss),
        (f"{A} against {B} ended with {A} winning", win),
        (f"{A}'s match against {B} ended in defeat", loss),
        (f"victory went to {A} over {B}", win),
        (f"{n1} has never beaten {n2}", f"(not {one})"),
        (f"{n1} has beaten {n2}", one),
        (f"{A} did not lose to {B}", f"(not {loss})"),
        (f"{A} had beaten {B}", win),
        (f"{A} beat {B}, and {c} beat {n1}", f"(and {win} {m.won(team([c]), team([n1]))})"),
        (f"{n1} and {n2} teamed up and beat {c}", m.won(team([n1, n2]), team([c]))),
        (f"{n1} joined forces with {n2} to beat {c}", m.won(team([n1, n2]), team([c]))),
        (f"{n1} and {n2} played together and lost to {c}", m.won(team([c]), team([n1, n2]))),
        (
            f"with {n2} on {rng.choice(['his', 'her'])} team, {n1} beat {c}",
            m.won(team([n1, n2]), team([c])),
        ),
        (f"the team of {n1} and {n2} {beat} {c}", m.won(team([n1, n2]), team([c]))),
        (
            f"{n1} {beat} {n2} {rng.choice(['even though', 'although'])} {n2} beat {c}",
            f"(and {one} {m.won(team([n2]), team([c]))})",
        ),
    ]
    if m.pull and rng.random() < 0.12:
        P = f"({m.pull} {ta})", f"({m.pull} {tb})"
        v = rng.choice([30, 40, 50, 60, 80, 100, 120, 150])
        rows = [
            (f"{A} pulled {rng.choice(['with a force of', 'with'])} {v}", f"(= {P[0]} {v})"),
            (f"{A} pulled with {rng.choice(['more than', 'over'])} {v}", f"(> {P[0]} {v})"),
            (f"{A} would pull with less than {v}", f"(< {P[0]} {v})"),
            (
                f"{A} would pull {rng.choice(['harder', 'with more force'])} than {B}",
                f"(> {P[0]} {P[1]})",
            ),
            (f"together, {A} pull at least {v}", f"(>= {P[0]} {v})"),
        ]
    text, means = rng.choice(rows)
    return Clause((text,), (), means)


def question(rng: random.Random, m: Match, sort: Sort, names: list[str]) -> tuple[str, str]:
    """Questions about matches that were or could be: text without its mark, expression."""
    a, b = split_teams(rng, names)
    A, B, ta, tb = side(rng, a).rstrip(","), side(rng, b).rstrip(","), team(a), team(b)
    n1 = names[0]
    win, loss = m.won(ta, tb), m.won(tb, ta)
    rest = f"(difference {sort.listing} {team([n1])})"
    any_ = rng.choice(["a match", "a tug-of-war", "the next match", "a game", "a new match"])
    he = rng.choice(["he", "she", "they"])
    rows = [
        (f"who would win, {A} or {B}", win),
        (f"who wins, {A} or {B}", win),
        (f"who would win between {A} and {B}", win),
        (f"who will win {any_} between {A} and {B}", win),
        (f"if {A} played {B}, would {A} win", win),
        (f"if {A} played against {B}, who would win", win),
        (f"if {A} and {B} had {any_}, would {A} win", win),
        (f"if {A} and {B} had {any_}, would {B} win", loss),
        (f"would {A} beat {B} in {any_}", win),
        (f"would {A} beat {B}", win),
        (f"would {A} win against {B}", win),
        (f"who would win if {A} played {B}", win),
        (f"who is going to win, {A} or {B}", win),
        (f"who do you think would win, {A} or {B}", win),
        (f"who'd win between {A} and {B}", win),
        (f"who will win, {A} or {B}", win),
        (f"who would win in a match between {A} and {B}", win),
        (f"if {A} and {B} played a match, who would win", win),
        (f"how would {A} do against {B}", win),
        (f"say {A} faces {B}, who wins", win),
        (f"would {A} have a chance against {B}", win),
        (f"how good are {A}'s chances of beating {B}", win),
        (f"is {A} better than {B} at tug-of-war", win),
        (f"would {A} come out ahead against {B}", win),
        (f"might {A} beat {B}", win),
        (f"{A} beats {B}, right", win),
        (f"could {A} possibly lose to {B}", loss),
        (f"would {B} be too strong for {A}", loss),
        (f"could {A} take {B}", win),
        (f"could {A} beat {B}", win),
        (f"can {A} beat {B}", win),
        (f"will {A} beat {B} next time", win),
        (f"would {A} lose to {B}", loss),
        (f"would {A} lose against {B} in {any_}", loss),
        (f"does {A} stand a chance against {B}", win),
        (f"how likely is {A} to beat {B}", win),
        (f"how likely is it that {A} would beat {B}", win),
        (f"what are the odds that {A} would beat {B}", win),
        (f"what are {A}'s chances against {B}", win),
        (f"what are the chances of {A} beating {B}", win),
        (f"what is the probability of {A} losing to {B}", loss),
        (f"is {A} likely to win against {B}", win),
        (f"is {A} going to beat {B}", win),
        (f"should I bet on {A} against {B}", win),
        (f"do you think {A} would beat {B}", win),
        (f"do you think {A} can beat {B} in {any_}", win),
        (f"in {any_} between {A} and {B}, who would win", win),
        (f"in {any_} between {A} and {B}, would {B} win", loss),
        (f"suppose {A} faces {B}: does {A} win", win),
        (f"who would come out on top, {A} or {B}", win),
        (f"{A} against {B}: who wins", win),
        (f"is it {A} who would win against {B}", win),
        (f"if {B} faced {A}, would {B} lose", win),
        (f"what if {A} played {B}, would {he} win", win),
        (f"did {A} beat {B}", win),
        (f"did {A} lose to {B}", loss),
        (f"has {A} beaten {B}", win),
        (f"would {A} be able to beat {B}", win),
        (f"would {A} be beaten by {B}", loss),
        (
            f"would a team of {listing(rng, names[:2])} beat {c}" if (c := names[2]) else "",
            m.won(team(names[:2]), team([names[2]])),
        ),
        (
            f"if {names[0]} and {names[1]} teamed up, would they beat {side(rng, names[2:4])}".rstrip(
                ","
            ),
            m.won(team(names[:2]), team(names[2:4])),
        ),
        (
            f"would {names[0]} beat {names[1]} and {names[2]} together",
            m.won(team(names[:1]), team(names[1:3])),
        ),
        (f"who would beat {n1}", f"(filter (lambda (x) {m.won('(list x)', team([n1]))}) {rest})"),
        (f"who could beat {n1}", f"(filter (lambda (x) {m.won('(list x)', team([n1]))}) {rest})"),
        (f"who would {n1} beat", f"(filter (lambda (x) {m.won(team([n1]), '(list x)')}) {rest})"),
        (
            f"who would lose to {n1}",
            f"(filter (lambda (x) {m.won(team([n1]), '(list x)')}) {rest})",
        ),
        (
            f"would {n1} beat {rng.choice(['everyone', 'everyone else', 'all the others'])}",
            f"(all (lambda (x) {m.won(team([n1]), '(list x)')}) {rest})",
        ),
        (f"can anyone beat {n1}", f"(any (lambda (x) {m.won('(list x)', team([n1]))}) {rest})"),
        (f"would anyone beat {n1}", f"(any (lambda (x) {m.won('(list x)', team([n1]))}) {rest})"),
        (
            f"how many {rng.choice(['people', 'players', 'of them'])} would {n1} beat",
            f"(count (lambda (x) {m.won(team([n1]), '(list x)')}) {rest})",
        ),
        (
            f"how many {rng.choice(['people', 'players', 'of the others'])} would beat {n1}",
            f"(count (lambda (x) {m.won('(list x)', team([n1]))}) {rest})",
        ),
    ]
    if m.pull and rng.random() < 0.12:
        P = f"({m.pull} {ta})", f"({m.pull} {tb})"
        do = "do" if len(a) > 1 else "does"
        rows = [
            (f"how hard {do} {A} pull", P[0]),
            (f"how hard would {A} pull{rng.choice(['', ' together', ' in a match'])}", P[0]),
            (f"what is the pull of {A}", P[0]),
            (f"how strong is the team of {listing(rng, a)}", P[0]),
            (f"how much force can {A} produce", P[0]),
            (f"would {A} pull harder than {B}", f"(> {P[0]} {P[1]})"),
        ]
    return rng.choice(rows)
