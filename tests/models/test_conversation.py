"""Conversations: doubt that is kept, sentences that are refused, and going back."""

import jax
import pytest

from inference import Exact, Importance, Sequential
from models.conversation import (
    BestReading,
    Conversation,
    ConversationFileError,
    Mixture,
    NotSure,
    believe,
    open_talk,
)
from models.conversation import (
    load as load_talk,
)
from models.conversation.why import distance
from models.meaning.possible import PossibleWorlds
from models.meaning.pragmatics import Pragmatic
from models.meaning.translate import Kind, Meaning, NotUnderstood, Reading, Readings
from models.worlds import load
from plot.errors import ImpossibleEvidence, PlotError
from plot.reader import read_one
from plot.world import World
from tests.models.meaning.scripted import ScriptedModel

KEY = jax.random.key(0)
COINS = World.from_source("(define a (flip 0.5)) (define b (flip 0.2))")


def reading(text: str, probability: float) -> Reading:
    return Reading(Kind.STATEMENT, read_one(text), text, probability)


def share(world: World, question: str):
    return (
        Importance(worlds=100_000).infer(jax.random.key(0), world.ask(question)).probability(True)
    )


class TestBelieving:
    def test_one_reading_is_told_as_it_stands(self):
        assert believe(COINS, [reading("(condition a)", 1.0)])[0].told == ("(condition a)",)

    def test_several_readings_are_a_mixture_weighted_by_how_well_each_fits(self):
        world, _ = believe(COINS, [reading("(condition a)", 0.6), reading("(condition b)", 0.4)])
        # P(a | told) = (0.6 + 0.4 * 0.2) 0.5 / (0.6 * 0.5 + 0.4 * 0.2)
        wanted = (0.6 + 0.4 * 0.2) * 0.5 / (0.6 * 0.5 + 0.4 * 0.2)
        got = share(world, "a")
        assert abs(got.value - wanted) < 5 * got.standard_error

    def test_a_reading_that_cannot_be_true_leaves_the_others(self):
        world, _ = believe(
            COINS, [reading("(condition (and a (not a)))", 0.9), reading("(condition b)", 0.1)]
        )
        assert share(world, "b").value == 1

    def test_an_exact_value_is_not_weighed_against_a_range(self):
        world = World.from_source("(define x (gaussian 0 1))")
        readings = [reading("(condition (= x 2))", 0.7), reading("(condition (> x 0))", 0.3)]
        after, used = believe(world, readings)
        assert used == (readings[0],) and after.told == ("(condition (= x 2))",)

    def test_the_policies_choose(self):
        readings = [
            reading("(condition a)", 0.7),
            reading("(condition b)", 0.28),
            reading("(condition #t)", 0.02),
        ]
        assert len(BestReading().choose(readings)) == 1
        assert len(Mixture(floor=0.05).choose(readings)) == 2
        assert len(Mixture(floor=0.9).choose(readings)) == 1


@pytest.fixture
def talk(meaning):
    engine = Importance(worlds=50_000)
    return Conversation(load("tug_of_war"), meaning, jax.random.key(0), engine)


class TestConversation:
    def test_a_conversation_in_english(self, talk):
        talk.say("Tom beat John.")
        turn = talk.say("How strong is Tom?")
        assert talk.world.told == ("(condition (won-against '(tom) '(john)))",)
        assert turn.posterior is not None and 53 < turn.posterior.mean.value < 62
        assert turn.sureness > 0.5

    def test_what_cannot_be_read_costs_nothing(self, talk):
        talk.say("Tom beat John.")
        for sentence in (
            "",
            "   ",
            "?!…",
            "x" * 10_000,
            "The weather is nice today.",
            "Das Wetter ist heute schön.",
        ):
            with pytest.raises(NotUnderstood):
                talk.say(sentence)
        assert len(talk.turns) == 1 and len(talk.world.told) == 1
        assert talk.say("Is Tom stronger than John?").posterior is not None

    def test_a_contradiction_names_the_sentence_and_costs_nothing(self, talk):
        talk.say("Tom is stronger than John.")
        with pytest.raises(ImpossibleEvidence, match=r"John is stronger than Tom.*cannot be true"):
            talk.say("John is stronger than Tom.")
        assert len(talk.turns) == 1
        assert talk.say("Is Tom stronger than John?").posterior.probability(True).value == 1

    def test_going_back(self, talk):
        talk.say("Tom beat John.")
        before = talk.world
        talk.say("Sue beat Tom.")
        assert talk.undo().sentence == "Sue beat Tom."
        assert talk.world is before
        talk.undo()
        assert talk.undo() is None

    def test_new_names_are_welcome_in_this_world(self, talk):
        talk.say("Priya beat Tom.")
        assert "priya" in talk.world.vocabulary.entities[0].names

    def test_the_same_seed_gives_the_same_conversation(self, meaning):
        said = []
        for _ in range(2):
            talk = Conversation(
                load("tug_of_war"), meaning, jax.random.key(5), Importance(worlds=20_000)
            )
            talk.say("Mary lost to Sue.")
            said.append(str(talk.say("How strong is Sue?").posterior.mean))
        assert said[0] == said[1]


