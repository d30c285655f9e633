"""The language model: seconds for a sentence, tokens a second beside llama.cpp, masks beside the step.

llama.cpp runs the packaged file as it is, with weights of four bits and its own kernels for them; the
decoder here runs the same weights in the type that is fastest on this machine. Both take the most
probable token again and again, after the same prompt, in turns.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from experiments.common import Experiment
from experiments.translation import DATA

PARTICLES = 16
WORLDS = ("kinship", "scenes", "collisions", "lunch")
WARM_UPS = 10  # sentences of each world that come first; the first world compiles in them
PROMPT = (
    "The dog ran across the street to greet its owner, who was waiting by the door with a basket of "
    "apples, two letters and the newspaper. He had been away for a long time, and the house looked"
)
MASKED = 6  # sentences of each world whose masks are timed
TOKENS, BATCHES, REPEATS = 33, (1, 32), 3


@dataclass
class Steps:
    """A language model whose steps are timed, each waited for.

    Args:
      model: what is run.
      seconds: of each step.
    """

    model: Any
    seconds: list[float] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def advance(self, state: Any, tokens: Any, lengths: Any) -> Any:
        """As the model's, and timed."""
        began = time.perf_counter()
        state, logits = self.model.advance(state, tokens, lengths)
        logits.block_until_ready()
        self.seconds.append(time.perf_counter() - began)
        return state, logits


def measure(run: Experiment, most: int) -> None:
    """Measure all of it.

    Args:
      run: of the experiment.
      most: sentences of each domain that count.
    """
    from models.words.model import embedded

    with run.stage("load the model"):
        model = embedded()
    run.section("weights", {"kept_as": str(model.llama.embedding.dtype), "threads": _threads()})
    sentences(run, model, most)
    decoding(run)


