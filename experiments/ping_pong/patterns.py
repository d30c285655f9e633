"""The 20 tournaments, and the means that are published of them.

Source of the patterns and of the ratings: Gerstenberg and Goodman, "Ping Pong in Church:
Productive use of concepts in human probabilistic inference", Proceedings of the 34th Annual
Conference of the Cognitive Science Society (2012), experiment 1: 30 people rated player A's
strength from -50 (very weak) to 50 (very strong). The model means are of an independent
simulation of the paper's model, given with two decimals.
"""

from __future__ import annotations

from dataclasses import dataclass

MATCHES = 3  # in a tournament


@dataclass(frozen=True)
class Match:
    """Who beat whom: each side is one letter a player."""

    winners: str
    losers: str

    def reversed(self) -> Match:
        """The match with the other outcome."""
        return Match(self.losers, self.winners)

    def condition(self) -> str:
        """The statement to tell the world.

        >>> Match("AB", "CD").condition()
        "(condition (won-against '(a b) '(c d)))"
        """
        sides = (" ".join(side.lower()) for side in (self.winners, self.losers))
        return "(condition (won-against '({}) '({})))".format(*sides)

    def __str__(self) -> str:
        return f"{self.winners}>{self.losers}"


@dataclass(frozen=True)
class Pattern:
    """A tournament, with its reference means.

    Args:
      number: 1 to 20; an even one is the odd one before it with every outcome reversed.
      matches: the three of them, in order.
      model_mean: A's mean strength in the reference simulation; the prior mean is 10.
      people_mean: mean rating of A by 30 people, -50 to 50.
    """

    number: int
    matches: tuple[Match, ...]
    model_mean: float
    people_mean: float

    @property
    def reversed(self) -> bool:
        """Whether this is an odd pattern turned round, in which A mostly loses."""
        return self.number % 2 == 0

    def __str__(self) -> str:
        return ", ".join(map(str, self.matches))


def read_match(text: str) -> Match:
    """A match as the paper writes it.

    Args:
      text: `A>B` where A beat B, `AB<CD` where C and D beat A and B.

    Raises:
      ValueError: where it is neither.

    >>> read_match("AB<CD")
    Match(winners='CD', losers='AB')
    """
    for sign in "<>":
        left, found, right = text.partition(sign)
        if found and left.isalpha() and right.isalpha():
            return Match(left, right) if sign == ">" else Match(right, left)
    raise ValueError(f"expected a match such as AB>CD, and got {text!r}")


# Matches of the odd pattern; model mean of it and of its reverse; people's mean of both.
_TABLE = (
    ("A>B A>B A>B", 11.73, 8.17, 28.0, -27.7),
    ("A>B B>C B>D", 12.29, 7.67, 28.2, -24.1),
    ("A>B B<C B<D", 10.97, 9.00, 4.7, -12.1),
    ("A>B A>C A>D", 12.91, 6.95, 42.3, -36.8),
    ("AB>CD AB>EF AB>GH", 12.05, 7.85, 26.6, -23.7),
    ("AB>EF AC>EG AD>EH", 12.07, 7.86, 31.9, -26.7),
    ("AB>EF BC<EF BD<EF", 12.15, 7.89, 25.9, -27.9),
    ("AB>EF BC>EF BD>EF", 10.57, 9.39, 10.4, -13.4),
    ("AB>EF AC>GH AD>IJ", 12.50, 7.45, 34.2, -28.6),
    ("AB>CD AC>BD AD>BC", 13.14, 6.87, 36.7, -35.0),
)


def _patterns() -> tuple[Pattern, ...]:
    found = []
    for i, (text, model, model_reversed, people, people_reversed) in enumerate(_TABLE):
        matches = tuple(read_match(m) for m in text.split())
        turned = tuple(m.reversed() for m in matches)
        found.append(Pattern(2 * i + 1, matches, model, people))
        found.append(Pattern(2 * i + 2, turned, model_reversed, people_reversed))
    return tuple(found)


PATTERNS = _patterns()
