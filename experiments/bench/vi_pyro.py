"""The same attend-infer-repeat as a model and a guide of Pyro, which a machine may have or not.

uv run --with torch --with pyro-ppl python -m experiments bench vi --only air
"""
# pyright: reportMissingImports=false

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import jax
import numpy as np

from experiments.air.model import NEVER, NOISE, PRESENT
from experiments.air.training import METHODS, Setting, pictures_of
from experiments.digits import SIDE

CODE, WHERE_SD = 10, 0.7  # as `experiments.air.model`
WEIGHTS = 5  # of the importance-weighted bound
HOW = "uv run --with torch --with pyro-ppl python -m experiments bench vi --only air"
# It has no measure-valued derivatives, and one estimate a step of a weighted bound: no leave-one-out baseline.
CANNOT = ("mvd", "iwae_mvd", "iwae_reinforce")
# Its surrogate multiplies the score with alpha / (1 - alpha), so the network that says whether there is an
# object gets a gradient of exactly 0 and never learns; ours has the score term, and costs what it costs.
LEAVES_OUT = {
    "iwae_reinforce_no_baseline": "Pyro's RenyiELBO(alpha=0) gives finite choices of the guide no gradient"
}


def present() -> bool:
    """Whether torch and Pyro can be imported."""
    return find_spec("torch") is not None and find_spec("pyro") is not None


def loop(
    method: str, setting: Setting, start: Any, steps: int, rate: float
) -> Callable[[int], float]:
    """A function of a seed that takes steps of Pyro's SVI and returns the mean loss of a picture.

    Args:
      method: of `METHODS`; not of `CANNOT`.
      setting: size of batch and pictures.
      start: parameters of `Air`, that the networks of torch begin with.
      steps: of Adam.
      rate: of Adam.
    """
    import pyro
    import torch
    from pyro.infer import SVI, RenyiELBO, TraceEnum_ELBO, TraceGraph_ELBO

    canvas, batch = setting.canvas, setting.batch
    nets = _networks(canvas.side, start)
    make = pictures_of(setting)

    @jax.jit
    def pictures(key: Any) -> Any:
        """Those that `vi.loop` sees with the same seed, so that losses can be compared."""
        keys = jax.vmap(jax.random.split)(jax.random.split(key, steps))
        return jax.lax.map(make, keys[:, 0])

    more = {
        "reinforce": {"baseline": {"use_decaying_avg_baseline": True}},
        "enum": {"enumerate": "parallel"},
        "iwae_reinforce_no_baseline": {},
    }[method]

    def sample(name: str, law: Any, **options: Any) -> Any:
        return pyro.sample(name, law, **options)

    def chance(before: Any, of_one: Any) -> Any:
        return before * of_one + (1 - before) * NEVER

    def model(seen: Any) -> None:
        with pyro.plate("pictures", batch):
            picture: Any = torch.zeros(canvas.side, canvas.side)
            before = torch.ones(())
            for i in range(canvas.most):
                there = sample(f"present {i}", _bernoulli(chance(before, PRESENT)))
                where = sample(f"where {i}", _normal(torch.zeros(2), torch.tensor(WHERE_SD)))
                what = sample(f"what {i}", _normal(torch.zeros(CODE), torch.tensor(1.0)))
                before = there
                placed = _place(nets.draw(what), _corner(where, canvas.room), canvas.side)
                picture = picture + before[..., None, None] * placed
            pyro.sample("picture", _normal(picture, torch.tensor(NOISE), 2), obs=seen)

    def guide(seen: Any) -> None:
        pyro.module("networks", nets)
        with pyro.plate("pictures", batch):
            rest, before = seen, torch.ones(())
            for i in range(canvas.most):
                logit, mean, sd = nets.look(rest)
                found = torch.sigmoid(logit).clamp(1e-4, 1 - 1e-4)
                there = sample(f"present {i}", _bernoulli(chance(before, found)), infer=more)
                before, on = there, there[..., None] > 0
                where = sample(f"where {i}", _either(on, mean, sd, WHERE_SD))
                at = _corner(where, canvas.room)
                belief, spread = nets.what(_glimpse(rest, at, canvas.side))
                what = sample(f"what {i}", _either(on, belief, spread, 1.0))
                placed = _place(nets.draw(what), at, canvas.side)
                rest = rest - before[..., None, None] * placed

    several = {"vectorize_particles": True, "max_plate_nesting": 1}
    loss = {
        "reinforce": lambda: TraceGraph_ELBO(METHODS[method].estimates, **several),
        "enum": lambda: TraceEnum_ELBO(**several),
        "iwae_reinforce_no_baseline": lambda: RenyiELBO(0.0, WEIGHTS, **several),
    }[method]()

    def run(seed: int) -> float:
        pyro.set_rng_seed(seed)
        pyro.clear_param_store()
        nets.load_state_dict(_state(start))
        engine = SVI(model, guide, pyro.optim.Adam({"lr": rate}), loss)
        shown = torch.from_numpy(np.array(pictures(jax.random.key(seed))))
        return float(np.mean([engine.step(seen) for seen in shown])) / batch

    return run


