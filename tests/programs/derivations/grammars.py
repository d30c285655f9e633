"""Grammars and random text, by sums over derivations."""

from collections import defaultdict
from itertools import product

from tests.programs.derivations.tools import table


def _noun_phrases():
    return [(("the", n), p) for n, p in (("dog", 0.6), ("cat", 0.4))]


def _sentences():
    for subject, p in _noun_phrases():
        yield (*subject, "sleeps"), p * 0.7
        for thing, q in _noun_phrases():
            yield (*subject, "chases", *thing), p * 0.3 * q


def small_grammar():
    return table(_sentences())


def heard_a_cat():
    return table((s[2], p) for s, p in _sentences() if "cat" in s)


def random_letters():
    def mass(n):
        return 0.4 * 0.6**n

    return {"P(())": mass(0), "P((a))": mass(1) * 0.7, "P((b a))": mass(2) * 0.3 * 0.7}


def sum_trees():
    """Sums of ones and twos, at most two levels deep."""

    def expressions(depth):
        if depth == 0:
            return [(1, 0.5), (2, 0.5)]
        inner = expressions(depth - 1)
        leaves = [(1, 0.25), (2, 0.25)]
        for (a, p), (b, q) in product(inner, inner):
            leaves += [(a + b, 0.25 * p * q), (a * b, 0.25 * p * q)]
        return leaves

    return table(expressions(2))


def markov_words():
    """Words of the letters a and b after which a full stop comes, of three letters."""
    step = {"a": {"a": 0.2, "b": 0.6, ".": 0.2}, "b": {"a": 0.5, "b": 0.1, ".": 0.4}}
    cases = []
    for word in product("ab", repeat=3):
        p = 0.5
        for x, y in zip(word, (*word[1:], "."), strict=True):
            p *= step[x][y]
        cases.append((tuple(f'"{x}"' for x in word), p))
    return table(cases)


def attachment():
    """She saw the man with the telescope: with a verb, or within the noun phrase."""
    return table([("seeing", 0.4 * 0.5), ("man", 0.6 * 0.1)])


def growing_tree():
    p = {1: 1.0}
    for _ in range(3):
        grown = defaultdict(float, {1: 0.7})
        for (a, x), (b, y) in product(p.items(), repeat=2):
            grown[a + b] += 0.3 * x * y
        p = dict(grown)
    return table(p.items())


def agreement():
    cases = []
    for number in ("one", "many"):
        noun, verb = ("cow", "eats") if number == "one" else ("cows", "eat")
        p = 0.7 if number == "one" else 0.3
        for right, q in ((True, 0.95), (False, 0.05)):
            said = verb if right else {"eats": "eat", "eat": "eats"}[verb]
            if said == "eat":
                cases.append((noun, p * q))
    return table(cases)
