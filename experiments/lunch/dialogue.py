"""What is told and asked, what each sentence is meant to become, and the figures of the reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.lunch.exact import bikes_east, likes_all, loves_sushi
from experiments.lunch.minds import follows_to_pizza, judged_to_like_pizza, sure_of_a_closed_place

GOALS = ("sushi", "vegetarian", "pizza", "office")
KNOWS = ("Alex knows which places are open.", "(condition (informed? 'alex))")
SEEN = (
    "Alex bikes east on the northern street.",
    "(condition (bikes? 'alex 'northern 'east))",
)
WHERE = ("Where does Alex go?", "(query (destination 'alex))")
IGNORES = ("Bob doesn't know which places are open.", "(condition (not (informed? 'bob)))")
A = (
    KNOWS,
    ("Alex loves sushi.", "(condition (> (liking 'alex 'sushi) 10))"),
    ("Alex is fine with vegetarian food.", "(condition (> (liking 'alex 'vegetarian) 0))"),
    ("Alex hates pizza.", "(condition (< (liking 'alex 'pizza) -10))"),
)


@dataclass(frozen=True)
class Figure:
    """A probability that is read off an answer.

    Args:
      name: in the result.
      value: the outcome: the name of a place, or a truth value.
      reference: of an independent run of the paper's model, where there is one.
      exact: the same by sums and quadrature, where there is one.
    """

    name: str
    value: str | bool
    reference: float | None = None
    exact: float | None = None


@dataclass(frozen=True)
class Episode:
    """Statements, a question, and what is read off the answer.

    Args:
      title: for people.
      told: sentences and the fragments that they are meant to become.
      asked: the question.
      figures: what is read off.
    """

    title: str
    told: tuple[tuple[str, str], ...]
    asked: tuple[str, str]
    figures: tuple[Figure, ...]


def _goals(given: str, reference: dict[str, float], exact: np.ndarray) -> tuple[Figure, ...]:
    return tuple(
        Figure(f"p_alex_{where}_given_{given}", goal, share, float(exact[GOALS.index(goal)]))
        for goal, share in reference.items()
        for where in ("stays_in" if goal == "office" else f"goes_to_{goal}",)
    )


def episodes() -> tuple[Episode, ...]:
    """Those of the reference first, then minds that are wrong, that watch and that follow."""
    closed = ("The sushi place is closed.", "(condition (not (open? 'sushi)))")
    pizza = ("Alex likes pizza a lot.", "(condition (> (liking 'alex 'pizza) 10))")
    sure = (
        "Bob is sure that the sushi place is open.",
        "(condition (> (thinks-open 'bob 'sushi) 0.9))",
    )
    fond = ("Bob loves sushi.", "(condition (> (liking 'bob 'sushi) 10))")
    went = ("Alex goes to the pizza place.", "(condition (goes-to? 'alex 'pizza))")
    saw = ("Bob saw where Alex went.", "(condition (saw? 'bob 'alex))")
    unseen = ("Bob didn't see where Alex went.", "(condition (not (saw? 'bob 'alex)))")
    likes = ("Bob likes pizza.", "(condition (> (liking 'bob 'pizza) 0))")
    follow = ("Does Bob go to the pizza place?", "(query (goes-to? 'bob 'pizza))")
    return (
        Episode(
            "A: likings",
            A,
            WHERE,
            _goals(
                "loves_sushi_hates_pizza",
                {"sushi": 0.44, "vegetarian": 0.32, "office": 0.25},
                loves_sushi(),
            ),
        ),
        Episode(
            "A, and sushi is closed",
            (*A, closed),
            WHERE,
            _goals(
                "loves_sushi_hates_pizza_sushi_closed",
                {"vegetarian": 0.49, "office": 0.51},
                loves_sushi(False),
            ),
        ),
        Episode(
            "B: likes all, no bike",
            (
                KNOWS,
                (
                    "Alex likes all three places.",
                    "(condition (all (lambda (x) (> (liking 'alex x) 0)) places))",
                ),
                ("Every place is open.", "(condition (all (lambda (x) (open? x)) places))"),
                ("Alex has no bike.", "(condition (not (has-bike? 'alex)))"),
            ),
            WHERE,
            _goals(
                "likes_all_all_open_no_bike",
                {"pizza": 0.83, "sushi": 0.075, "vegetarian": 0.096},
                likes_all(),
            ),
        ),
        Episode(
            "C: a walk was seen",
            (KNOWS, SEEN),
            WHERE,
            _goals("bikes_east", {"sushi": 0.49, "vegetarian": 0.51}, bikes_east()[0]),
        ),
        Episode(
            "C, and likes pizza a lot",
            (KNOWS, SEEN, pizza),
            ("Is the pizza place open?", "(query (open? 'pizza))"),
            (
                Figure(
                    "p_pizza_closed_given_bikes_east_loves_pizza", False, 0.992, bikes_east(True)[1]
                ),
            ),
        ),
        Episode(
            "D: a false belief",
            (IGNORES, sure, fond, closed),
            ("Where does Bob go?", "(query (destination 'bob))"),
            (
                Figure(
                    "p_bob_goes_to_closed_sushi_given_sure_it_is_open",
                    "sushi",
                    None,
                    sure_of_a_closed_place(),
                ),
            ),
        ),
        Episode(
            "D: and does not eat there",
            (IGNORES, sure, fond, closed),
            ("Does Bob eat at the sushi place?", "(query (eats-at? 'bob 'sushi))"),
            (Figure("p_bob_eats_at_closed_sushi_given_sure_it_is_open", True, None, 0.0),),
        ),
        Episode(
            "E: a watcher judges",
            (KNOWS, ("Bob knows which places are open.", "(condition (informed? 'bob))"), went),
            (
                "Does Bob think that Alex likes pizza?",
                "(query (> (thinks-likes 'bob 'alex 'pizza) 0.5))",
            ),
            (
                Figure(
                    "p_bob_thinks_alex_likes_pizza_given_alex_goes_there",
                    True,
                    None,
                    judged_to_like_pizza(),
                ),
            ),
        ),
        Episode(
            "F: saw where another went",
            (KNOWS, IGNORES, went, saw, likes),
            follow,
            (Figure("p_bob_goes_to_pizza_given_saw_alex_go", True, None, follows_to_pizza(True)),),
        ),
        Episode(
            "F: saw nothing",
            (KNOWS, IGNORES, went, unseen, likes),
            follow,
            (
                Figure(
                    "p_bob_goes_to_pizza_given_did_not_see_alex",
                    True,
                    None,
                    follows_to_pizza(False),
                ),
            ),
        ),
    )
