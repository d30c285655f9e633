"""Trains the net that proposes scenes for a picture, on scenes of the prior and their pictures.

    python -m experiments.train_scenes --steps 1500 --seed 1 --out out/train_scenes

Writes the parameters, with the command and the figures that made them, where the package looks for
them, and the curve of the loss to the folder.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from safetensors.numpy import save_file

from models.worlds.scenes.proposal import NETWORK, log_density, simulate
from vi.amortised import TrainOptions, train

WEIGHTS = Path(__file__).parents[1] / "models" / "worlds" / "scenes" / "proposal.safetensors"
HELD_OUT_SEED, HELD_OUT = 10_000_019, 256


def main(argv: Sequence[str] | None = None) -> int:
    """Train and write.

    Args:
      argv: the command line, or None for the process's own.

    Returns:
      The exit status.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("out/train_scenes"))
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    options = TrainOptions(steps=args.steps, batch=args.batch, rate=args.rate, chunk=25)
    began = time.monotonic()

    def progress(done: int) -> None:
        print(f"{done} of {args.steps} steps, {time.monotonic() - began:.0f} s", flush=True)

    params, curve = train(
        jax.random.key(args.seed), simulate, NETWORK, log_density, options, progress
    )
    gained, error = held_out(params)
    print(f"held out: {gained:.2f} ± {error:.2f} nats more than the prior gives to the true scene")
    np.savetxt(args.out / "curve.csv", np.asarray(curve.losses), header="loss")
    about = {
        "command": "python -m experiments.train_scenes "
        f"--steps {args.steps} --batch {args.batch} --rate {args.rate:g} --seed {args.seed}",
        "held_out_log_density_over_prior": f"{gained:.3f} (standard error {error:.3f}, "
        f"{HELD_OUT} scenes of seed {HELD_OUT_SEED})",
        "loss_mean_of_last_tenth": f"{np.mean(curve.losses[-max(args.steps // 10, 1) :]):.3f}",
        "seconds": f"{time.monotonic() - began:.0f}",
        "versions": json.dumps({"jax": jax.__version__}),
    }
    flat = {name: np.asarray(value, np.float32) for name, value in flattened(params)}
    save_file(flat, WEIGHTS, metadata=about)
    print(f"wrote {WEIGHTS}")
    return 0


def held_out(params: Any) -> tuple[float, float]:
    """The mean log density of true scenes under the proposal, over the prior, and its error."""
    keys = jax.random.split(jax.random.key(HELD_OUT_SEED), HELD_OUT)

    def one(key: jax.Array) -> jax.Array:
        return log_density(params, *simulate(key))

    logs = np.asarray(jax.lax.map(one, keys, batch_size=32))
    return float(logs.mean()), float(logs.std() / np.sqrt(len(logs)))


def flattened(params: Any, path: str = "") -> list[tuple[str, jnp.ndarray]]:
    """Parameters by names made of their path."""
    if not isinstance(params, dict):
        return [(path, params)]
    return [
        pair
        for name, inner in params.items()
        for pair in flattened(inner, f"{path}/{name}" if path else str(name))
    ]


if __name__ == "__main__":
    raise SystemExit(main())
