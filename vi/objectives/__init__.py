"""Objectives of the literature, each a few lines over densities and draws."""

from vi.objectives.bounds import chi_square as chi_square
from vi.objectives.bounds import cubo as cubo
from vi.objectives.bounds import elbo as elbo
from vi.objectives.bounds import iwelbo as iwelbo
from vi.objectives.bounds import renyi as renyi
from vi.objectives.divergences import forward_kl as forward_kl
from vi.objectives.divergences import reverse_kl as reverse_kl
from vi.objectives.divergences import symmetric_kl as symmetric_kl
from vi.objectives.hierarchical import diwhvi as diwhvi
from vi.objectives.hierarchical import hvi as hvi
from vi.objectives.hierarchical import iwhvi as iwhvi
from vi.objectives.score import elbo_stl as elbo_stl
from vi.objectives.score import iwelbo_dreg as iwelbo_dreg
from vi.objectives.score import vimco as vimco
from vi.objectives.wake_sleep import sleep as sleep
from vi.objectives.wake_sleep import wake_guide as wake_guide
from vi.objectives.wake_sleep import wake_model as wake_model
