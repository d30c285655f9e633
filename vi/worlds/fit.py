"""`vi.fit`: a guide for the evidence of a world, made and fitted without more words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import jax
import optax
from genjax.core import Thunk
from jaxtyping import Array, PRNGKeyArray

from inference.belief import Belief
from plot.errors import Unsupported
from plot.exports.lanes import question_of
from plot.posterior import Posterior
from plot.world import Question, World
from vi.expectation import Objective, maximise
from vi.fitting import Curve, Estimates, FitOptions, Fitted, optimise
from vi.guides import FullRank, Guide, MeanField
from vi.objectives import elbo
from vi.programs import Target
from vi.worlds.answer import Proposer
from vi.worlds.programs import MOST_CONFIGURATIONS, Finite, Guided, Summed, WorldPrograms
from vi.worlds.soft import Softened, SoftEvidence, hidden_comparisons
from vi.worlds.target import WorldTarget

PLAIN = 0.1  # share of the worlds of an answer that are the prior's
FULL_RANK_UP_TO = 100  # coordinates
CHARGE = (
    -20.0
)  # log weight of hard evidence on finite choices that is broken, where they are guided
CHARGE_OF_SUMS = -1e3  # where they are summed over: as good as impossible


@dataclass(frozen=True)
class WorldFitOptions:
    """How to fit a guide to a world.

    Args:
      guide: family over the continuous draws; a normal of full rank up to 100 of them, and of
        independent coordinates above.
      finite: what is done with finite choices; summed over up to 4,096 ways.
      softness: width of a softened comparison, in usual distances of its sides.
      estimates: of the gradient, averaged in each step.
      fit: steps and optimiser.

    Raises:
      ValueError: for a softness or a number of estimates that is not positive.
    """

    guide: Guide | None = None
    finite: Finite = Summed()
    softness: float = 0.05
    estimates: int = 32
    fit: FitOptions = field(
        default_factory=lambda: FitOptions(
            2_000, optax.adam(optax.cosine_decay_schedule(0.02, 2_000))
        )
    )

    def __post_init__(self) -> None:
        if self.softness <= 0 or self.estimates < 1:
            raise ValueError("the softness is above 0, and 1 estimate or more is averaged")


@dataclass(frozen=True, eq=False)
class WorldFit:
    """A guide that was fitted to the evidence of a world.

    Args:
      programs: the model and the guide.
      fitted: parameters, and how the fit went.
      question: what was asked.
      key: of the answers.
      notes: what was softened and assumed.
    """

    programs: WorldPrograms
    fitted: Fitted
    question: Question
    key: PRNGKeyArray
    notes: tuple[str, ...]

    @property
    def curve(self) -> Curve:
        """The loss, minus the objective."""
        return self.fitted.curve

    @property
    def softened(self) -> tuple[Softened, ...]:
        """The comparisons that were made soft."""
        return self.programs.evidence.softened

    def answer(self, question: Question | str | None = None, worlds: int = 100_000) -> Posterior:
        """The guide's worlds, weighted for the evidence as it is: consistent, whatever the fit.

        One world in ten is the prior's, and all are weighed as draws from the mixture of the two, so that a
        part of the posterior which the guide has missed is found or shows in the errors.

        Source: Hesterberg, Weighted average importance sampling and defensive mixture distributions
        (1995).

        Args:
          question: about the same world; what was asked in the fit, where not given.
          worlds: how many the guide proposes.
        """
        return self._answer(question, worlds, weighted=True)

    def guess(self, question: Question | str | None = None, worlds: int = 100_000) -> Posterior:
        """The guide's worlds as they are: what variational inference alone believes, approximately.

        Args:
          question: as in `answer`.
          worlds: how many.
        """
        return self._answer(question, worlds, weighted=False)

    def _answer(self, question: Question | str | None, worlds: int, weighted: bool) -> Posterior:
        target = self.programs.evidence.target
        asked = self.question if question is None else question
        asked = target.asking(asked) if isinstance(asked, str) else asked
        draw_key, rest_key = jax.random.split(jax.random.fold_in(self.key, int(weighted)))
        proposer = self._proposers[weighted]
        drawn = proposer.propose(self.fitted.params, draw_key, worlds)
        if weighted:
            method = "importance weighting of a fitted guide's worlds"
            notes = (
                "properly weighted for the evidence as it is: the guide only proposes, and a share of "
                f"{PLAIN:.0%} of the worlds is the prior's, for what it may have missed",
                *self.notes,
            )
        else:
            method = "variational inference"
            notes = (
                "approximate: the guide itself, whose error standard errors do not show",
                *self.notes,
            )
        return proposer.posterior(asked, drawn, rest_key, method, notes)

    @cached_property
    def _proposers(self) -> dict[bool, Proposer]:
        """Whether they weigh, and what they have compiled."""
        return {
            False: Proposer(self.programs, False),
            True: Proposer(self.programs, True, plain=PLAIN),
        }

    def __str__(self) -> str:
        return "\n".join([str(self.fitted), *self.notes])


def fit(
    asked: Question | Belief | World | str,
    objective: Callable[[Target, Thunk], Array] = elbo,
    key: PRNGKeyArray | None = None,
    options: WorldFitOptions = WorldFitOptions(),
    progress: Callable[[int], None] | None = None,
) -> WorldFit:
    """Fit a guide to the evidence of a world: gradients where there are any, and made where not.

    Continuous draws are guided by a family of distributions, finite ones summed over or guided too.
    A hard comparison has no gradient, so it is softened while the guide is fitted; `answer` weighs
    the guide's worlds for the evidence as it is.

    Source: Kucukelbir et al., Automatic differentiation variational inference (2017).

    Args:
      asked: a question of a world, a belief, a world, or a program that ends in a question.
      objective: of a model and a guide, such as `elbo` or `partial(iwelbo, n=5)`.
      key: the seed; 0 where not given.
      options: guide, finite choices, softness, steps.
      progress: called with the number of steps done.

    Raises:
      Unsupported: where the evidence depends on no continuous draw, or on what cannot be guided.
      NotFinite: where the objective is not finite, with the step and the address.

    >>> found = fit("(define mu (gaussian 0 1)) (condition (= (gaussian mu 1) 2)) (query mu)")
    >>> abs(found.guess().mean.value - 1) < 0.05
    True
    """
    key = jax.random.key(0) if key is None else key
    question = _question(asked)
    target = WorldTarget(question)
    if not target.size:
        raise Unsupported(
            "gradients of evidence that depends on no continuous draw",
            hint="use Exact, which sums over finite draws, or ask of a world that was told something",
        )
    summed = isinstance(options.finite, Summed)
    if summed and target.configurations > MOST_CONFIGURATIONS:
        raise Unsupported(
            f"a sum over {target.configurations:,} ways in which {len(target.finite)} finite choices "
            "can go",
            hint="guide them: WorldFitOptions(finite=Guided(Reinforce(LeaveOneOut())))",
        )
    scale_key, init_key, run_key, answer_key = jax.random.split(key, 4)
    charge = CHARGE_OF_SUMS if summed else CHARGE
    evidence = SoftEvidence.of(target, scale_key, options.softness, charge)
    guide = options.guide or (FullRank if target.size <= FULL_RANK_UP_TO else MeanField)(
        target.size
    )
    if guide.size != target.size:
        raise ValueError(
            f"the guide has {guide.size} coordinates, and the evidence depends on {target.size} "
            f"continuous draws: {', '.join(target.labels)}"
        )
    programs = WorldPrograms(evidence, guide, options.finite)
    wanted = _objective(programs, objective)
    params = programs.init(init_key)
    wanted.check(params)
    fitted = optimise(
        run_key, Estimates(wanted, estimates=options.estimates), params, options.fit, progress
    )
    return WorldFit(programs, fitted, question, answer_key, _notes(programs, options))


def _objective(programs: WorldPrograms, objective: Callable[[Target, Thunk], Array]) -> Objective:
    return maximise(lambda params: objective(programs.model, programs.bound(params)))


def _question(asked: Question | Belief | World | str) -> Question:
    if isinstance(asked, Belief):
        asked = asked.world
    if isinstance(asked, World):
        return asked.ask("#t")
    return question_of(asked)


def _notes(programs: WorldPrograms, options: WorldFitOptions) -> tuple[str, ...]:
    target, guide = programs.evidence.target, programs.guide
    notes = [f"guide: {type(guide).__name__} over {target.size} draws: {', '.join(target.labels)}"]
    if target.finite and isinstance(options.finite, Guided):
        name = type(options.finite.strategy).__name__
        notes.append(
            f"{len(target.finite)} finite choices guided, each independently of all else, with {name}"
        )
    elif target.finite:
        notes.append(
            f"{len(target.finite)} finite choices summed over exactly, {target.configurations:,} ways"
        )
    notes += [f"in the fit, {s}" for s in programs.evidence.softened]
    hidden = hidden_comparisons(target)
    if hidden:
        notes.append(
            f"{hidden} other steps of the program (comparisons, rounding) have no gradient, and the fit "
            "does not see what hangs on them"
        )
    return tuple(notes)
