"""Trains the adapter that turns sentences into fragments.

    python -m experiments.train_translator --minutes 65 --out runs/translator

A run goes on from its folder with `--resume`. Every evaluation writes the adapter and a line
of the held-out curve there; the end writes the adapter where the package looks for it.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Sequence
from pathlib import Path

import jax
import jax.numpy as jnp

from models.meaning.generate import Mix, examples
from models.words.finetune import FinetuneOptions, StepReport, finetune, packed_loss
from models.words.gguf_file import PACKAGED_SHA256
from models.words.lora import Lora, LoraInfo, load_lora, save_lora
from models.words.model import LanguageModel, embedded
from models.words.packing import pack

WEIGHTS = Path(__file__).parents[1] / "models" / "words" / "weights" / "translator.safetensors"
HELD_OUT_SEED = 10_000_019  # no training seed reaches it

# What a run is begun with, and has to go on with.
PLAN = {"seed", "steps", "rows", "length", "rate", "begin", "weights", "pairs", "domains"}


def main(argv: Sequence[str] | None = None) -> int:
    """Train, write the curve and the adapter.

    Args:
      argv: the command line, or None for the process's own.

    Returns:
      The exit status.
    """
    args = _parser().parse_args(argv)
    out: Path = args.out
    out.mkdir(parents=True, exist_ok=True)
    checkpoint, plan = out / "checkpoint.safetensors", out / "run.json"
    if checkpoint.exists() and not args.resume:
        print(
            f"{checkpoint} is there already: add --resume to go on from it, or give another --out"
        )
        return 2
    model = embedded(adapter=False)
    if args.resume and plan.exists():
        chosen = json.loads(plan.read_text())
        if missing := ", ".join(sorted(PLAN - set(chosen))):
            print(
                f"{plan} does not say {missing}: the run was begun by another version, or the file is "
                "damaged; begin another in a new --out, with --begin to go on from its adapter"
            )
            return 2
    else:
        steps = args.steps or _steps(model, args)
        chosen = {
            "seed": args.seed, "steps": steps, "rows": args.rows, "length": args.length,
            "rate": args.rate, "begin": str(args.begin) if args.begin else None,
            "weights": dict(args.weight), "pairs": args.pairs, "domains": args.domains,
        }  # fmt: skip
        plan.write_text(json.dumps(chosen))
    options = FinetuneOptions(
        steps=chosen["steps"], rows=chosen["rows"], learning_rate=chosen["rate"],
        length=chosen["length"], targets=chosen["length"] // 2,
        seed=chosen["seed"], checkpoint_seconds=180, evaluate_every=args.evaluate_every,
    )  # fmt: skip
    mix = Mix(chosen["domains"], chosen["weights"], many=tuple(chosen["pairs"]))
    held_out = _held_out(model, options)
    curve = out / "curve.csv"
    began = time.monotonic()
    recent: list[StepReport] = []

    def on_step(report: StepReport) -> None:
        recent.append(report)
        if report.step % args.print_every == 0 or report.step == 1:
            loss = sum(r.loss for r in recent) / len(recent)
            seconds = sum(r.seconds for r in recent) / len(recent)
            left = (options.steps - report.step) * seconds / 60
            print(
                f"step {report.step}/{options.steps} loss {loss:.4f} grad {report.gradient_norm:.2f} "
                f"{report.tokens_per_second:.0f} tokens/s {report.pairs} pairs, {left:.0f} min left",
                flush=True,
            )
            recent.clear()

    def evaluate(step: int, lora: Lora) -> None:
        loss = held_out(lora)
        minutes = (time.monotonic() - began) / 60
        print(f"  held out: step {step} loss {loss:.4f} after {minutes:.1f} min", flush=True)
        with curve.open("a", newline="") as stream:
            csv.writer(stream).writerow([step, f"{loss:.5f}", f"{minutes:.2f}"])
        save_lora(out / "translator.safetensors", lora, _info(chosen, step, loss))

    begin = load_lora(Path(chosen["begin"]), base=PACKAGED_SHA256)[0] if chosen["begin"] else None
    lora = finetune(
        model, examples(chosen["seed"], mix), options, begin=begin,
        checkpoint=checkpoint, on_step=on_step, evaluate=evaluate,
    )  # fmt: skip
    loss = held_out(lora)
    save_lora(args.weights, lora, _info(chosen, options.steps, loss))
    print(f"wrote {args.weights}: held-out loss {loss:.4f}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="train_translator", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--seed", type=int, default=1, help="of the pairs and the adapter")
    parser.add_argument("--steps", type=int, help="optimiser steps; wins over --minutes")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long to train, about")
    parser.add_argument("--rows", type=int, default=2, help="rows a step")
    parser.add_argument("--length", type=int, default=1024, help="tokens a row")
    parser.add_argument(
        "--pairs", type=int, nargs=2, default=Mix.many, metavar=("FEWEST", "MOST"),
        help="pairs that share a prompt: more learn faster, of fewer vocabularies",
    )  # fmt: skip
    parser.add_argument(
        "--domains", type=float, default=Mix.domains,
        help="share of the groups that are about families, scenes, collisions or lunch",
    )  # fmt: skip
    parser.add_argument(
        "--weight", type=_weight, nargs="*", default=[], metavar="WORLD=N",
        help="how much more often this world is chosen than another, as kinship=3",
    )  # fmt: skip
    parser.add_argument("--begin", type=Path, help="an adapter to go on from")
    parser.add_argument("--rate", type=float, default=1e-3, help="highest learning rate")
    parser.add_argument("--resume", action="store_true", help="go on from the run in --out")
    parser.add_argument("--evaluate-every", type=int, default=100, help="steps")
    parser.add_argument("--print-every", type=int, default=10, help="steps")
    parser.add_argument(
        "--weights", type=Path, default=WEIGHTS, help="where the adapter goes at the end"
    )
    return parser


def _weight(text: str) -> tuple[str, float]:
    """`kinship=3`."""
    name, _, number = text.partition("=")
    try:
        Mix(weights={name: float(number)})
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r}: {error}; write WORLD=N, as kinship=3"
        ) from None
    return name, float(number)


def _steps(model: LanguageModel, args: argparse.Namespace) -> int:
    """How many steps fill the minutes: times a few, after the one that compiles."""
    times: list[float] = []
    trial = FinetuneOptions(
        steps=4,
        rows=args.rows,
        warmup=2,
        seed=args.seed,
        length=args.length,
        targets=args.length // 2,
    )
    finetune(model, examples(args.seed), trial, on_step=lambda r: times.append(r.seconds))
    seconds = sum(times[1:]) / len(times[1:])
    return max(20, int(args.minutes * 60 / seconds))


def _held_out(model: LanguageModel, options: FinetuneOptions):
    """A function from an adapter to its loss per token on pairs of another seed."""
    rows = next(
        pack(
            examples(HELD_OUT_SEED),
            model.tokenizer,
            rows=8,
            length=options.length,
            targets=options.targets,
        )
    )
    names = ("tokens", "positions", "group", "pair", "sites", "targets", "weights")
    arrays = {name: jnp.asarray(getattr(rows, name)) for name in names}

    @jax.jit
    def loss(lora: Lora, row):
        return packed_loss(model.llama, lora, row)

    def mean(lora: Lora) -> float:
        parts = [loss(lora, {k: v[i : i + 1] for k, v in arrays.items()}) for i in range(8)]
        return float(sum(p[0] for p in parts) / sum(p[1] for p in parts))

    return mean


def _info(chosen: dict, step: int, loss: float) -> LoraInfo:
    return LoraInfo(
        base=PACKAGED_SHA256,
        command=f"python -m experiments.train_translator --steps {chosen['steps']} --rows {chosen['rows']} "
        f"--length {chosen['length']} --rate {chosen['rate']} --seed {chosen['seed']}"
        + f" --domains {chosen['domains']:g} --pairs {chosen['pairs'][0]} {chosen['pairs'][1]}"
        + "".join(f" --weight {name}={n:g}" for name, n in chosen["weights"].items())
        + (" --begin with the adapter before it" if chosen["begin"] else ""),
        seed=chosen["seed"],
        figures={"step": step, "held_out_loss": round(loss, 4)},
    )


if __name__ == "__main__":
    raise SystemExit(main())


__all__ = ["main"]
