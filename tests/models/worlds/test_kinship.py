"""The kinship world against listings of all families, and against relatives defined on parents and partners."""

import itertools
import math
from collections import Counter
from importlib.resources import files

import jax
import pytest

from inference import Belief, Exact, Importance, Sequential
from models.worlds import load, sentences
from plot.data import show
from plot.errors import ImpossibleEvidence, PlotError
from plot.world import World
from tests.models.worlds.families import Family, dialogue, family, homes, of_all_names
from tests.models.worlds.relatives import largest

KEY = jax.random.key(0)
TURNS = (
    (
        "(condition (sister 'blake 'avery))",
        "(condition (and (father 'charlie 'avery) (father 'charlie 'blake)))",
        "(condition (grandfather 'charlie 'dana))",
    ),
    ("(condition (= (how-many (lambda (x) (child x 'blake))) 2))",),
    ("(condition (not (anyone (lambda (x) (sibling x 'dana)))))",),
)
QUESTION = "(query (who (lambda (x) (and (child x 'charlie) (parent x 'dana)))))"
# Shared/reference figures in percent: Avery, Blake, other; and the probability of the first evidence.
REFERENCE = ((39.736, 39.736, 20.528), (5.000, 91.985, 3.015), (62.972, 0.0, 37.028))
FIRST_EVIDENCE = 8.3187e-5
SIDED = ("parent", "child", "sibling", "half-sibling", "step-parent", "step-sibling", "grandparent", "grandchild", "ancestor",
         "partner", "parents-sibling", "cousin", "parent-in-law", "child-in-law", "sibling-in-law")  # fmt: skip
WORDS = (
    ("partner", "wife", "husband"), ("parent", "mother", "father"), ("child", "daughter", "son"), ("sibling", "sister", "brother"),
    ("grandparent", "grandmother", "grandfather"), ("grandchild", "granddaughter", "grandson"), ("parents-sibling", "aunt", "uncle"),
    ("cousin", "cousin", "cousin"), ("parent-in-law", "mother-in-law", "father-in-law"), ("child-in-law", "daughter-in-law", "son-in-law"),
    ("sibling-in-law", "sister-in-law", "brother-in-law"),
)  # fmt: skip


def changed(old: str, new: str) -> World:
    """The world with a piece of its source exchanged."""
    source = files("models.worlds").joinpath("kinship", "world.church").read_text(encoding="utf-8")
    assert source.count(old) == 1
    return World.from_source(source.replace(old, new), cache=False)


def small() -> World:
    """The world with one level of children instead of two."""
    return changed("(iota 26)", "(iota 8)")


def told(turns: int) -> World:
    world = load("kinship")
    for sentence in itertools.chain(*TURNS[:turns]):
        world = world.tell(sentence)
    return world


def outcomes(world: World, question: str) -> tuple[dict[object, float], float]:
    """The exact probability of each answer, as text, and that of the evidence."""
    found = Exact().infer(KEY, world.ask(question))
    return {show(row.value): row.probability for row in found.table}, math.exp(found.evidence.log)


@pytest.mark.parametrize("relation", SIDED)
def test_relations_of_places_against_parents_and_partners(relation):
    reference = getattr(largest(), relation.replace("-", "_"))
    asked = f"(map (lambda (a) (map (lambda (b) ({relation} a b)) places)) places)"
    answer = show(load("kinship").ask(asked).value).replace("(", "").replace(")", "").split()
    wanted = [reference(a, b) for a in range(26) for b in range(26)]
    assert [word == "#t" for word in answer] == wanted


@pytest.mark.parametrize(("women", "at"), [("true", 1), ("false", 2)])
def test_the_word_for_a_relation_is_the_relation(women, at):
    people = largest()
    world = changed("(mem (lambda (who) (flip 0.5)))", f"(lambda (who) {women})")
    asked = "(map (lambda (a) (map (lambda (b) (relation a b)) places)) places)"
    answer = show(world.ask(asked).value).replace("(", "").replace(")", "").split()
    for (a, b), word in zip(itertools.product(range(26), repeat=2), answer, strict=True):
        hold = [row[at] for row in WORDS if getattr(people, row[0].replace("-", "_"))(a, b)]
        hold += [("niece", "nephew")[at - 1]] * people.parents_sibling(b, a)
        wanted = ["same"] if a == b else hold or ["in-law"]
        assert [word] == wanted, (a, b)


def test_the_paper_reaches_siblings_and_grandparents_through_the_first_parent_which_here_is_the_same():
    for _, home in homes(2):
        tree = family(home)
        for one, parents in enumerate(tree.parents):
            through_any = {c for p in parents for c in tree.children(p)} - {one}
            assert set(tree.siblings(one)) == through_any
            above = [g for p in parents for g in tree.parents[p]]
            assert above == [g for p in parents[:1] for g in tree.parents[p]]


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_the_dialogue(turn):
    shares, evidence = outcomes(told(turn), QUESTION)
    wanted = dialogue(turn)
    total = sum(wanted.values())
    assert evidence == pytest.approx(total, rel=1e-9)
    names = {"(avery)": "avery", "(blake)": "blake", "(other)": "other"}
    assert {names[k]: p for k, p in shares.items()} == {
        k: pytest.approx(p / total, rel=1e-9) for k, p in wanted.items()
    }
    in_percent = [100 * shares.get(f"({n})", 0.0) for n in ("avery", "blake", "other")]
    assert in_percent == pytest.approx(REFERENCE[turn - 1], abs=5.1e-4)
    if turn == 1:
        assert evidence == pytest.approx(FIRST_EVIDENCE, rel=1e-4)


