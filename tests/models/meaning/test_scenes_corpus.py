"""Generated sentences about static scenes: in the grammar, well typed, and many."""

from random import Random

from inference.tokens import Constraint, grammar
from models.meaning.corpus.scene_words import shipped
from models.meaning.corpus.scenes import UNCLEAR, group
from models.meaning.prompt import prefix
from models.words.model import embedded
from models.worlds import load
from plot.check import check
from plot.printer import write
from plot.reader import read_one
from tests.inference.tokens.toy import ByteTokenizer

GROUPS = 45


def test_generated_fragments_lie_in_the_grammar_and_have_types():
    tokenizer, rng = ByteTokenizer(), Random(11)
    seen, worlds, sentences = 0, set(), set()
    for _ in range(GROUPS):
        vocabulary, pairs = group(rng)
        names = {sort.type: sort.names for sort in vocabulary.entities}
        constraint = Constraint(tokenizer, grammar(vocabulary, names))
        for sentence, fragment in pairs:
            tree = read_one(fragment)
            assert write(tree) == fragment
            assert constraint.accepts(tokenizer.encode(fragment)), (sentence, fragment)
            if fragment != UNCLEAR:
                check([tree], vocabulary, {})
            sentences.add(sentence)
        seen += len(pairs)
        worlds.add(prefix(vocabulary))
    assert seen >= 300 and len(sentences) > 0.98 * seen
    assert len(worlds) > GROUPS / 4


def test_shipped_fragments_run():
    world, rng = load("scenes"), Random(5)
    ran = 0
    while ran < 25:
        vocabulary, pairs = group(rng)
        if vocabulary != shipped():
            continue
        for _, fragment in pairs:
            if fragment != UNCLEAR:
                (world.tell if fragment.startswith("(condition") else world.ask)(fragment)
                ran += 1


def test_the_prompt_is_short():
    tokens = embedded().tokenizer.encode(prefix(shipped()))
    assert len(tokens) < 380
    assert "group groups" not in prefix(shipped())  # a type without names has no line
