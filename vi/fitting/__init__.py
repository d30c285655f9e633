"""Fitting: steps down an estimated gradient, checkpoints, curves, and how noisy estimates are."""

from vi.fitting.curve import Curve as Curve
from vi.fitting.curve import plot_curves as plot_curves
from vi.fitting.errors import CheckpointError as CheckpointError
from vi.fitting.errors import NotFinite as NotFinite
from vi.fitting.loop import Estimator as Estimator
from vi.fitting.loop import Fitted as Fitted
from vi.fitting.loop import loss_and_gradient as loss_and_gradient
from vi.fitting.loop import optimise as optimise
from vi.fitting.options import Checkpoints as Checkpoints
from vi.fitting.options import FitOptions as FitOptions
from vi.fitting.options import Plateau as Plateau
from vi.fitting.steps import Estimates as Estimates
from vi.fitting.steps import RowEstimates as RowEstimates
from vi.fitting.variance import VarianceReport as VarianceReport
from vi.fitting.variance import gradient_noise as gradient_noise