def _bernoulli(chance: Any) -> Any:
    from pyro.distributions import Bernoulli

    return Bernoulli(chance, validate_args=False)


def _normal(mean: Any, sd: Any, ranks: int = 1) -> Any:
    from pyro.distributions import Normal

    return Normal(mean, sd, validate_args=False).to_event(ranks)


def _either(on: Any, mean: Any, sd: Any, prior_sd: float) -> Any:
    import torch

    return _normal(
        torch.where(on, mean, torch.zeros(())), torch.where(on, sd, torch.tensor(prior_sd))
    )


def _corner(where: Any, room: int) -> Any:
    return (where + 1) * room / 2


def _taps(position: Any, side: int) -> Any:
    import torch

    pixel, tap = torch.arange(side)[:, None], torch.arange(SIDE)[None]
    return (1 - (pixel - (position[..., None, None] + tap)).abs()).clamp(min=0)


def _place(digit: Any, at: Any, side: int) -> Any:
    return _taps(at[..., 0], side) @ digit @ _taps(at[..., 1], side).mT


def _glimpse(picture: Any, at: Any, side: int) -> Any:
    return _taps(at[..., 0], side).mT @ picture @ _taps(at[..., 1], side)


def _over_windows(weights: Any, picture: Any, side: int) -> Any:
    """As `experiments.air.pictures.over_windows`, in half the time of unfolded windows or a convolution.

    The ink of each window comes first, then a linear layer without its bias: `[..., windows, 1 + out]`.
    """
    import torch

    count = side - SIDE + 1
    both = torch.cat([torch.ones(1, SIDE * SIDE), weights]).view(-1, SIDE, SIDE)
    at = torch.eye(side).unfold(0, count, 1).permute(2, 0, 1)
    banded = torch.einsum("bjz,cij->izbc", at, both).reshape(SIDE * side, -1)
    rows = picture.unfold(-2, SIDE, 1).mT.flatten(-2)
    return (rows @ banded).unflatten(-1, (count, -1)).flatten(-3, -2)


def _state(start: Any) -> dict[str, Any]:
    """Parameters of Flax as a state of the torch modules below."""
    import torch

    found: dict[str, Any] = {}

    def walk(tree: Any, path: tuple[str, ...]) -> None:
        for name, value in tree.items():
            if isinstance(value, dict):
                walk(value, (*path, str(name)))
                continue
            here = tuple(p for p in path if p not in ("look", "layers"))
            weight = name == "kernel"
            array = torch.from_numpy(np.array(value))
            found[".".join((*here, "weight" if weight else name))] = array.mT if weight else array

    walk(start, ())
    return found


def _networks(side: int, start: Any) -> Any:
    """The networks of `experiments.air.model`, in torch."""
    import torch
    from torch import nn

    state = _state(start)

    def layers(name: str) -> Any:
        """An MLP whose sizes are those of the parameters."""
        made = nn.ModuleDict()
        for i in ("0", "1"):
            outputs, inputs = state[f"{name}.{i}.weight"].shape
            made[i] = nn.Linear(inputs, outputs)
        return made

    def through(mlp: Any, x: Any) -> Any:
        return mlp["1"](nn.functional.gelu(mlp["0"](x), approximate="tanh"))

    class Networks(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.correct, self.judge = layers("correct"), layers("judge")
            self.encode, self.decode = layers("encode"), layers("decode")
            self.sharpness = nn.Parameter(torch.zeros(()))
            self.spread = nn.Parameter(torch.zeros(()))

        def look(self, rest: Any) -> tuple[Any, Any, Any]:
            count = side - SIDE + 1
            each = _over_windows(self.correct["0"].weight, rest, side)
            ink, x = each[..., 0], each[..., 1:] + self.correct["0"].bias
            corrected = self.correct["1"](nn.functional.gelu(x, approximate="tanh"))[..., 0]
            raw = self.sharpness * ink + corrected
            weights = raw.softmax(-1).unflatten(-1, (count, count))
            grid = torch.linspace(-1, 1, count)
            mean = torch.stack([weights.sum(-1) @ grid, weights.sum(-2) @ grid], -1)
            seen = _glimpse(rest, _corner(mean, side - SIDE), side).flatten(-2)
            facts = torch.stack([ink.amax(-1) / 10, rest.sum((-2, -1)) / 20], -1)
            logit = through(self.judge, torch.cat([seen, facts], -1))[..., 0]
            return logit, mean, self.spread.exp() * torch.ones(2)

        def what(self, seen: Any) -> tuple[Any, Any]:
            mean, raw = through(self.encode, seen.flatten(-2)).chunk(2, -1)
            return mean, nn.functional.softplus(raw) + 1e-3

        def draw(self, what: Any) -> Any:
            return torch.sigmoid(through(self.decode, what) - 2).unflatten(-1, (SIDE, SIDE))

    made = Networks()
    made.load_state_dict(state)
    return made
