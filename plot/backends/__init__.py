"""Back ends: what runs a lane program over many worlds, and which one to choose."""

from plot.backends.assembly import assemble as assemble
from plot.backends.assembly import assembled as assembled
from plot.backends.base import Backend as Backend
from plot.backends.base import Block as Block
from plot.backends.base import blocks as blocks
from plot.backends.base import tile_width as tile_width
from plot.backends.base import tiled as tiled
from plot.backends.base import untiled as untiled
from plot.backends.choice import Choice as Choice
from plot.backends.choice import choose as choose
from plot.backends.choice import spread_over as spread_over
from plot.backends.machine import LaneMachine as LaneMachine
from plot.backends.program import Program as Program
from plot.backends.reference import Reference as Reference
from plot.backends.sharded import Sharded as Sharded
from plot.backends.xla import XLA as XLA
