"""Agents and lunch: the planner against plain recursion, worlds against sums, and what cannot be."""

from functools import cache
from importlib.resources import files

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.lunch.exact import bikes_east, likes_all, loves_sushi
from inference import Importance
from inference.tokens import SmcOptions
from models.conversation import Conversation
from models.meaning.translate import Meaning, MeaningOptions
from models.worlds import load
from models.worlds.lunch.campus import CAMPUS, MOVES, PLACES, Grid
from models.worlds.lunch.goals import Law, goal_chances
from models.worlds.lunch.lunch_break import NOWHERE, lunch_break
from models.worlds.lunch.planner import NEVER, Soft, cost_table, values, walk
from models.worlds.lunch.seen import WalkError, codes, saw_walk
from models.worlds.lunch.watcher import INFORMED, judge_likings
from plot.errors import FormError, ImpossibleEvidence, PlotError
from tests.models.meaning.scripted import ScriptedModel

KEY = jax.random.key(2306)
SUSHI, VEGETARIAN = 0, 1
SURE = 4.5  # standard errors that an estimate is allowed to be off: one run in 150,000
KNOWS = "(condition (informed? 'alex))"
SMALL = Grid((("office", "lawn", "sushi"), ("western", "hall", "pizza")), break_length=5)


def best_by_recursion(grid, pays, bike, cell, steps):
    """The best sum over all plans, one by one."""
    if steps == 0:
        return 0.0
    table, onto = cost_table(grid)[int(bike)], [np.arange(len(grid.cells)), *grid.neighbours] * 2
    best = max(
        best_by_recursion(grid, pays, bike, onto[move if move < 5 else move - 4][cell], steps - 1)
        - table[move, cell]
        for move in range(MOVES)
        if table[move, cell] < NEVER
    )
    return pays[cell] + best


def test_value_iteration_finds_the_best_of_all_plans():
    rng = np.random.default_rng(1)
    pays = rng.normal(0, 1, (len(SMALL.cells), 6)).astype(np.float32)
    bike = np.array([False, True] * 3)
    found = values(SMALL, jnp.asarray(pays), jnp.asarray(bike))
    for world in range(6):
        for cell in (0, 1, 2, 3, 5):
            wanted = best_by_recursion(SMALL, pays[:, world], bike[world], cell, 4)
            assert found[4, cell, world] == pytest.approx(wanted, abs=1e-5)


def test_a_walk_is_worth_what_the_plan_said():
    rng = np.random.default_rng(2)
    worlds = 200
    pays = jnp.asarray(rng.normal(0, 3, (len(CAMPUS.cells), worlds)), jnp.float32)
    bike = jnp.asarray(rng.random(worlds) < 0.5)
    worth = values(CAMPUS, pays, bike)
    start = jnp.full(worlds, CAMPUS.at("office"))
    made = walk(CAMPUS, worth, bike, start, jnp.asarray(rng.random(worlds), jnp.float32))
    table = cost_table(CAMPUS)
    cells, moves = np.asarray(made.cells), np.asarray(made.moves)
    total = np.zeros(worlds)
    for step in range(CAMPUS.break_length):
        total += np.asarray(pays)[cells[step], np.arange(worlds)]
        total -= table[np.asarray(bike).astype(int), moves[step], cells[step]]
    whole = values(Grid(CAMPUS.rows, CAMPUS.break_length + 1), pays, bike)[-1]  # all steps to go
    np.testing.assert_allclose(total, whole[CAMPUS.at("office")], atol=0.02)
    names = np.array(CAMPUS.cells)[cells]
    assert not np.isin(names, ("library", "hall")).any()


def test_ties_are_broken_evenly_step_by_step():
    worlds = 20_000
    pays = jnp.zeros((len(CAMPUS.cells), worlds)).at[CAMPUS.at("sushi")].set(10.0)
    luck = jax.random.uniform(KEY, (worlds,))
    bike = jnp.zeros(worlds, bool)
    start = jnp.full(worlds, CAMPUS.at("office"))
    made = walk(CAMPUS, values(CAMPUS, pays, bike), bike, start, luck)
    share = float(jnp.mean(made.moves[0] == 1))  # north, where east is as good
    assert abs(share - 0.5) < SURE * np.sqrt(0.25 / worlds)
    # After one step north there are two ways on, and what is left of the luck decides again.
    at_corner = np.asarray(made.moves[0]) == 1
    second = np.mean(np.asarray(made.moves[1])[at_corner] == 1)
    assert abs(second - 0.5) < SURE * np.sqrt(0.25 / at_corner.sum())