def sentences(run: Experiment, model: Any, most: int) -> None:
    """Warm sentences of four domains with 16 particles, spread over their files."""
    from inference.tokens import SmcOptions
    from models.meaning.translate import Meaning, MeaningOptions
    from models.worlds import load
    from plot.errors import PlotError

    steps, masks = Steps(model), []
    options = MeaningOptions(smc=SmcOptions(particles=PARTICLES))
    taken: dict[str, list[float]] = {}
    with run.stage("sentences", total=len(WORLDS) * (most + WARM_UPS)) as progress:
        for number, name in enumerate(WORLDS):
            lines = (DATA / f"{name}_sentences.tsv").read_text(encoding="utf-8").splitlines()
            told = [line.partition("\t")[0] for line in lines]
            first, rest = told[:WARM_UPS], told[WARM_UPS:]
            chosen = rest[:: max(1, len(rest) // most)][:most]
            meaning = Meaning(model, load(name).vocabulary, options)
            for i, sentence in enumerate([*first, *chosen]):
                began = time.perf_counter()
                with suppress(PlotError):  # refused, after the same work
                    meaning.translate(run.key, sentence)
                if i >= WARM_UPS:
                    taken.setdefault(name, []).append(time.perf_counter() - began)
                progress(number * (most + WARM_UPS) + i + 1)
            meaning.model = cast(Any, steps)
            for sentence in chosen[:MASKED]:
                with suppress(PlotError):  # a name that this world does not know
                    masks += _masks(meaning, run.key, sentence)
    every = [second for found in taken.values() for second in found]
    for name, found in [*taken.items(), ("four_worlds", every)]:
        low, middle, high = np.quantile(found, [0.25, 0.5, 0.75])
        run.figure(
            f"sentence_{name}_seconds_median",
            middle,
            unit="s",
            quartiles=(low, high),
            p95=np.quantile(found, 0.95),
            n=len(found),
            note=f"warm, {PARTICLES} particles",
        )
    run.figure("sentence_four_worlds_seconds_p95", np.quantile(every, 0.95), unit="s", n=len(every))
    step, mask = float(np.median(steps.seconds)), float(np.mean(masks))
    run.figure("model_step_seconds", step, unit="s", n=len(steps.seconds), note="median")
    run.figure("mask_seconds_a_token", mask, unit="s", n=len(masks), note="mean, one particle")
    run.figure(
        "masks_over_model_step",
        PARTICLES * mask / step,
        note=f"masks of {PARTICLES} particles, were all to differ, over a step of the model for them",
    )


def _masks(meaning: Any, key: Any, sentence: str) -> list[float]:
    """Seconds for the mask of each token that the best reading was free to choose."""
    from inference.tokens import Constraint, grammar, mentions, written
    from models.meaning.prompt import clean

    named = mentions(clean(sentence), meaning.vocabulary)
    found = meaning.sample(key, clean(sentence), named).samples
    if not found:
        return []
    tokens = [*found[0].tokens, meaning.model.tokenizer.eos]
    constraint = Constraint(
        meaning.model.tokenizer, grammar(meaning.vocabulary, named.allowed), written(named.allowed)
    )
    matchers = constraint.start(1)
    at, out = len(matchers.forced(0)), []
    while at < len(tokens):
        began = time.perf_counter()
        matchers.allowed([True])
        out.append(time.perf_counter() - began)
        at += 1 + len(matchers.take(0, tokens[at]))
    return out


def decoding(run: Experiment) -> None:
    """Tokens a second, one text and 32 side by side, beside llama.cpp."""
    from experiments.bench import llama_cpp
    from experiments.bench.npm import Skipped
    from models.words.gguf_file import packaged_gguf
    from models.words.model import embedded

    model = embedded(adapter=False)  # llama.cpp has no adapter either
    prompt = model.tokenizer.encode(PROMPT)

    def peer(batch: int) -> tuple[float, list[int]]:
        (found,) = llama_cpp.measure(packaged_gguf(), prompt, batch, TOKENS, _threads(), repeats=1)
        return found.seconds, found.told

    contenders: dict[str, Callable[[int], tuple[float, list[int]]]] = {
        "plotline": lambda batch: _decode(model, prompt, batch)
    }
    try:
        llama_cpp.install()
        contenders["llama_cpp"] = peer
    except Skipped as reason:
        run.show(f"llama.cpp is left out: {reason}")
        run.section("llama_cpp_left_out", str(reason))
    with run.stage("decode", total=len(BATCHES) * (REPEATS + 1)) as progress:
        for number, batch in enumerate(BATCHES):
            rates: dict[str, list[float]] = {name: [] for name in contenders}
            told: dict[str, list[int]] = {}
            for turn in range(REPEATS + 1):
                for name, work in contenders.items():
                    seconds, told[name] = work(batch)
                    rates[name].append(batch * (TOKENS - 1) / seconds)
                progress(number * (REPEATS + 1) + turn + 1)
            _record(run, batch, rates, told)


def _record(
    run: Experiment, batch: int, rates: dict[str, list[float]], told: dict[str, list[int]]
) -> None:
    for name, found in rates.items():
        low, middle, high = np.quantile(found[1:], [0.25, 0.5, 0.75])  # the first compiles
        run.figure(
            f"{name}_tokens_a_second_batch_{batch}",
            middle,
            unit="tokens/s",
            quartiles=(low, high),
            n=len(found) - 1,
        )
    if len(told) == 2:
        alike = np.mean([a == b for a, b in zip(*told.values(), strict=True)])
        run.figure(
            f"same_tokens_batch_{batch}",
            alike,
            n=TOKENS,
            note="share of the first text's tokens that both chose; a near tie parts them",
        )


def _decode(model: Any, prompt: list[int], batch: int) -> tuple[float, list[int]]:
    """Seconds for all tokens of all texts but the first of each, and the first text's tokens."""
    import jax.numpy as jnp

    state, _ = model.start(model.prefix(prompt), particles=batch)
    ones = np.ones(batch, int)
    last = np.array([[100 + 7 * i] for i in range(batch)])  # texts that differ, as for llama.cpp
    out, began = [], 0.0
    for step in range(TOKENS):
        state, logits = model.advance(state, last, ones)
        last = np.asarray(jnp.argmax(logits, axis=1))[:, None]
        out.append(int(last[0, 0]))
        if step == 0:
            began = time.perf_counter()
    return time.perf_counter() - began, out


def _threads() -> int:
    return len(os.sched_getaffinity(0))
