"""Objectives of the literature, each a few lines over densities and draws."""

from vi.objectives.bounds import elbo as elbo
from vi.objectives.bounds import iwelbo as iwelbo