def test_a_soft_choice_comes_close_to_the_best_as_it_cools():
    pays = jnp.zeros((len(CAMPUS.cells), 1)).at[CAMPUS.at("pizza")].set(10.0)
    bike = jnp.ones(1, bool)
    best = values(CAMPUS, pays, bike)[-1]
    warm, cold = (values(CAMPUS, pays, bike, Soft(t))[-1] for t in (1.0, 0.001))
    np.testing.assert_allclose(cold[: CAMPUS.at("office")], best[: CAMPUS.at("office")], atol=0.05)
    assert float(warm[CAMPUS.at("office"), 0]) < float(best[CAMPUS.at("office"), 0]) - 0.1
    with pytest.raises(ValueError, match="above zero"):
        Soft(0.0)


# The reference's own runs are of some hundreds to thousands of worlds: about a percentage point.
REFERENCE = (
    (loves_sushi(), (0.44, 0.32, 0.0, 0.25), 0.015),
    (loves_sushi(False), (0.0, 0.49, 0.0, 0.51), 0.015),
    (likes_all(), (0.075, 0.096, 0.83, 0.0), 0.015),
    (bikes_east()[0], (0.49, 0.51, 0.0, 0.0), 0.015),
    (np.array([bikes_east(True)[1]]), (0.992,), 0.004),
)


@pytest.mark.parametrize(("exact", "reference", "within"), REFERENCE)
def test_sums_come_out_at_the_reference(exact, reference, within):
    np.testing.assert_allclose(exact, reference, atol=within)


A = (
    "(condition (> (liking 'alex 'sushi) 10))",
    "(condition (> (liking 'alex 'vegetarian) 0))",
    "(condition (< (liking 'alex 'pizza) -10))",
)
B = (
    "(condition (all (lambda (x) (> (liking 'alex x) 0)) places))",
    "(condition (all (lambda (x) (open? x)) places))",
    "(condition (not (has-bike? 'alex)))",
)
C = ("(condition (bikes? 'alex 'northern 'east))",)
GOALS = (*PLACES, "office")
TOLD = {
    "A": (A, loves_sushi()),
    "A, sushi closed": ((*A, "(condition (not (open? 'sushi)))"), loves_sushi(False)),
    "B": (B, likes_all()),
    "C": (C, bikes_east()[0]),
}


def told(*statements):
    """The lunch world in which statements hold, Alex knowing what is open."""
    world = load("lunch").tell(KNOWS)
    for statement in statements:
        world = world.tell(statement)
    return world


def chances(answer, names=GOALS):
    """Probabilities of names, and their standard errors."""
    rows = {str(row.python): row for row in answer.table}
    p = np.array([rows[n].probability if n in rows else 0.0 for n in names])
    return p, np.sqrt(np.maximum(p * (1 - p), 1e-4) / answer.effective_size)


@pytest.mark.parametrize("name", TOLD)
def test_worlds_agree_with_sums(name):
    statements, exact = TOLD[name]
    question = told(*statements).ask("(query (destination 'alex))")
    found, error = chances(Importance(16_000).infer(KEY, question))
    assert (np.abs(found - exact) < SURE * error).all(), (found, exact, error)


def test_worlds_agree_with_sums_about_what_is_open():
    world = told(*C, "(condition (> (liking 'alex 'pizza) 10))")
    answer = Importance(30_000).infer(KEY, world.ask("(query (open? 'pizza))"))
    closed = answer.probability(False)
    exact = bikes_east(True)[1]
    error = np.sqrt(exact * (1 - exact) / answer.effective_size)
    assert abs(closed.value - exact) < SURE * error


def lunch(beliefs, liking, is_open, bike=True, worlds=1):
    """One lunch break, the same in some worlds."""
    rows = [jnp.tile(jnp.asarray(x)[:, None], (1, worlds)) for x in (beliefs, liking, is_open)]
    return lunch_break(*rows, jnp.full(worlds, bike), jnp.full(worlds, 0.5))


