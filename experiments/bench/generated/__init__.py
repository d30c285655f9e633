"""Programs made at random from a seed: discrete ones, continuous ones, and malformed ones."""

from experiments.bench.generated.maker import Maker as Maker
from experiments.bench.generated.malformed import malformed as malformed
from experiments.bench.generated.programs import continuous as continuous
from experiments.bench.generated.programs import discrete as discrete
from experiments.bench.generated.programs import functions_of as functions_of
