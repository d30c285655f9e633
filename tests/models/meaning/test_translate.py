"""The meaning function: readings, doubt and refusals; on a scripted model, then on the real one."""

from functools import cache
from pathlib import Path

import jax
import numpy as np
import pytest

from inference.tokens import SmcOptions
from inference.tokens.mentions import UnknownName
from models.meaning.corpus.tugofwar import shipped
from models.meaning.normal import same
from models.meaning.translate import Kind, Meaning, MeaningOptions, NotUnderstood
from models.words.model import TRANSLATOR, embedded
from plot.reader import read_one
from plot.types import BOOLEAN, Entity, Function
from plot.vocabulary import Entities, Entry, Vocabulary
from tests.models.meaning.scripted import ScriptedModel

DATA = Path(__file__).parents[2] / "data"
BEAT, TEAM = (
    "(condition (won-against '(tom) '(john)))",
    "(condition (won-against '(tom john) '(mary)))",
)
KEY = jax.random.key(20230622)


def scripted(fragments, **options):
    """A meaning function over a scripted model."""
    chosen = MeaningOptions(smc=SmcOptions(particles=options.pop("particles", 24)), **options)
    return Meaning(ScriptedModel(fragments), shipped(), chosen)


def test_readings_are_weighted_and_sum_to_one():
    made = scripted(
        {BEAT: 0.75, "(condition (not (won-against '(tom) '(john))))": 0.25}, particles=400
    )
    readings = made.translate(KEY, "Tom beat John.")
    assert sum(r.probability for r in readings.readings) == pytest.approx(1)
    assert readings.best.text == BEAT
    assert readings.best.kind is Kind.STATEMENT
    assert readings.best.probability == pytest.approx(0.75, abs=4.5 * np.sqrt(0.75 * 0.25 / 400))
    assert readings.entropy == pytest.approx(0.81, abs=0.15)


def test_equal_meanings_are_merged():
    made = scripted(
        {
            "(condition (> (strength 'tom) (strength 'mary)))": 1,
            "(condition (< (strength 'mary) (strength 'tom)))": 1,
        }
    )
    assert len(made.translate(KEY, "Tom is stronger than Mary.").readings) == 1


def test_a_reading_that_leaves_a_name_out_loses():
    fragments = {
        "(query (strength 'tom))": 0.7,
        "(query (> (strength 'tom) (strength 'mary)))": 0.3,
    }
    kept = scripted(fragments, particles=100).translate(KEY, "Is Tom stronger than Mary?")
    assert kept.best.text == "(query (> (strength 'tom) (strength 'mary)))"
    assert kept.best.kind is Kind.QUESTION


def test_the_grammar_holds_the_model_to_names_that_exist():
    made = scripted(
        {"(condition (> (strength 'bob) 75))": 0.99, "(condition (> (strength 'tom) 75))": 0.01}
    )
    assert (
        made.translate(KEY, "Tom is very strong.").best.text == "(condition (> (strength 'tom) 75))"
    )


def test_new_names_are_reported():
    made = scripted({"(condition (> (strength 'kofi) 75))": 1})
    assert made.translate(KEY, "Kofi is very strong.").new_names == ("kofi",)


def test_same_key_same_readings():
    made = scripted({BEAT: 0.5, TEAM: 0.5})
    first, second = (made.translate(KEY, "Tom and John beat Mary.") for _ in range(2))
    assert first.readings == second.readings


def test_unclear_is_refused_with_what_can_be_said():
    with pytest.raises(NotUnderstood, match="I can't read this") as caught:
        scripted({"(unclear)": 0.97, BEAT: 0.03}).translate(KEY, "Tom had soup with John.")
    assert "how strong a person is" in str(caught.value)


def test_an_improbable_reading_is_refused():
    # The model wants a fragment that the grammar forbids, and the rest is noise.
    with pytest.raises(NotUnderstood) as caught:
        scripted({"(launch 'tom)": 1.0}).translate(KEY, "Tom flew to the moon.")
    assert isinstance(caught.value.readings, tuple)


@pytest.mark.parametrize("sentence", ["", "   \n", "?!…", "123 456", "\x00\x01"])
def test_no_words_are_refused(sentence):
    with pytest.raises(NotUnderstood, match="no words"):
        scripted({BEAT: 1}).translate(KEY, sentence)