def test_a_belief_agrees_with_the_exact_answers():
    belief = Belief.of(load("kinship"), KEY, Sequential(worlds=20_000))
    for turn, news in enumerate(TURNS, start=1):
        for sentence in news:
            belief, _ = belief.tell(sentence)
        shares, evidence = outcomes(told(turn), QUESTION)
        answer = belief.ask(QUESTION)
        for row in answer.table:
            error = max(row.standard_error, 1e-9)
            assert abs(row.probability - shares[show(row.value)]) < 4 * error, (turn, row)
        assert abs(belief.evidence.log - math.log(evidence)) < 4 * belief.evidence.error


def test_a_small_family_against_a_listing_of_all():
    """Blake is Avery's sister or partner: who of the others is what to whom, and how many are there?"""
    world = small()
    world = world.tell("(condition (or (sister 'blake 'avery) (partner 'blake 'avery)))")
    question = """(list (mother 'charlie 'avery) (how-many (lambda (x) (child x 'charlie)))
                        (how-many (lambda (x) (sibling x 'blake))) (brother 'dana 'avery)
                        (son 'dana 'charlie) (female 'dana)
                        (who (lambda (x) (and (sibling x 'avery) (not (eq? x 'blake))))))"""

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
            others = [p for p in tree.siblings(avery) if p != blake]
            who = [n for p, n in ((charlie, "charlie"), (dana, "dana")) if p in others]
            who += ["other"] * sum(p not in people for p in others)
            answer = (
                charlie in tree.parents[avery] and woman[charlie],
                len(tree.children(charlie)),
                len(tree.siblings(blake)),
                dana in tree.siblings(avery) and not woman[dana],
                dana in tree.children(charlie) and not woman[dana],
                woman[dana],
                tuple(who),
            )
            found[answer] += 1 / 16
        return found

    wanted = of_all_names(1, weigh)
    found = Exact().infer(KEY, world.ask(question))
    total = sum(wanted.values())
    assert math.exp(found.evidence.log) == pytest.approx(total, rel=1e-9)
    shares = {tuple(map(_frozen, row.python)): row.probability for row in found.table}  # type: ignore[arg-type]
    assert shares.keys() == wanted.keys()
    assert all(shares[k] == pytest.approx(wanted[k] / total, rel=1e-9) for k in shares)


def _frozen(value: object) -> object:
    return tuple(map(str, value)) if isinstance(value, list) else value


def test_unnamed_people_have_a_gender_of_their_own():
    """The share of women among all people, named or not, is one half on average."""
    world = small()
    both = world.ask("(list (how-many (lambda (x) (female x))) family-size)")
    found = Exact().infer(KEY, both)
    women = sum(row.python[0] * row.probability for row in found.table)  # type: ignore[index]
    people = sum(row.python[1] * row.probability for row in found.table)  # type: ignore[index]
    assert women == pytest.approx(people / 2, rel=1e-9)


def test_the_listing_adds_up():
    everyone = of_all_names(1, lambda tree, people: Counter({"any": 1}))
    large_enough = 1 - 1 / 2 - 1 / 4 - 1 / 16  # one person; a couple; a couple with a single child
    assert everyone["any"] == pytest.approx(large_enough)


def test_example_sentences_parse_check_and_run():
    world, engine = load("kinship"), Importance(20_000)
    rows = sentences("kinship")
    assert 15 <= len(rows) <= 30
    for sentence, expression in rows:
        if expression.startswith("(query"):
            assert engine.infer(KEY, world.ask(expression)).table, sentence
        else:
            answer = engine.infer(KEY, world.tell(expression).ask("(query (female 'dana))"))
            assert -8 < answer.evidence.log < 0, sentence


@pytest.mark.parametrize(
    "impossible",
    [
        "(condition (and (mother 'avery 'blake) (male 'avery)))",
        "(condition (parent 'avery 'avery))",
        "(condition (and (parent 'avery 'blake) (parent 'blake 'avery)))",
        "(condition (= (how-many (lambda (x) (child x 'avery))) 4))",
        "(condition (half-sibling 'avery 'blake))",
        "(condition (step-parent 'avery 'blake))",
        "(condition (and (grandparent 'avery 'blake) (anyone (lambda (x) (child x 'blake)))))",
        "(condition (> family-size 26))",
    ],
)
def test_what_no_family_is(impossible):
    world = load("kinship")
    after = world.tell(impossible)
    with pytest.raises(ImpossibleEvidence):
        Exact().infer(KEY, after.ask("(query (female 'dana))"))
    assert world.told == ()


def test_people_who_do_not_exist_are_refused():
    with pytest.raises(PlotError, match="edgar"):
        load("kinship").tell("(condition (sister 'edgar 'avery))")
