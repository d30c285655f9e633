"""Sentences read by a language model behind a server."""

import jax
import pytest

from models.conversation import Conversation
from models.meaning.served import Deferred, ServedMeaning, ServedOptions
from models.meaning.translate import NotUnderstood
from models.words.calls import CallCache
from models.words.served import Server, ServerOptions
from models.worlds import load
from tests.models.words.misbehaving import Behaviour, serving

VOCABULARY = load("tug_of_war").vocabulary
BEAT, LOST = "(condition (won-against '(tom) '(john)))", "(condition (won-against '(john) '(tom)))"
KEY = jax.random.key(0)


def meaning(url: str, **options) -> ServedMeaning:
    server = Server(ServerOptions(url, "toy", retries=0, concurrent=1), CallCache(None))
    return ServedMeaning(server, VOCABULARY, (), ServedOptions(**{"samples": 4, **options}))


def test_replies_are_checked_and_counted():
    replies = [BEAT, "I think it is\n" + BEAT, LOST, f"```\n{BEAT}\n```"]
    with serving(Behaviour(lambda n, r: replies[n])) as url:
        found = meaning(url).translate(KEY, "Tom beat John.")
    assert [(r.text, round(r.probability, 3)) for r in found.readings] == [
        (BEAT, 0.667),
        (LOST, 0.333),
    ]


@pytest.mark.parametrize(
    "reply",
    [
        "(condition (won-against '(tom)))",
        "(condition (heavier 'tom))",
        "(+ 1 2)",
        "((",
        "__import__('os')",
    ],
)
def test_a_reply_that_does_not_fit_the_world_is_no_reading(reply):
    with (
        serving(Behaviour(lambda n, r: reply)) as url,
        pytest.raises(NotUnderstood, match="no reply"),
    ):
        meaning(url).translate(KEY, "Tom beat John.")


def test_a_reply_is_shown_its_error_where_that_is_allowed():
    def say(number, request):
        return BEAT if len(request["messages"]) > 2 else "(condition (won-against '(tom)))"

    behaviour = Behaviour(say)
    with serving(behaviour) as url:
        found = meaning(url, samples=1, repairs=1).translate(KEY, "Tom beat John.")
    assert found.best.text == BEAT
    assert "won-against" in behaviour.requests[1]["messages"][-1]["content"]
    assert "^" in behaviour.requests[1]["messages"][-1]["content"]  # the place is shown


def test_repairs_end():
    behaviour = Behaviour(lambda n, r: "((")
    with serving(behaviour) as url, pytest.raises(NotUnderstood):
        meaning(url, samples=2, repairs=3).translate(KEY, "Tom beat John.")
    assert len(behaviour.requests) == 2 * (1 + 3)


def test_other_topics_are_refused():
    with (
        serving(Behaviour(lambda n, r: "(unclear)")) as url,
        pytest.raises(NotUnderstood, match="about this world"),
    ):
        meaning(url).translate(KEY, "The weather is nice.")


def test_a_conversation_goes_by_a_server():
    with serving(Behaviour(lambda n, r: BEAT.replace("john", "priya"))) as url:
        talk = Conversation(load("tug_of_war"), meaning(url), KEY)
        talk.say("Tom beat Priya.")
    assert "priya" in talk.world.vocabulary.entities[0].names


def test_the_second_is_asked_where_the_first_is_in_doubt():
    split = [BEAT, LOST, BEAT, LOST]
    with (
        serving(Behaviour(lambda n, r: split[n % 4])) as unsure,
        serving(Behaviour(lambda n, r: LOST)) as sure,
    ):
        both = Deferred(meaning(unsure), meaning(sure), least_sure=0.9)
        assert both.translate(KEY, "Tom beat John.").best.text == LOST
        content = Deferred(meaning(unsure), meaning(sure), least_sure=0.4)
        assert content.translate(KEY, "Tom beat John.").best.text == BEAT
        assert both.grown(VOCABULARY).vocabulary is VOCABULARY
