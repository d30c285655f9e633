"""Guides: families of distributions over points, with parameters to be fitted."""

from vi.guides.amortised import Amortised as Amortised
from vi.guides.base import Guide as Guide
from vi.guides.base import draw as draw
from vi.guides.base import log_density as log_density
from vi.guides.flow import Autoregressive as Autoregressive
from vi.guides.flow import Flow as Flow
from vi.guides.networks import MLP as MLP
from vi.guides.networks import Network as Network
from vi.guides.networks import SetEncoder as SetEncoder
from vi.guides.normal import FullRank as FullRank
from vi.guides.normal import Hierarchical as Hierarchical
from vi.guides.normal import LowRank as LowRank
from vi.guides.normal import MeanField as MeanField
