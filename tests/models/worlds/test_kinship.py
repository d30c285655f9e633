"""The kinship world against a listing of all families, and what it cannot be told."""

import itertools
import math
from collections import Counter
from importlib.resources import files

import jax
import pytest

from inference import Exact
from models.worlds import load
from plot.world import World
from tests.models.worlds.families import Family, dialogue, of_all_names

KEY = jax.random.key(0)
SENTENCES = (
    (
        "(condition (sister-of? 'blake 'avery))",
        "(condition (and (father-of? 'charlie 'avery) (father-of? 'charlie 'blake)))",
        "(condition (grandfather-of? 'charlie 'dana))",
    ),
    ("(condition (= (child-count 'blake) 2))",),
    ("(condition (= (sibling-count 'dana) 0))",),
)
NAMES = ("avery", "blake", "charlie", "dana")


def small() -> World:
    """The same world, with one level of children instead of two."""
    source = files("models.worlds").joinpath("kinship", "world.church").read_text(encoding="utf-8")
    assert source.count("(household 2)") == 1
    return World.from_source(source.replace("(household 2)", "(household 1)"), cache=False)


def test_a_small_family_against_a_listing_of_all():
    """Blake is Avery's sister or partner: who of the others is what to whom?"""
    world = small()
    world = world.tell("(condition (or (sister-of? 'blake 'avery) (partner-of? 'blake 'avery)))")
    question = """(list (mother-of? 'charlie 'avery) (child-count 'charlie) (sibling-count 'blake)
                        (brother-of? 'dana 'avery) (son-of? 'dana 'charlie))"""

    def weigh(tree: Family, people: tuple[int, ...]) -> Counter:
        avery, blake, charlie, dana = people
        found: Counter = Counter()
        sibling = blake in tree.siblings(avery)
        if not sibling and (avery, blake) not in tree.partners:
            return found
        for women in itertools.product((True, False), repeat=4):
            woman = dict(zip(people, women, strict=True))
            if sibling and not woman[blake]:
                continue
            answer = (
                charlie in tree.parents[avery] and woman[charlie],
                len(tree.children(charlie)),
                len(tree.siblings(blake)),
                dana in tree.siblings(avery) and not woman[dana],
                dana in tree.children(charlie) and not woman[dana],
            )
            found[answer] += 1 / 16
        return found

    wanted = of_all_names(1, weigh)
    found = Exact().infer(KEY, world.ask(question))
    shares = {tuple(row.python): row.probability for row in found.table}  # type: ignore[arg-type]
    total = sum(wanted.values())
    assert math.exp(found.evidence.log) == pytest.approx(total, rel=1e-9)
    assert shares.keys() == wanted.keys()
    assert all(shares[k] == pytest.approx(wanted[k] / total, rel=1e-9) for k in shares)


@pytest.mark.slow
def test_the_dialogue():
    """Three questions, exactly; the answers are 40, 40, 21, then 5, 92, 3, then 63, 0, 37 percent."""
    world = load("kinship")
    for turn, sentences in enumerate(SENTENCES, start=1):
        for sentence in sentences:
            world = world.tell(sentence)
        found = Exact().infer(KEY, world.ask("(child-between 'charlie 'dana)"))
        wanted = dialogue(turn)
        total = sum(wanted.values())
        assert found.evidence.log == pytest.approx(math.log(total), rel=1e-9)
        shares = {row.python: row.probability for row in found.table}
        assert shares == {k: pytest.approx(p / total, rel=1e-9) for k, p in wanted.items()}


def test_the_listing_adds_up():
    everyone = of_all_names(1, lambda tree, people: Counter({"any": 1}))
    large_enough = 1 - 1 / 2 - 1 / 4 - 1 / 16  # one person; a couple; a couple with a single child
    assert everyone["any"] == pytest.approx(large_enough)


def test_what_sentences_may_say():
    vocabulary = load("kinship").vocabulary
    assert vocabulary.entities[0].names == NAMES
    names = {"sister-of?", "father-of?", "grandfather-of?", "child-count", "child-between"}
    assert names <= {entry.name for entry in vocabulary.entries}
