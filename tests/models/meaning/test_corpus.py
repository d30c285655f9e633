"""Generated pairs: well formed, in the grammar, in the right proportions, the same every time."""

from collections import Counter
from itertools import islice

import pytest

from inference.tokens import Constraint, grammar
from models.meaning.corpus import lunch_words, scene_words
from models.meaning.corpus.tugofwar import shipped
from models.meaning.generate import UNCLEAR, Mix, examples, pairs, worlds
from models.meaning.prompt import clean, continuation, prefix
from plot.printer import write
from plot.reader import read_one
from plot.syntax import Form, Symbol, walk
from tests.inference.tokens.toy import ByteTokenizer

SYNONYMS = {**scene_words.SYNONYMS, **lunch_words.SYNONYMS}


def quoted(tree):
    """The quoted names of a tree."""
    out = set()
    for node in walk(tree):
        if isinstance(node, Form) and node.head == "quote":
            inside = node[1].items if isinstance(node[1], Form) else (node[1],)
            out |= {s.name for s in inside if isinstance(s, Symbol)}
    return out


def test_two_thousand_pairs_parse_print_and_lie_in_the_grammar():
    tokenizer = ByteTokenizer()
    seen = 0
    for vocabulary, group in worlds(2024):
        trees = [read_one(pair.fragment) for pair in group]
        used = sorted(set().union(*map(quoted, trees)))
        names = {
            s.type: tuple(dict.fromkeys([*s.names, *(u for u in used if s.open or u in s.names)]))
            for s in vocabulary.entities
        }
        constraint = Constraint(tokenizer, grammar(vocabulary, names))
        for pair, tree in zip(group, trees, strict=True):
            assert write(tree) == pair.fragment
            assert constraint.accepts(tokenizer.encode(pair.fragment)), pair
        seen += len(group)
        if seen >= 2000:
            return


def test_names_in_expressions_stand_in_the_sentence():
    for pair in islice(pairs(5), 1000):
        spoken = pair.sentence.lower().replace(" ", "-")
        for name in quoted(read_one(pair.fragment)):
            assert any(said in spoken for said in (name, *SYNONYMS.get(name, ()))), pair


def test_proportions():
    others = Mix(domains=0)  # whose own tests count theirs
    sample = list(islice((p for _, group in worlds(7, others) for p in group), 4000))
    heads = Counter(read_one(p.fragment).head for p in sample)
    share = {head: count / len(sample) for head, count in heads.items()}
    assert 0.07 < share["unclear"] < 0.12
    assert 0.38 < share["condition"] < 0.55
    shipped_share = sum(p.vocabulary.entries == shipped().entries for p in sample) / len(sample)
    assert 0.2 < shipped_share < 0.5


def test_the_same_seed_gives_the_same_examples():
    assert list(islice(examples(3), 20)) == list(islice(examples(3), 20))
    assert list(islice(examples(3), 5)) != list(islice(examples(4), 5))


def test_sentences_are_varied():
    sample = list(islice(pairs(11), 3000))
    assert len({p.sentence for p in sample}) > 0.95 * len(sample)


def test_the_prompt_is_compact_and_holds_what_can_be_said():
    text = prefix(shipped())
    assert "person people: tom john mary sue ..." in text
    assert "(won-against '(person) '(person)) boolean: the first team beat" in text
    assert text.count("\n") == 4


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("a\nb", "a b"),
        ("a\x00\x1b[0mb", "a [0mb"),
        ("  a\t b ", "a b"),
        ("Tom’s “win”", 'Tom\'s "win"'),
    ],
)
def test_sentences_are_data(raw, cleaned):
    assert clean(raw) == cleaned
    assert continuation(raw) == f"\n> {cleaned}\n"


def test_unclear_is_a_fragment_of_its_own():
    assert read_one(UNCLEAR).head == "unclear"


def test_a_mix_chooses_its_worlds_and_how_many_pairs_share_a_prompt():
    mix = Mix(domains=1.0, weights={"kinship": 8.0}, many=(20, 20))
    groups = list(islice(worlds(3, mix), 60))
    families = sum(any("grandmother" in e.name for e in v.entries) for v, _ in groups)
    assert families > 30  # of a binomial with mean 44 and standard deviation 3.4
    assert max(len(group) for _, group in groups) == 20


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"weights": {"opera": 2.0}}, "no pairs are about 'opera': choose from collisions"),
        ({"weights": {"lunch": 0.0}}, "above 0"),
        ({"many": (5, 2)}, "above 0"),
        ({"domains": 1.5}, "between 0 and 1"),
    ],
)
def test_a_wrong_mix_is_refused(wrong, says):
    with pytest.raises(ValueError, match=says):
        Mix(**wrong)