def cells_of(made):
    return np.asarray(made.codes)[:, 0] // MOVES


def test_a_false_belief_leads_to_a_closed_place_and_on_from_there():
    made = lunch([0.95, 0.9, 0.0], [10.0, 9.0, -10.0], [False, True, False])
    assert int(made.goal[0]) == SUSHI
    assert int(made.eats[0]) == VEGETARIAN
    assert CAMPUS.at("sushi") in cells_of(made)
    assert cells_of(made)[-1] == CAMPUS.at("vegetarian")


def test_who_finds_everything_closed_eats_nowhere():
    made = lunch([0.95, 0.9, 0.9], [10.0, 9.0, 8.0], [False, False, False])
    assert int(made.eats[0]) == NOWHERE
    assert int(made.goal[0]) == SUSHI
    assert {CAMPUS.at(place) for place in PLACES} <= set(cells_of(made))  # tries one after another


def test_who_holds_nothing_open_stays_in():
    made = lunch([0.1, 0.2, 0.1], [10.0, 10.0, 10.0], [True, True, True])
    assert int(made.goal[0]) == int(made.eats[0]) == NOWHERE
    assert set(cells_of(made)) == {CAMPUS.at("office")}


def test_many_worlds_are_planned_as_few_are():
    keys = jax.random.split(KEY, 5)
    worlds = 5000  # two tiles, the second not full
    beliefs = jax.random.uniform(keys[0], (3, worlds))
    liking = 10 * jax.random.rademacher(keys[1], (3, worlds), jnp.float32)
    is_open = jax.random.bernoulli(keys[2], 0.5, (3, worlds))
    bike, luck = (
        jax.random.bernoulli(keys[3], 0.5, (worlds,)),
        jax.random.uniform(keys[4], (worlds,)),
    )
    whole = lunch_break(beliefs, liking, is_open, bike, luck)
    last = [x[..., -100:] for x in (beliefs, liking, is_open, bike, luck)]
    part = lunch_break(*last)
    np.testing.assert_array_equal(whole.codes[:, -100:], part.codes)
    np.testing.assert_array_equal(whole.goal[-100:], part.goal)


def test_a_watcher_judges_by_bayes_rule():
    """Against counts: likings, what is open and what is believed are drawn, and plans are walked."""
    worlds, credence = 30_000, np.array([0.7, 0.2, 0.5])
    keys = jax.random.split(KEY, 8)
    likes = jax.random.bernoulli(keys[0], 0.5, (3, worlds))
    liking = jnp.where(likes, 10.0, -10.0) + jax.random.normal(keys[1], (3, worlds))
    is_open = jax.random.uniform(keys[2], (3, worlds)) < credence[:, None]
    informed = jax.random.bernoulli(keys[3], INFORMED, (worlds,))
    imagined = jax.random.bernoulli(keys[4], 0.5, (3, worlds))
    beliefs = jnp.where(informed, is_open, imagined).astype(jnp.float32)
    bike = jax.random.bernoulli(keys[5], 0.5, (worlds,))
    made = lunch_break(beliefs, liking, is_open, bike, jax.random.uniform(keys[6], (worlds,)))
    for goal in range(4):
        for has_bike in (False, True):
            seen = np.asarray(made.goal) == goal
            if goal != NOWHERE:
                seen &= np.asarray(bike) == has_bike
            counted = np.asarray(likes)[:, seen].mean(1)
            judged = judge_likings(
                jnp.asarray(credence, jnp.float32)[:, None],
                jnp.array([float(goal)]),
                jnp.array([has_bike]),
            )[:, 0]
            error = np.sqrt(np.maximum(judged * (1 - judged), 1e-4) / seen.sum())
            assert (np.abs(counted - judged) < SURE * error).all(), (goal, has_bike)


