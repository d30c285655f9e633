"""Many sentences told to a belief at once: a particle filter in one compiled loop.

`plan` says which sentences, and makes tables of them; `run` makes schedules of moves and runs `kernel`.
"""

from inference.filtering.plan import Plan as Plan
from inference.filtering.plan import plan as plan
from inference.filtering.run import USES as USES
from inference.filtering.run import Followed as Followed
from inference.filtering.run import follow_all as follow_all
