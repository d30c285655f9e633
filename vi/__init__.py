"""Programmable variational inference: objectives are programs, gradient strategies are choices at each draw.

A guide is a generative function of GenJAX whose draws carry a gradient strategy; an objective is a
program over densities and draws; its expected value is made large or small with Optax.

    from genjax import gen, normal
    from vi import Reparametrise, elbo, maximise, target

    @gen
    def model():
        x = normal(0.0, 1.0) @ "x"
        normal(x, 1.0) @ "y"

    @gen
    def guide(mean):
        Reparametrise()(normal)(mean, 0.7) @ "x"

    @maximise
    def objective(mean):
        return elbo(target(model, {"y": 1.0}), guide.T(mean))

    value, gradient = objective.value_and_gradient(key, 0.0, estimates=64)

| room | what lives there |
|---|---|
| `expectation.py` | `maximise`, `minimise`: an `Objective` with estimates, gradients and checks; `independent` runs side by side |
| `programs.py` | what objectives are written with: `target`, `draw`, `draws`, `log_density`, `log_densities` |
| `strategies/` | one gradient strategy a module; `Strategy()(distribution)(parameters) @ "address"` |
| `objectives/` | the objectives of the literature: functions of a target `p` and a bound guide `q` |
| `marginal.py`, `normalise.py` | densities of programs with auxiliary draws, by importance sampling or SMC |
| `interpreter.py`, `sites.py`, `laws.py` | automatic differentiation of expected values (ADEV) underneath |
| `fitting/` | `optimise`: Optax steps, checkpoints that resume to the same bits, curves, noise of gradients |
| `guides/` | families over points: normals, spline flows, autoregressive, hierarchical, amortised by a network |
| `worlds/` | `fit(question)`: a guide for a world model, its hard evidence softened, its answers weighed |
| `amortised/` | `train` on the prior's samples; `Proposal`: worlds that a network proposes |
| `errors.py`, `diagnosis.py` | `StrategyError`, `GuideError`, `ObjectiveError`, `LossError` |

An `Objective` has `value(key, parameters, *data, estimates=1)`, `values(...)` (each estimate),
`value_and_gradient(...)`, `loss_and_gradient(...)` (with the sign that Optax makes small),
`check(parameters, *data)` (traces, and raises what is wrong before a step is taken),
`drawings(parameters, *data)` (what is drawn where, by which strategy, and whether that is biased) and
`explain(key, parameters, *data)` (the error to raise where a loss is not finite). All of them are
pure: compile a step with `jax.jit`, and many with `lax.scan`.

Bound programs: `guide.T(*arguments)` draws and has a density; `target(model, observed, *arguments)`
has an unnormalised one. Objectives that need a number of particles take it as `n`.
"""

from vi.errors import GuideError as GuideError
from vi.errors import LossError as LossError
from vi.errors import ObjectiveError as ObjectiveError
from vi.errors import StrategyError as StrategyError

# isort: split
# Gradient strategies; StraightThrough and GumbelSoftmax are biased.
# Baselines of Reinforce.
from vi.strategies import Baseline as Baseline
from vi.strategies import Enumerate as Enumerate
from vi.strategies import Fixed as Fixed
from vi.strategies import GumbelSoftmax as GumbelSoftmax
from vi.strategies import LeaveOneOut as LeaveOneOut
from vi.strategies import MeasureValued as MeasureValued
from vi.strategies import NoBaseline as NoBaseline
from vi.strategies import Reinforce as Reinforce
from vi.strategies import Reparametrise as Reparametrise
from vi.strategies import StraightThrough as StraightThrough
from vi.strategies import Strategy as Strategy

# isort: split
# Objectives, and what they are written with.
from vi.expectation import Drawing as Drawing
from vi.expectation import Objective as Objective
from vi.expectation import independent as independent
from vi.expectation import maximise as maximise
from vi.expectation import minimise as minimise
from vi.programs import Target as Target
from vi.programs import draw as draw
from vi.programs import draws as draws
from vi.programs import log_densities as log_densities
from vi.programs import log_density as log_density
from vi.programs import target as target
from vi.rewriting import frozen as frozen
from vi.rewriting import with_strategies as with_strategies

# isort: split
# Programs with auxiliary draws, and posteriors, as distributions.
from vi.marginal import marginal as marginal
from vi.normalise import normalise as normalise
from vi.particles import SMC as SMC
from vi.particles import Importance as Importance

# isort: split
# Objectives of the literature.
from vi.objectives import chi_square as chi_square
from vi.objectives import cubo as cubo
from vi.objectives import diwhvi as diwhvi
from vi.objectives import elbo as elbo
from vi.objectives import elbo_stl as elbo_stl
from vi.objectives import forward_kl as forward_kl
from vi.objectives import hvi as hvi
from vi.objectives import iwelbo as iwelbo
from vi.objectives import iwelbo_dreg as iwelbo_dreg
from vi.objectives import iwhvi as iwhvi
from vi.objectives import renyi as renyi
from vi.objectives import reverse_kl as reverse_kl
from vi.objectives import sleep as sleep
from vi.objectives import symmetric_kl as symmetric_kl
from vi.objectives import vimco as vimco
from vi.objectives import wake_guide as wake_guide
from vi.objectives import wake_model as wake_model

# Guides that are made and fitted for a question about a world.
from vi.worlds import Guided as Guided
from vi.worlds import Summed as Summed
from vi.worlds import WorldFit as WorldFit
from vi.worlds import WorldFitOptions as WorldFitOptions
from vi.worlds import fit as fit
