"""Patterns of inference, by sums over all cases."""

from itertools import product

from tests.programs.derivations.tools import bernoulli, table

BOTH = (True, False)


def burglar_alarm():
    cases = []
    for b, e, a in product(BOTH, repeat=3):
        rings = {(True, True): 0.95, (True, False): 0.94, (False, True): 0.29}.get((b, e), 0.001)
        weight = bernoulli(b, 0.001) * bernoulli(e, 0.002) * bernoulli(a, rings)
        cases.append((b, weight * (0.9 if a else 0.05) * (0.7 if a else 0.01)))
    return table(cases)


def _sprinkler():
    for cloudy, sprinkler, rain in product(BOTH, repeat=3):
        weight = 0.5 * bernoulli(sprinkler, 0.1 if cloudy else 0.5)
        weight *= bernoulli(rain, 0.8 if cloudy else 0.2)
        weight *= {2: 0.99, 1: 0.9, 0: 0.0}[sprinkler + rain]
        yield sprinkler, rain, weight


def wet_grass():
    return table((rain, weight) for _, rain, weight in _sprinkler())


def wet_grass_explained():
    return table((rain, weight) for sprinkler, rain, weight in _sprinkler() if sprinkler)


def cough_and_fever():
    cases = []
    for cold, flu in product(BOTH, repeat=2):
        prior = bernoulli(cold, 0.2) * bernoulli(flu, 0.05)
        cough = 1 - (1 - 0.5 * cold) * (1 - 0.7 * flu) * (1 - 0.02)
        fever = 1 - (1 - 0.1 * cold) * (1 - 0.8 * flu) * (1 - 0.01)
        cases.append(((cold, flu), prior * cough * fever))
    return table(cases)


def two_witnesses():
    return table([(True, 0.3 * 0.8 * 0.8), (False, 0.7 * 0.2 * 0.2)])


def one_rumour_twice():
    return table([(True, 0.3 * 0.8), (False, 0.7 * 0.2)])


def siblings():
    cases = []
    for carrier in BOTH:
        each = 0.5 if carrier else 0.05
        cases += [(True, bernoulli(carrier, 0.1) * each * each)]
        cases += [(False, bernoulli(carrier, 0.1) * each * (1 - each))]
    return table(cases)


def luck_and_talent():
    cases = []
    for talent, luck in product(BOTH, repeat=2):
        if talent or luck:
            cases.append(((talent, luck), bernoulli(talent, 0.2) * bernoulli(luck, 0.3)))
    return table(cases)


def junk_mail():
    odds = {"junk": 0.4, "mail": 0.6}
    rates = {"prize": (0.5, 0.05), "meeting": (0.1, 0.4), "free": (0.6, 0.2)}
    for word, there in (("prize", True), ("meeting", False), ("free", True)):
        odds["junk"] *= bernoulli(there, rates[word][0])
        odds["mail"] *= bernoulli(there, rates[word][1])
    return table(odds.items())


def student_and_exam():
    cases = []
    for clever, hard in product(BOTH, repeat=2):
        passes = {(True, True): 0.7, (True, False): 0.95, (False, True): 0.2}.get(
            (clever, hard), 0.6
        )
        cases.append((clever, bernoulli(clever, 0.4) * bernoulli(hard, 0.3) * (1 - passes)))
    return table(cases)


def monty_hall():
    cases = []
    for car in (1, 2, 3):
        opened = [d for d in (2, 3) if d != car]  # the first door was chosen
        cases += [((car == 2), 1 / 3 / len(opened)) for d in opened if d == 3]
    return table(cases)
