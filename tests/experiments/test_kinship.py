"""The kinship experiment and its pictures, at a small size, and conversations about a family that go wrong."""

import json

import jax
import pytest

from inference import Auto, Exact, Importance
from models.conversation import BestReading, Conversation
from models.meaning.translate import Meaning
from models.worlds import load, picture_of
from models.worlds.kinship.trees import QUESTION, Household, trees
from plot.errors import ImpossibleEvidence, PlotError
from tests.models.meaning.scripted import ScriptedModel

KEY = jax.random.key(0)
NAMES = ("avery", "blake", "charlie", "dana")
FATHER = "(condition (father 'charlie 'avery))"
# One family is left: Charlie and a partner, Avery their only child, who has nobody; Blake and Dana elsewhere.
PINNED = """(condition (and (mother 'blake 'avery) (father 'charlie 'avery) (child 'dana 'avery)
  (= family-size 5) (= (generation 'charlie) 1)))"""


def talk(fragment: str, world=None) -> Conversation:
    world = world or load("kinship")
    meaning = Meaning(ScriptedModel({fragment: 1.0}), world.vocabulary)
    return Conversation(world, meaning, KEY, Auto(worlds=2_000), BestReading(), name="kinship")


@pytest.mark.parametrize(
    ("told", "contrary", "sentence"),
    [
        (FATHER, "(condition (mother 'charlie 'avery))", "Charlie is Avery's mother."),
        (FATHER, "(condition (child 'charlie 'avery))", "Charlie is Avery's child."),
        (FATHER, "(condition (cousin 'charlie 'avery))", "Charlie is Avery's cousin."),
    ],
)
def test_a_contradiction_names_the_sentences_and_changes_nothing(told, contrary, sentence):
    world = load("kinship")
    model = ScriptedModel({told: 1.0})
    conversation = Conversation(
        world, Meaning(model, world.vocabulary), KEY, Auto(worlds=2_000), BestReading()
    )
    conversation.say("Charlie is Avery's father.")
    model.fragments = ScriptedModel({contrary: 1.0}).fragments
    with pytest.raises(ImpossibleEvidence) as error:
        conversation.say(sentence)
    assert sentence in str(error.value) and "Charlie is Avery's father." in str(error.value)
    assert conversation.world.told == (told,) and len(conversation.turns) == 1


def test_people_who_are_not_in_the_family_are_refused():
    conversation = talk(FATHER)
    with pytest.raises(PlotError, match="edgar"):
        conversation.say("Edgar is Avery's father.")
    assert conversation.turns == []


def test_the_only_family_that_is_left_is_drawn():
    world = load("kinship").tell(PINNED)
    (tree,) = trees(Exact(most_states=3_000_000).infer(KEY, world.ask(QUESTION)), NAMES)
    assert tree.eldest == Household("blake", "charlie", (Household("avery", "", (Household("dana"),)),))  # fmt: skip
    assert tree.probability == pytest.approx(1) and tree.standard_error == 0
    assert tree.women["blake"] == 1 and tree.women["charlie"] == 0
    assert tree.women["dana"] == pytest.approx(0.5)


def test_sampled_families_have_their_exact_probabilities():
    world = load("kinship").tell("(condition (and (mother 'blake 'avery) (= family-size 5)))")
    asked = world.ask(QUESTION)
    exact = trees(Exact(most_states=3_000_000).infer(KEY, asked), NAMES)
    assert sum(tree.probability for tree in exact) == pytest.approx(1)
    posterior = Importance(100_000).infer(KEY, asked)
    sampled = {tree.eldest: tree for tree in trees(posterior, NAMES)}
    worlds = posterior.effective_size
    often = [tree for tree in exact if tree.probability * worlds >= 20]
    assert len(often) >= 5
    for tree in often:
        error = (tree.probability * (1 - tree.probability) / worlds) ** 0.5
        found = sampled[tree.eldest]
        assert abs(found.probability - tree.probability) < 4.5 * error
        assert found.standard_error == pytest.approx(error, rel=0.5)
    assert set(sampled) <= {tree.eldest for tree in exact}
    likeliest = max(sampled.values(), key=lambda tree: tree.probability)
    assert likeliest.eldest in {tree.eldest for tree in exact[:3]}


def test_a_picture_says_what_it_shows():
    figure = picture_of("kinship")(load("kinship"), KEY, worlds=5_000)
    assert "most probable families" in figure._suptitle.get_text()  # type: ignore[union-attr]
    titles = [axes.get_title() for axes in figure.axes if axes.get_visible()]
    assert len(titles) == 6 and all("%" in title for title in titles)


@pytest.mark.slow
def test_the_experiment(tmp_path):
    from experiments.kinship import ANSWERS, ROUNDS, figure_name, main

    assert main(["--out", str(tmp_path), "--worlds", "20000", "--json"]) == 0
    figures = json.loads((tmp_path / "result.json").read_text())["figures"]
    for one in ROUNDS:
        for name in ANSWERS:
            found = figures[figure_name(one, name)]
            assert found["exact"] == pytest.approx(found["reference_by_plain_sums"], abs=5.1e-4)
            assert abs(found["standard_errors_apart"]) < 4.5