def test_chances_of_goals_are_those_of_plans():
    worlds = 40_000
    liking = 10 + jax.random.normal(KEY, (3, worlds))
    is_open = jnp.tile(jnp.array([[True], [True], [False]]), (1, worlds))
    bike = jnp.zeros(worlds, bool)
    made = lunch_break(is_open.astype(jnp.float32), liking, is_open, bike, jnp.full(worlds, 0.5))
    counted = np.bincount(np.asarray(made.goal), minlength=4) / worlds
    exact = goal_chances([Law(True)] * 3, [True, True, False], False)
    assert (np.abs(counted - exact) < SURE * np.sqrt(0.25 / worlds)).all()


def test_who_saw_someone_go_takes_the_place_to_be_open():
    world = load("lunch").tell("(condition (not (informed? 'bob)))")
    world = world.tell("(condition (not (saw? 'alex 'bob)))")
    world = world.tell("(condition (goes-to? 'alex 'pizza))")
    saw = world.tell("(condition (saw? 'bob 'alex))")
    blind = world.tell("(condition (not (saw? 'bob 'alex)))")
    sure, unsure = (
        Importance(20_000).infer(KEY, w.ask("(query (thinks-open 'bob 'pizza))")).mean
        for w in (saw, blind)
    )
    assert sure.value == 1
    assert abs(unsure.value - 0.5) < SURE * unsure.standard_error
    goes, stays = (
        Importance(20_000).infer(KEY, w.ask("(query (goes-to? 'bob 'pizza))")).probability(True)
        for w in (saw, blind)
    )
    assert goes.value > stays.value + SURE * (goes.standard_error + stays.standard_error)


@pytest.mark.parametrize(
    ("walk", "said"),
    [
        ([(1, 0), (1, 1), (1, 2), (1, 3)], "wall: in row 1, column 2 stands the library"),
        ([(2, 0), (2, -1)], "leaves the map: there is no row 2, column -1"),
        ([(2, 0), (2, 2)], "step 1 of the walk leads from row 2, column 0 to row 2, column 2"),
        ([(2, 0), (2, 1), (2, 1)], "step 2"),
        ([(2, 0)], "two cells at least"),
    ],
)
def test_a_walk_that_cannot_be_is_refused(walk, said):
    world = load("lunch")
    with pytest.raises(WalkError, match=said):
        saw_walk(world, "alex", walk)
    assert world.told == ()


def test_a_walk_that_was_seen_is_evidence():
    world = saw_walk(told(), "alex", [(2, 0), (2, 1), (2, 2), (2, 3), (2, 4), (1, 4)], by_bike=True)
    answer = Importance(20_000).infer(KEY, world.ask("(query (destination 'alex))"))
    assert [row.python for row in answer.table] == ["sushi"]
    assert codes([(2, 0), (2, 1)], True)[0] - codes([(2, 0), (2, 1)], False)[0] == 4


@cache
def examples():
    text = files("models.worlds").joinpath("lunch", "sentences.tsv").read_text("utf-8")
    return tuple(line.split("\t")[1] for line in text.splitlines())


@pytest.mark.parametrize("expression", examples())
def test_an_example_sentence_runs(expression):
    world = load("lunch")
    if expression.startswith("(query"):
        answer = Importance(2000).infer(KEY, world.ask(expression))
    else:
        answer = Importance(2000).infer(KEY, world.tell(expression).ask("(query (open? 'pizza))"))
    assert answer.effective_size > 10


def test_what_cannot_be_is_said_and_changes_nothing(monkeypatch):
    monkeypatch.setattr("models.conversation.conflict.FIRST", 2000)
    monkeypatch.setattr("models.conversation.conflict.SECOND", 4000)
    fragments = {"(condition (walks? 'alex 'northern 'north))": 1.0}
    world = load("lunch")
    meaning = Meaning(
        ScriptedModel(fragments), world.vocabulary, MeaningOptions(smc=SmcOptions(particles=4))
    )
    talk = Conversation(world, meaning, KEY, Importance(2000))
    with pytest.raises(
        ImpossibleEvidence, match=r"`Alex walks north on the northern street.` cannot"
    ):
        talk.say("Alex walks north on the northern street.")
    assert talk.turns == [] and talk.world is world


def test_places_that_are_not_there_are_refused():
    with pytest.raises(PlotError, match="thai"):
        load("lunch").tell("(condition (open? 'thai))")
    with pytest.raises(FormError, match="takes no new ones"):
        load("lunch").mention("place", ("thai",))
