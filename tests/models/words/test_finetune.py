"""Packed training equals separate texts, learns, and goes on where it stopped."""

import itertools
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.words.finetune import (
    CheckpointError,
    FinetuneOptions,
    _arrays,
    adapter_in_checkpoint,
    finetune,
    packed_loss,
)  # fmt: skip
from models.words.lora import init_lora, merge
from models.words.packing import Example, pack

from .conftest import plain_logits

OPTIONS = FinetuneOptions(
    steps=6, rank=4, alpha=8.0, learning_rate=2e-2, warmup=2, rows=2, length=64, targets=32
)


def _examples():
    for index in itertools.count():
        name = "abcd"[index % 4]
        yield Example(f"{name}:", tuple((f"{verb}>", f"({verb} {name})") for verb in ("is", "no")))


def _same(one, other):
    for mine, yours in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        np.testing.assert_array_equal(mine, yours)


def test_packed_rows_equal_separate_texts(tiny):
    """The summed loss of packed rows is that of each pair's text alone."""
    examples = [Example("abc:", (("x>", "yz"), ("longer>", "w"), ("q>", "")))]
    examples += [Example("other:", (("p>", "qqq"),)), Example("end:", (("z>" * 25, "z"),))]
    rows = next(pack(examples, tiny.tokenizer, rows=1, length=64, targets=32))
    assert rows.pairs == 4
    lora = init_lora(tiny.llama, rank=4, alpha=8.0, key=jax.random.key(0))
    lora = jax.tree.map(lambda x: x + 0.05, lora)
    total, count = jax.jit(packed_loss)(tiny.llama, lora, jax.tree.map(jnp.asarray, _arrays(rows)))
    merged = merge(tiny.llama, lora)
    expected, tokens = 0.0, 0
    for example in examples[:2]:
        for prompt, completion in example.pairs:
            start = tiny.tokenizer.encode(example.prefix) + tiny.tokenizer.encode(prompt)
            text = [*start, *tiny.tokenizer.encode(completion), tiny.tokenizer.eos]
            logs = jax.nn.log_softmax(plain_logits(merged, text))
            for at in range(len(start), len(text)):
                expected -= logs[at - 1, text[at]]
                tokens += 1
    assert int(count) == tokens
    np.testing.assert_allclose(total, expected, rtol=1e-4)


words = st.text("abc", max_size=8)
pairs = st.lists(st.tuples(words.map(lambda w: w + ">"), words), min_size=1, max_size=4)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(words, pairs), min_size=1, max_size=6))
def test_every_pair_is_packed_once(tiny, drawn):
    """Reading rows back by their numbers gives the pairs, in order, and nothing else."""
    examples = [Example(prefix, tuple(pairs)) for prefix, pairs in drawn]
    closing = Example("", (("x" * 40, ""), ("x" * 40, "")))  # pushes the last row out
    found = []
    for rows in pack([*examples, closing], tiny.tokenizer, rows=1, length=48, targets=24):
        group, pair, tokens = rows.group[0], rows.pair[0], rows.tokens[0]
        targets = dict(
            zip(rows.sites[0][rows.weights[0] > 0], rows.targets[0].tolist(), strict=False)
        )
        for number in range(1, pair.max() + 1):
            own = np.flatnonzero(pair == number)
            prefix = np.flatnonzero((group == group[own[0]]) & (pair == 0))
            learned = [targets[at] for at in own if at in targets]
            prompt = tokens[own][: len(own) - len(learned) + 1]
            np.testing.assert_array_equal(rows.positions[0][own], len(prefix) + np.arange(len(own)))
            assert learned[-1] == tiny.tokenizer.eos
            assert tokens[own][len(prompt) :].tolist() == learned[:-1]
            parts = tokens[prefix].tolist(), prompt.tolist(), learned[:-1]
            found.append(tuple(map(tiny.tokenizer.decode, parts)))
    expected = [(e.prefix, *pair) for e in examples for pair in e.pairs]
    assert found[: len(expected)] == expected


def test_pairs_that_fit_no_row_are_counted(tiny):
    examples = [Example("a", (("x" * 100, "y"), ("x", "y" * 40), ("x" * 40, "y"), ("x" * 40, "y")))]
    rows = next(pack(examples, tiny.tokenizer, rows=1, length=64, targets=32))
    assert (rows.pairs, rows.skipped) == (1, 2)


def test_an_empty_prompt_is_refused(tiny):
    with pytest.raises(ValueError, match="empty prompt; its completion: 'y'"):
        next(pack([Example("a", (("", "y"),))], tiny.tokenizer, rows=1, length=64, targets=32))


def test_the_loss_falls(tiny):
    losses = []
    lora = finetune(
        tiny, _examples(), replace(OPTIONS, steps=25), on_step=lambda r: losses.append(r.loss)
    )
    assert losses[-1] < 0.6 * losses[0]
    assert jnp.isfinite(lora.matrices["up"][1]).all()


def test_a_resumed_run_gives_the_same_numbers(tiny, tmp_path):
    path, whole_losses, losses = tmp_path / "run.safetensors", [], []
    whole = finetune(tiny, _examples(), OPTIONS, on_step=lambda r: whole_losses.append(r.loss))

    def stop(report):
        losses.append(report.loss)
        if report.step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finetune(tiny, _examples(), OPTIONS, checkpoint=path, on_step=stop)
    half = adapter_in_checkpoint(path, OPTIONS, tiny)
    reports = []
    resumed = finetune(tiny, _examples(), OPTIONS, checkpoint=path, on_step=reports.append)
    assert [report.step for report in reports] == [4, 5, 6]
    assert losses + [report.loss for report in reports] == whole_losses
    _same(whole, resumed)
    _same(adapter_in_checkpoint(path, OPTIONS, tiny), whole)
    assert jnp.abs(half.matrices["up"][1] - whole.matrices["up"][1]).max() > 0
    _same(finetune(tiny, _examples(), OPTIONS, checkpoint=path), whole)  # nothing left to do


def test_examples_that_run_out_end_the_run(tiny):
    seen = []
    finetune(tiny, itertools.islice(_examples(), 12), OPTIONS, on_step=seen.append)
    assert 0 < len(seen) < OPTIONS.steps


def test_evaluations_come_when_asked(tiny):
    seen = []
    options = replace(OPTIONS, steps=5, evaluate_every=2)
    finetune(tiny, _examples(), options, evaluate=lambda step, lora: seen.append(step))
    assert seen == [2, 4, 5]


def test_checkpoints_of_other_runs_are_refused(tiny, tmp_path):
    path = tmp_path / "run.safetensors"
    finetune(tiny, _examples(), replace(OPTIONS, steps=1), checkpoint=path)
    with pytest.raises(CheckpointError, match="written with other options"):
        finetune(tiny, _examples(), OPTIONS, checkpoint=path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(CheckpointError, match="damaged checkpoint"):
        finetune(tiny, _examples(), OPTIONS, checkpoint=path)


def test_a_run_goes_on_from_an_adapter(tiny):
    first = finetune(tiny, _examples(), OPTIONS)
    losses = []
    options = replace(OPTIONS, steps=1, warmup=1)
    finetune(tiny, _examples(), options, begin=first, on_step=lambda r: losses.append(r.loss))
    finetune(tiny, _examples(), options, on_step=lambda r: losses.append(r.loss))
    assert losses[0] < losses[1]  # what was learned is there from the first step on
    other = init_lora(tiny.llama, rank=2, alpha=8.0, key=jax.random.key(0))
    with pytest.raises(ValueError, match="rank 4"):
        finetune(tiny, _examples(), options, begin=other)