def test_a_world_without_open_names_says_so():
    with pytest.raises(PlotError, match="takes no new ones"):
        World.from_source("(entities person people (tom))").mention("person", ("ann",))


def readings(*texts: str) -> Readings:
    """What a language model would have read, the first twice as probable as each of the others."""
    shares = [2.0] + [1.0] * (len(texts) - 1)
    kinds = [Kind.QUESTION if t.startswith("(query") else Kind.STATEMENT for t in texts]
    found = tuple(
        Reading(k, read_one(t), t, s / sum(shares))
        for k, t, s in zip(kinds, texts, shares, strict=True)
    )
    return Readings("a sentence", found, 0.0, 0.0, 0.0)


@pytest.fixture
def coins(meaning):
    return Conversation(COINS, meaning, jax.random.key(0), Exact())


class TestSayingOtherwise:
    def test_another_reading_is_picked_and_the_rest_is_said_again(self, coins):
        coins.read_as("a or b", readings("(condition a)", "(condition b)"))
        coins.read_as("a?", readings("(query a)"))
        mixed = coins.turns[1].posterior.probability(True).value
        assert mixed == pytest.approx((2 / 3 + 0.2 / 3) * 0.5 / (2 / 3 * 0.5 + 0.2 / 3))
        assert coins.pick(2, turn=0).used[0].text == "(condition b)"
        assert coins.turns[1].posterior.probability(True).value == pytest.approx(0.5)
        assert coins.world.told == ("(condition b)",)

    def test_a_reading_that_contradicts_the_rest_leaves_the_conversation_as_it_was(self, coins):
        coins.read_as("not a", readings("(condition (not a))"))
        coins.read_as("a or b", readings("(condition b)", "(condition a)"))
        before = list(coins.turns), coins.world
        with pytest.raises(ImpossibleEvidence):
            coins.pick(2)
        assert (list(coins.turns), coins.world) == before

    def test_a_reading_that_is_not_there(self, coins):
        coins.read_as("a?", readings("(query a)"))
        with pytest.raises(IndexError, match="has 1 readings, and number 2"):
            coins.pick(2)

    def test_it_asks_back_where_nothing_is_sure(self, meaning):
        talk = Conversation(
            load("tug_of_war"), meaning, jax.random.key(0), Importance(2000), least_sure=1.01
        )
        with pytest.raises(NotSure, match=r"1\. .*won-against") as error:
            talk.say("Tom beat John.")
        assert error.value.readings and not talk.turns
        assert talk.say("Tom beat John.", reading=1).used[0] == error.value.readings[0]


class TestWords:
    """Words that a conversation gives a meaning to."""

    @pytest.fixture
    def giants(self, meaning):
        talk = Conversation(
            load("tug_of_war"), meaning, jax.random.key(3), Importance(20_000), name="tug_of_war"
        )
        talk.say("Call someone a giant if they are stronger than 80.")
        return talk

    def test_a_word_is_used_in_what_follows(self, giants):
        assert giants.turns[0].used[0].text == "(define (giant x) (> (strength x) 80))"
        assert giants.turns[0].defines is not None and giants.statements == []
        asked = giants.say("Is Tom a giant?")
        assert asked.used[0].text == "(query (giant 'tom))"
        giants.say("Mary is a giant.")
        assert giants.say("How strong is Mary?").posterior.quantile(0.001) > 80
        assert giants.speaker.say("(condition (giant 'tom))") == "Tom is a giant."
        assert "giant where" in giants.speaker.say(giants.turns[0].used[0].tree)

    def test_it_is_taken_back_with_all_that_it_brought(self, giants):
        giants.undo()
        assert giants.world.vocabulary.type_of("giant") is None
        assert giants.meaning.vocabulary.type_of("giant") is None
        giants.say("Call someone a giant if they are stronger than 90.")

    def test_it_is_kept_when_statements_are_left_out(self, giants):
        giants.read_as("Mary is a giant", readings("(condition (giant 'mary))"))
        giants.read_as("Tom is one", readings("(condition (giant 'tom))"))
        giants.read_as("how strong?", readings("(query (strength 'mary))"))
        why = giants.why()
        assert why.influences[0].sentence == "Mary is a giant"
        with pytest.raises(ImpossibleEvidence, match="`Tom is one`"):
            giants.read_as("Tom is none", readings("(condition (< (strength 'tom) 70))"))

    def test_it_is_saved_and_loaded(self, giants, tmp_path):
        giants.read_as("Mary is a giant", readings("(condition (giant 'mary))"))
        giants.save(tmp_path / "a.talk")
        again = load_talk(tmp_path / "a.talk", engine=Importance(2000))
        assert again.turns[0].defines == giants.turns[0].defines
        assert again.world.vocabulary == giants.world.vocabulary
        assert again.world.told == giants.world.told

    def test_a_belief_that_is_carried_knows_it(self, meaning):
        talk = Conversation(load("tug_of_war"), meaning, jax.random.key(3), Sequential(worlds=1000))
        talk.say("Call someone a giant if they are stronger than 80.")
        talk.read_as("Mary is a giant", readings("(condition (giant 'mary))"))
        answer = talk.read_as("?", readings("(query (giant 'mary))")).posterior
        assert answer.probability(True).value == 1

    def test_a_word_is_defined_once(self, giants):
        with pytest.raises(PlotError, match="has a meaning in this world already"):
            giants.say("Call someone a giant if they are weaker than 20.")
        assert len(giants.turns) == 1


