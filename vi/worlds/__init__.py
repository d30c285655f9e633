"""Variational inference of world models: a guide is made for the draws that the evidence depends on."""

from vi.worlds.fit import WorldFit as WorldFit
from vi.worlds.fit import WorldFitOptions as WorldFitOptions
from vi.worlds.fit import fit as fit
from vi.worlds.programs import Guided as Guided
from vi.worlds.programs import Summed as Summed
from vi.worlds.soft import Softened as Softened
from vi.worlds.target import WorldTarget as WorldTarget
