"""Servers of language models: retries, time-outs, caps, calls that are kept."""

import json
import threading
from pathlib import Path

import pytest

from models.words.calls import CallCache
from models.words.served import Server, ServerError, ServerOptions, SpendingCap
from tests.models.words.misbehaving import Behaviour, serving

ASK = [{"role": "user", "content": "Tom beat John."}]


def server(url: str, folder: Path | None = None, **options) -> Server:
    made = ServerOptions(url, "toy", **{"timeout": 5.0, "retries": 2, **options})
    return Server(made, CallCache(folder))


def test_replies_and_their_counts(tmp_path):
    with serving(Behaviour(lambda n, r: f"reply {r['seed']}")) as url:
        replies = server(url, tmp_path).ask(ASK, 3, seed=7)
    assert [r.text for r in replies] == ["reply 7", "reply 8", "reply 9"]
    assert replies[0].prompt_tokens == 100 and replies[0].tokens == 10 and not replies[0].kept


def test_failures_that_pass_are_tried_again():
    def say(number, request):
        if number == 0:
            return 429, {"Retry-After": "0"}, b"{}"
        return (503, {"Retry-After": "0"}, b"busy") if number == 1 else "at last"

    behaviour = Behaviour(say)
    with serving(behaviour) as url:
        assert server(url).ask(ASK)[0].text == "at last"
    assert len(behaviour.requests) == 3


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ((401, {}, b'{"error": {"message": "wrong key"}}'), "status 401.*wrong key"),
        ((200, {}, b"<html>hello"), "no reply"),
        ((200, {}, b"{}"), "no reply"),
        ((200, {}, b'{"choices": []}'), "no reply"),
        ((200, {}, b'{"choices": [{"message": {"content": null}}]}'), "empty reply"),
        ("   ", "empty reply"),
        ((500, {"Retry-After": "0"}, b"broken"), "status 500"),
    ],
)
def test_what_does_not_pass_is_one_clear_error(said, message):
    with (
        serving(Behaviour(lambda n, r: said)) as url,
        pytest.raises(ServerError, match=message),
    ):
        server(url).ask(ASK)


def test_a_server_that_hangs_and_one_that_is_not_there():
    behaviour = Behaviour(lambda n, r: "late", delay=1.0)
    with (
        serving(behaviour) as url,
        pytest.raises(ServerError, match=r"did not answer within 0.2 s, in 1 tries"),
    ):
        server(url, timeout=0.2, retries=0).ask(ASK)
    with pytest.raises(ServerError, match="cannot be reached"):
        server("http://127.0.0.1:9/v1", retries=0).ask(ASK)


def test_calls_are_made_side_by_side_but_not_too_many():
    behaviour = Behaviour(lambda n, r: "x", delay=0.1)
    with serving(behaviour) as url:
        server(url, concurrent=3).ask(ASK, 9)
    assert 2 <= behaviour.most_at_once <= 3 and len(behaviour.requests) == 9


def test_spending_ends_before_the_cap():
    behaviour = Behaviour(lambda n, r: "x")
    with serving(behaviour) as url:
        asked = server(url, price=(1.0, 1000.0), max_tokens=10, cap=0.05, concurrent=1)
        # A call costs 100 / 1e6 + 10 * 1000 / 1e6 = 0.0101; a fifth one could go over.
        with pytest.raises(SpendingCap, match=r"of the cap of 0.05"):
            asked.ask(ASK, 10)
    assert len(behaviour.requests) == 4 and asked.spent == pytest.approx(4 * 0.0101)


def test_what_failed_costs_nothing():
    with serving(Behaviour(lambda n, r: (400, {}, b"{}"))) as url:
        asked = server(url, price=(1.0, 1.0), cap=1.0)
        with pytest.raises(ServerError):
            asked.ask(ASK)
        assert asked.spent == 0 and asked._reserved == 0


class TestKeptCalls:
    def test_a_run_repeats_exactly_and_offline(self, tmp_path):
        behaviour = Behaviour(lambda n, r: f"reply {n}")
        with serving(behaviour) as url:
            first = server(url, tmp_path).ask(ASK, 2)
            again = server(url, tmp_path).ask(ASK, 2)
        assert len(behaviour.requests) == 2
        offline = server(url, tmp_path, offline=True).ask(ASK, 2)
        assert [r.text for r in first] == [r.text for r in again] == [r.text for r in offline]
        assert all(r.kept for r in offline)
        with pytest.raises(ServerError, match="offline"):
            server(url, tmp_path, offline=True).ask(ASK, 3)

    def test_a_damaged_file_is_asked_for_again(self, tmp_path):
        cache = CallCache(tmp_path)
        cache.put({"a": 1}, {"b": 2})
        (file,) = tmp_path.rglob("*.json")
        for damage in (b"", b"{", b"null", json.dumps({"request": {"a": 2}, "answer": 3}).encode()):
            file.write_bytes(damage)
            assert cache.get({"a": 1}) is None
        cache.put({"a": 1}, {"b": 2})
        assert cache.get({"a": 1}) == {"b": 2}

    def test_writers_at_the_same_time_leave_whole_files(self, tmp_path):
        cache = CallCache(tmp_path)
        answer = {"text": "x" * 100_000}
        wrong = []

        def work():
            for _ in range(30):
                cache.put({"a": 1}, answer)
                if cache.get({"a": 1}) != answer:
                    wrong.append(1)

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong and len(list(tmp_path.rglob("*"))) == 2  # a folder and a file

    def test_secrets_are_not_kept(self, tmp_path):
        with serving(Behaviour(lambda n, r: "x")) as url:
            asked = server(url, tmp_path, key="secret-key")
            asked.ask(ASK)
        assert all("secret-key" not in p.read_text() for p in tmp_path.rglob("*.json"))
        assert "secret-key" not in repr(asked.options)