class TestContext:
    def test_what_is_left_out_is_filled_in(self, talk):
        talk.say("Tom beat John.")
        assert talk.say("So did Mary.").used[0].text == "(condition (won-against '(mary) '(john)))"
        talk.say("How strong is Tom?")
        turn = talk.say("And Mary?")
        assert turn.used[0].text == "(query (strength 'mary))"
        assert turn.sentence == "And Mary?" and turn.readings.sentence == "How strong is Mary?"


class TestOptions:
    def test_who_says_or_could_have_said_and(self, meaning):
        talk = Conversation(COINS, meaning, KEY, Exact(), pragmatic=Pragmatic(1, 0))
        talk.read_as("a or b", readings("(condition (or a b))"))
        both = talk.read_as("both?", readings("(query (and a b))")).posterior.probability(True)
        # P(or) = 0.6, P(and) = 0.1: with both, `or` is said with (1/0.6) / (1/0.6 + 1/0.1) = 1/7.
        # The two are known from 20,000 worlds, the second to 2 %.
        assert both.value == pytest.approx((0.1 / 7) / (0.5 + 0.1 / 7), rel=0.08)
        assert talk.why().influences[0].without.probability(True).value == pytest.approx(0.1)

    def test_a_reading_that_is_ruled_out_gives_way_before_it_contradicts(self):
        world = World.from_source(
            '(define a (flip 0.5)) (define b (flip 0.5)) (declare a boolean "a") (declare b boolean "b")'
        )
        model = ScriptedModel({"(condition a)": 0.8, "(condition b)": 0.2})
        for possible, told in ((None, "(condition a)"), (PossibleWorlds(), "(condition b)")):
            talk = Conversation(
                world,
                Meaning(model, world.vocabulary),
                KEY,
                Exact(),
                BestReading(),
                possible=possible,
            )
            talk.read_as("not a", readings("(condition (not a))"))
            if possible is None:
                with pytest.raises(ImpossibleEvidence):
                    talk.say("It is so.")
            else:
                assert talk.say("It is so.").used[0].text == told

    def test_what_was_picked_is_marked_and_stays_so(self, coins, tmp_path):
        coins.read_as("a or b", readings("(condition a)", "(condition b)"))
        assert not coins.turns[0].picked
        coins.pick(2, turn=0)
        coins.read_as("a?", readings("(query a)"))
        coins.pick(1, turn=1)
        assert [t.picked for t in coins.turns] == [True, True]

    def test_confidence_counts_in_that_no_reading_may_be_right(self, meaning):
        found = meaning.translate(KEY, "Tom beat John.")
        assert found.mass is not None and found.trusted is not None
        assert found.confidence == found.best.probability * found.trusted <= found.trusted < 1


class TestWhy:
    def test_the_sentence_that_matters_most_comes_first(self, coins):
        coins.read_as("one of them", readings("(condition (or a b))"))
        coins.read_as("anything", readings("(condition (or a (not a)))"))
        coins.read_as("b", readings("(condition b)"))
        coins.read_as("b?", readings("(query b)"))
        found = coins.why()
        assert found.influences[0].sentence == "b"
        # P(b | a or b) = 0.2 / 0.6
        assert found.influences[0].distance == pytest.approx(1 - 0.2 / 0.6)
        assert [i.distance for i in found.influences[1:]] == pytest.approx([0, 0])
        assert "<table>" in found._repr_html_() and str(found).count("without it") == 3

    def test_no_question_no_reason(self, coins):
        with pytest.raises(PlotError, match="no question"):
            coins.why()

    def test_two_answers_to_one_question_differ_by_about_their_noise(self):
        world = World.from_source("(define x (gaussian 0 1))")
        pairs = [
            [Importance(2000).infer(jax.random.key(2 * i + j), world.ask("x")) for j in (0, 1)]
            for i in range(20)
        ]
        ratios = [moved / noise for moved, noise in (distance(a, b) for a, b in pairs)]
        # The mean of 20 bins of 20 pairs: its standard error is about 0.04.
        assert 0.8 < sum(ratios) / 20 < 1.2
        shifted = World.from_source("(define x (gaussian 0.5 1))")
        moved, noise = distance(
            pairs[0][0], Importance(2000).infer(jax.random.key(99), shifted.ask("x"))
        )
        assert moved > 4 * noise


