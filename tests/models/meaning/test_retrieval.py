"""Examples that are like the sentence to be read."""

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest

from models.meaning.retrieval import Retrieval, construct
from models.meaning.served import Deferred, ServedMeaning, ServedOptions
from models.words.calls import CallCache
from models.words.model import embedded
from models.words.served import Server, ServerOptions
from models.words.vectors import centred, mean_embeddings
from models.worlds import load
from plot.printer import write
from plot.reader import read_one
from tests.models.words.misbehaving import Behaviour, serving

DATA = Path(__file__).parents[2] / "data"
WORDS = ("beat", "strong", "lazy", "who")
EXAMPLES = (
    ("John beat Mary.", "(condition (won-against '(john) '(mary)))"),
    ("John is strong.", "(condition (> (strength 'john) 50))"),
    ("John is lazy.", "(condition (> (laziness 'john) 0.5))"),
)


def counts(texts):
    return np.array([[text.lower().count(word) for word in WORDS] for text in texts], float)


def test_the_nearest_stands_last_and_names_do_not_count():
    found = Retrieval(counts, EXAMPLES, 2, frozenset({"john", "mary", "tom"})).nearest(
        "Tom is lazy."
    )
    assert found[-1] == EXAMPLES[2] and len(found) == 2
    assert Retrieval(counts, ()).nearest("Tom is lazy.") == ()


def test_what_is_confirmed_is_found_afterwards():
    retrieval = Retrieval(counts, EXAMPLES, 1)
    assert retrieval.nearest("Who is it?")[-1] in EXAMPLES
    grown = retrieval.learned("Who won?", "(query (winner))")
    assert grown.nearest("Who is it?") == (("Who won?", "(query (winner))"),)
    assert grown.learned("Who won?", "(query (winner))") is grown
    assert retrieval.examples == EXAMPLES
    fresh = Retrieval(counts, (*EXAMPLES, ("Who won?", "(query (winner))")), 1)
    assert np.array_equal(grown._vectors, fresh._vectors)


def test_constructs_leave_names_and_numbers_open():
    a, b = "(condition (> (strength 'tom) 75))", "(condition (> (strength 'sue) 5))"
    assert construct(read_one(a)) == construct(read_one(b))
    assert write(construct(read_one("(query (f '(a b)))"))) == "(query (f _))"


@pytest.fixture(scope="module")
def base():
    return embedded(adapter=False)


class TestVectors:
    def test_a_text_is_the_mean_of_its_tokens(self, base):
        texts = ["Tom won.", "", " won"]
        found = mean_embeddings(base, texts)
        assert found.shape == (3, base.llama.config.width) and not found[1].any()
        table = np.asarray(base.llama.embedding[...], np.float32)
        assert found[0] == pytest.approx(table[base.tokenizer.encode("Tom won.")].mean(axis=0))

    def test_lengths_are_one_and_the_mean_is_gone(self):
        vectors = np.random.default_rng(0).normal(3, 1, (40, 5))
        moved = centred(vectors, vectors)
        assert np.linalg.norm(moved, axis=1) == pytest.approx(np.ones(40))
        assert not centred(vectors[:1], vectors[:1]).any()

    def test_it_finds_the_construct_more_often_than_chance(self, base):
        """Each hand-written sentence whose construct another one has too, among the others."""
        lines = (DATA / "tug_of_war_sentences.tsv").read_text("utf-8").splitlines()[::2]
        examples = [(line.split("\t")[0], line.split("\t")[1]) for line in lines]
        kinds = [write(construct(read_one(e))) for _, e in examples]
        names = frozenset({"tom", "mary", "john", "sue"})
        hits, chance = [], []
        for i, (sentence, _) in enumerate(examples):
            if (twins := kinds.count(kinds[i]) - 1) == 0:
                continue
            rest = tuple(e for j, e in enumerate(examples) if j != i)
            found = replace(Retrieval.of_model(base, rest, 3), names=names).nearest(sentence)
            hits.append(any(write(construct(read_one(e))) == kinds[i] for _, e in found))
            none = np.prod([(len(rest) - twins - k) / (len(rest) - k) for k in range(3)])
            chance.append(1 - none)
        assert len(hits) >= 20
        error = np.sqrt(sum(c * (1 - c) for c in chance))
        assert sum(hits) > sum(chance) + 3 * error


class TestServed:
    def test_found_examples_are_in_the_prompt_and_confirmed_ones_join_them(self):
        behaviour = Behaviour(lambda n, r: EXAMPLES[0][1])
        with serving(behaviour) as url:
            server = Server(ServerOptions(url, "toy", retries=0, concurrent=1), CallCache(None))
            meaning = ServedMeaning(
                server,
                load("tug_of_war").vocabulary,
                (),
                ServedOptions(samples=1),
                Retrieval(counts, EXAMPLES, 1),
            )
            both = Deferred(meaning, meaning).learned("Who won?", "(query (strength 'sue))")
            meaning.translate(jax.random.key(0), "Tom is lazy.")
            both.first.translate(jax.random.key(1), "Who is it?")
        prompts = [r["messages"][0]["content"] for r in behaviour.requests]
        assert EXAMPLES[2][0] in prompts[0] and EXAMPLES[0][0] not in prompts[0]
        assert "Who won?" in prompts[1]