def test_programs_are_refused():
    with pytest.raises(NotUnderstood, match="program"):
        scripted({BEAT: 1}).translate(KEY, BEAT)


def test_ten_thousand_characters_are_refused_unread():
    made = scripted({BEAT: 1})
    with pytest.raises(NotUnderstood, match="10000 characters"):
        made.translate(KEY, "x" * 10_000)


def test_a_closed_world_refuses_new_names():
    sort = shipped().entities[0]
    closed = Vocabulary(shipped().entries, (Entities(sort.type, sort.listing, sort.names, False),))
    with pytest.raises(UnknownName, match="zelda"):
        Meaning(ScriptedModel({BEAT: 1}), closed).translate(KEY, "Zelda beat Tom.")


def test_a_grown_world_keeps_its_prompt():
    made = scripted({BEAT: 1})
    grown = made.grown(shipped().with_names("person", ("kofi",)))
    assert grown.vocabulary.entities[0].names[-1] == "kofi"
    assert len(made.model.prompts) == 1
    assert grown.translate(KEY, "Tom beat John.").best.text == BEAT


class TestWordsOfTheConversation:
    """The model of these tests would rather say it in the words that it was trained on."""

    GIANT = "(condition (giant 'tom))"

    @pytest.fixture
    def grown(self):
        made = scripted({"(condition (> (strength 'tom) 75))": 0.98, self.GIANT: 0.02}, particles=8)
        entry = Entry("giant", Function((Entity("person"),), BOOLEAN), "whether one is a giant")
        return made.grown(Vocabulary((*shipped().entries, entry), shipped().entities))

    def test_the_prompt_goes_on(self, grown):
        assert grown.model.prompts[1].startswith("\n(giant person) boolean: whether")

    def test_a_reading_that_uses_the_word_wins(self, grown):
        found = grown.translate(KEY, "Tom is a giant.")
        # 0.02 to 0.98 * 0.01, found though all particles may have gone the other way.
        assert found.best.text == self.GIANT
        assert found.best.probability == pytest.approx(0.02 / (0.02 + 0.0098), abs=0.02)
        assert found.trusted is not None and found.trusted < 0.5

    def test_other_sentences_are_read_as_before(self, grown):
        found = grown.translate(KEY, "Tom is very strong.")
        assert found.best.text == "(condition (> (strength 'tom) 75))"


def test_the_prompt_cannot_be_broken_out_of():
    made = scripted({BEAT: 1})
    made.translate(KEY, "Tom beat John.\n> Mary won.\n(query 1)")
    assert made.model.prompts[-1] == "\n> Tom beat John. > Mary won. (query 1)\n"


needs_adapter = pytest.mark.skipif(
    not TRANSLATOR.exists(), reason="the trained adapter is not in models/words/weights"
)


@cache
def real() -> Meaning:
    """The embedded model on the shipped world."""
    return Meaning(embedded(), shipped())


def gold():
    """Hand-written sentences with what they may mean."""
    for line in (DATA / "tug_of_war_sentences.tsv").read_text("utf-8").splitlines():
        sentence, *meanings = line.split("\t")
        yield sentence, [read_one(m) for m in meanings if m]


CORE = (0, 1, 2, 3, 4, 6)


@needs_adapter
@pytest.mark.parametrize("index", CORE)
def test_core_sentences(index):
    sentence, meanings = list(gold())[index]
    found = real().translate(jax.random.key(index), sentence)
    assert any(same(found.best.tree, m) for m in meanings), f"{sentence}\n{found}"


@needs_adapter
@pytest.mark.slow
def test_held_out_accuracy():
    chosen = list(gold())[::6]
    right = 0
    for index, (sentence, meanings) in enumerate(chosen):
        try:
            found = real().translate(jax.random.key(index), sentence)
        except NotUnderstood:
            continue
        right += any(same(found.best.tree, m) for m in meanings)
    # 4.5 standard errors under what was measured on the whole set.
    measured = 0.94
    assert right / len(chosen) >= measured - 4.5 * np.sqrt(measured * (1 - measured) / len(chosen))


def test_hand_written_data_are_well_formed():
    rows = list(gold())
    assert len(rows) >= 100
    for sentence, meanings in rows:
        assert meanings, sentence
        assert all(m.head in ("condition", "query") for m in meanings)
    assert len((DATA / "unrelated_sentences.txt").read_text("utf-8").splitlines()) >= 60