class TestContradictions:
    def test_the_one_sentence_in_the_way_is_named(self, coins):
        coins.read_as("b is so", readings("(condition b)"))
        coins.read_as("a is so", readings("(condition a)"))
        with pytest.raises(ImpossibleEvidence, match="together with `a is so`:"):
            coins.read_as("a is not so", readings("(condition (not a))"))
        assert len(coins.turns) == 2

    def test_two_that_contradict_a_third_together_are_named(self, coins):
        coins.read_as("both or none", readings("(condition (eq? a b))"))
        coins.read_as("a is so", readings("(condition a)"))
        with pytest.raises(ImpossibleEvidence, match="`both or none` and `a is so`"):
            coins.read_as("b is not so", readings("(condition (not b))"))

    def test_rare_evidence_is_not_taken_for_a_contradiction(self, meaning):
        rare = World.from_source("(define x (uniform 0 1)) (define y (uniform 0 1))")
        talk = Conversation(rare, meaning, jax.random.key(0))
        talk.read_as("y is tiny", readings("(condition (< y 1e-3))"))
        talk.read_as("x is tiny", readings("(condition (< x 1e-6))"))
        assert len(talk.turns) == 2


class TestCarrying:
    def test_a_belief_is_carried_along_and_agrees_with_exact_sums(self, meaning):
        talk = Conversation(COINS, meaning, jax.random.key(0), Sequential(worlds=4000))
        talk.read_as("a or b", readings("(condition (or a b))"))
        answer = talk.read_as("a?", readings("(query a)")).posterior.probability(True)
        assert abs(answer.value - 0.5 / 0.6) < 5 * answer.standard_error
        with pytest.raises(ImpossibleEvidence, match="`a or b`"):
            talk.read_as("neither", readings("(condition (not (or a b)))"))
        assert len(talk.turns) == 2 and talk.undo().asks


class TestFiles:
    def test_a_conversation_goes_on_where_it_was_left(self, meaning, tmp_path):
        talk = Conversation(
            load("tug_of_war"), meaning, jax.random.key(3), Importance(2000), name="tug_of_war"
        )
        talk.say("Priya beat Tom.")
        talk.say("How strong is Priya?")
        talk.save(tmp_path / "a.talk")
        again = load_talk(tmp_path / "a.talk", engine=Importance(2000))
        assert again.world.told == talk.world.told
        assert again.turns[1].posterior.mean == talk.turns[1].posterior.mean
        assert again.turns[0].readings.readings == talk.turns[0].readings.readings
        again.say("Tom beat Priya.")

    @pytest.mark.parametrize(
        "content",
        [b"", b"{}", b"\x89PNG", b'{"format": "plotline conversation 1"}', b"[1]", b"null"],
    )
    def test_a_file_that_is_none_is_refused(self, content, tmp_path):
        (tmp_path / "bad").write_bytes(content)
        with pytest.raises(ConversationFileError, match="is no conversation"):
            load_talk(tmp_path / "bad")

    def test_a_world_that_changed_is_named(self, meaning, tmp_path):
        model = tmp_path / "coins.church"
        model.write_text('(define a (flip 0.5)) (declare a boolean "heads")')
        talk = open_talk(model)
        talk.read_as("a", readings("(condition a)"))
        talk.save(tmp_path / "a.talk")
        model.write_text('(define b (flip 0.5)) (declare b boolean "heads")')
        with pytest.raises(ConversationFileError, match=r"another version of .*`a`"):
            load_talk(tmp_path / "a.talk")

    def test_one_without_a_name_cannot_be_found_again(self, coins, tmp_path):
        with pytest.raises(ConversationFileError, match="no name"):
            coins.save(tmp_path / "a.talk")


def test_a_picture_for_a_world_without_one_of_its_own(meaning):
    talk = Conversation(load("tug_of_war"), meaning, jax.random.key(0))
    talk.read_as("Tom won", readings("(condition (won-against '(tom) '(john)))"))
    figure = talk.show()
    assert [a.get_title().split(":")[0] for a in figure.axes] == ["strength", "laziness"]
    with pytest.raises(PlotError, match="nothing public"):
        Conversation(COINS, meaning, jax.random.key(0)).show()
