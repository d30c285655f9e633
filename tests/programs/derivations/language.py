"""Programs that show a feature of the language, where their answer is random."""

from itertools import product

from tests.programs.derivations.tools import table


def drawn_function():
    cases = [(f(3), p) for f, p in ((lambda x: x * x, 0.25), (lambda x: x + 1, 0.75))]
    return table(cases)


def query_in_a_function():
    """A survivor of rejection: at least one of two heads; then a second such draw."""
    one = {True: 2 / 3, False: 1 / 3}
    return table((a and b, p * q) for (a, p), (b, q) in product(one.items(), repeat=2))


def table_of_a_table():
    """An inner enumeration gives a probability, with which an outer coin is flipped."""
    inner = 0.3 * 0.8 / (0.3 * 0.8 + 0.7 * 0.4)
    return {"P(#t)": inner, "P(#f)": 1 - inner}


def best_of_three_options():
    cases = []
    for a, b in product((1, 2, 3), repeat=2):
        utilities = {"tea": a, "milk": b, "water": 2}
        best = max(utilities, key=lambda k: utilities[k])
        cases.append((best, 1.0))
    return table(cases)


def sorted_draws():
    return table((tuple(sorted(d)), 1.0) for d in product((1, 2), repeat=3))
