"""Reasoning about other minds, by recursion over distributions."""

import math
from itertools import product

from tests.programs.derivations.tools import bernoulli, normalise, table


def _labels(law):
    return {f"P({k})": p for k, p in law.items() if p > 0}


def where_to_meet():
    """Each goes where the other is likely to go; the cafe is the favourite, three levels deep."""
    prior = {"cafe": 0.6, "park": 0.4}
    law = prior
    for _ in range(3):
        law = normalise({k: prior[k] * law[k] for k in prior})
    return _labels(law)


def one_wants_to_avoid():
    """Alice wants to meet Bob, who wants to avoid her; depth two."""
    taste = {"cafe": 0.6, "park": 0.4}

    def alice(depth):
        other = bob(depth - 1)
        return normalise({k: taste[k] * other[k] for k in taste})

    def bob(depth):
        if depth == 0:
            return taste
        other = alice(depth)
        return normalise({k: taste[k] * (1 - other[k]) for k in taste})

    return _labels(alice(2))


def vending_machine():
    """Buttons a and b; what the first one gives most of the time is inferred."""
    cases = []
    for bagels, goal in product((0.9, 0.1), ("bagel", "cookie")):
        gives = {"a": {"bagel": bagels, "cookie": 1 - bagels}, "b": {"bagel": 0.5, "cookie": 0.5}}
        chooses = normalise({x: gives[x][goal] for x in gives})
        cases.append((goal, 0.25 * chooses["a"]))
    return table(cases)


def goal_from_a_choice():
    gives = {"a": {"bagel": 0.9, "cookie": 0.1}, "b": {"bagel": 0.2, "cookie": 0.8}}
    cases = []
    for goal, p in (("bagel", 0.3), ("cookie", 0.7)):
        cases.append((goal, p * normalise({x: gives[x][goal] for x in gives})["a"]))
    return table(cases)


def false_belief():
    cases = []
    for saw in (True, False):
        looks = "box" if saw else "basket"
        cases += [(looks, bernoulli(saw, 0.3) * 0.95)]
        cases += [("basket" if saw else "box", bernoulli(saw, 0.3) * 0.05)]
    return table(cases)


def soft_choice():
    weights = {"apple": math.exp(2 * 1.0), "cake": math.exp(2 * 1.5), "nothing": 1.0}
    return _labels(normalise(weights))


def taste_from_choices():
    """Likes cake or fruit; chose cake twice of three times, at rationality 1."""
    cases = []
    for liking in (-1, 0, 2):
        cake = 1 / (1 + math.exp(-liking))
        cases.append((liking, cake * cake * (1 - cake)))
    return table(cases)


def walk_to_the_goal():
    """A walker on places 0 to 6 starts at 3 and was seen to step right twice."""
    cases = []
    for goal in (0, 4, 6):
        place, p = 3, 1 / 3
        for _ in range(2):
            right = math.exp(-abs(goal - place - 1))
            left = math.exp(-abs(goal - place + 1))
            stay = math.exp(-abs(goal - place))
            p *= right / (right + left + stay)
            place += 1
        cases.append((goal, p))
    return table(cases)


def help_or_hinder():
    cases = []
    for kind, pushes in (
        ("helper", {"up": 0.8, "down": 0.1}),
        ("hinderer", {"up": 0.1, "down": 0.8}),
    ):
        for wants, p in (("up", 0.7), ("down", 0.3)):
            push = pushes[wants] if wants == "up" else pushes["down"]
            cases.append((kind, 0.5 * p * push))
    return table(cases)


def trusting_an_expert():
    cases = []
    for expert, truth in product((True, False), repeat=2):
        p = bernoulli(expert, 0.5) * 0.5
        first = 0.9 if expert else 0.5  # says what is so
        second = first if truth else 1 - first
        cases.append(((expert, truth), p * first * second))
    return table(cases)


def dilemma():
    """A player who expects the other to reason one step less; payoffs 3 0 5 1."""
    cooperate = 0.5
    for _ in range(2):
        gain = 3 * cooperate + 0 * (1 - cooperate), 5 * cooperate + 1 * (1 - cooperate)
        weights = [math.exp(0.5 * g) for g in gain]
        cooperate = weights[0] / sum(weights)
    return {"P(cooperate)": cooperate, "P(defect)": 1 - cooperate}
