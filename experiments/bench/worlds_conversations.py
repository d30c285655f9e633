"""Seconds of inference a sentence in whole conversations, as `plotline chat` holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.bench.spoken import turns

if TYPE_CHECKING:
    from experiments.common import Experiment

WORST_PERCENT = 95
# Other conversations, which call for the same engines: they warm what is compiled once.
WARM_UPS = {
    "kinship": (
        "(condition (grandfather 'avery 'charlie))",
        "(query (how-many (lambda (x) (sibling x 'charlie))))",
        "(condition (not (anyone (lambda (x) (sister x 'charlie)))))",
        "(query (female 'charlie))",
    ),
    "scenes": (
        "(condition (exists (left-of (things '(small)) (things '(bowl)))))",
        "(condition (= (number-of (things '(green))) 3))",
        "(condition (not (exists (things '(blue)))))",
        "(query (number-of everything))",
    ),
    "collisions": (
        "(condition (> (mass 'blue) 8))",
        "(query (mass 'red))",
        "(condition (> (speed-after 'blue) 2))",
        "(query (push 'red))",
    ),
    "lunch": (
        "(condition (bikes? 'alex))",
        "(query (destination 'alex))",
        "(condition (not (open? 'pizza)))",
        "(query (> (liking 'alex 'sushi) 0))",
    ),
}
# What is told in each grows improbable together: that is where worlds have to be led to the evidence.
TALKS: dict[str, tuple[float, tuple[tuple[str, ...], ...]]] = {
    "kinship": (
        0.5,
        (
            (
                "(condition (= (how-many (lambda (x) (sister x 'avery))) 2))",
                "(condition (father 'charlie 'avery))",
                "(condition (brother 'blake 'charlie))",
                "(query (uncle 'blake 'avery))",
                "(query (how-many (lambda (x) (cousin x 'avery))))",
                "(condition (wife 'dana 'blake))",
                "(query (who (lambda (x) (husband x 'dana))))",
                "(condition (= (how-many (lambda (x) (child x 'dana))) 3))",
                "(query (how-many (lambda (x) (cousin x 'avery))))",
                "(query (anyone (lambda (x) (grandmother 'dana x))))",
                "(condition (or (female 'avery) (anyone (lambda (x) (grandchild x 'charlie)))))",
                "(query (how-many (lambda (x) (grandchild x 'charlie))))",
                "(query (anyone (lambda (x) (not (anyone (lambda (y) (child y x)))))))",
            ),
            (
                "(condition (grandmother 'dana 'blake))",
                "(query (how-many (lambda (x) (child x 'dana))))",
                "(condition (not (anyone (lambda (x) (brother x 'blake)))))",
                "(query (how-many (lambda (x) (sibling x 'blake))))",
                "(condition (anyone (lambda (x) (aunt x 'blake))))",
                "(query (female 'blake))",
                "(condition (cousin 'avery 'blake))",
                "(query (grandmother 'dana 'avery))",
                "(query (how-many (lambda (x) (cousin x 'blake))))",
                "(condition (mother 'charlie 'avery))",
                "(query (child 'charlie 'dana))",
                "(query (relation 'charlie 'blake))",
                "(query family-size)",
            ),
        ),
    ),
    "scenes": (
        0.5,
        (
            (
                "(condition (= (number-of (things '(mug))) 2))",
                "(condition (exists (left-of (things '(red box)) (things '(blue mug)))))",
                "(query (number-of everything))",
                "(condition (not (exists (things '(bowl)))))",
                "(query (exists (things '(green mug))))",
                "(query (color-of (things '(box))))",
                "(condition (not (exists (behind (things '(box)) (things '(box))))))",
                "(query (number-of (things '(mug))))",
                "(condition (>= (number-of everything) 5))",
                "(query (exists (behind (things '(glass)) (things '(red box)))))",
                "(condition (exists (next-to (things '(big plate)) (things '(box)))))",
                "(query (number-of (things '(plate))))",
            ),
            (
                "(condition (> (number-of (things '(glass))) (number-of (things '(bowl)))))",
                "(query (number-of (things '(glass))))",
                "(condition (exists (between (things '(yellow)) (things '(glass)) (things '(plate)))))",
                "(query (kind-of (things '(yellow))))",
                "(query (exists (things '(green))))",
                "(condition (every (things '(plate)) (things '(small))))",
                "(query (number-of (things '(small))))",
                "(condition (= (number-of (in-front-of (things '(glass)) (things '(plate)))) 2))",
                "(query (number-of everything))",
                "(query (color-of (leftmost everything)))",
                "(query (exists (next-to (things '(glass)) (things '(glass)))))",
            ),
        ),
    ),
    "collisions": (
        2.0,
        (
            (
                "(condition (hits? 'red 'blue))",
                "(condition (> (mass 'red) 6))",
                "(query (speed-after 'blue))",
                "(query (hits-wall? 'blue))",
                "(condition (> (speed-after 'red) 1))",
                "(query (speed-after 'red))",
                "(query (push 'red))",
                "(condition (< (mass 'blue) 3))",
                "(query (mass 'blue))",
                "(query (argmax (lambda (x) (speed-after x)) objects))",
            ),
        ),
    ),
    "lunch": (
        2.0,
        (
            (
                "(condition (> (liking 'alex 'sushi) 10))",
                "(condition (walks? 'alex))",
                "(query (destination 'alex))",
                "(query (has-bike? 'alex))",
                "(condition (not (has-bike? 'alex)))",
                "(query (open? 'pizza))",
                "(condition (goes-to? 'alex 'vegetarian))",
                "(query (> (liking 'alex 'vegetarian) 0))",
                "(query (open? 'sushi))",
            ),
        ),
    ),
}


def measure(run: Experiment) -> None:
    """Hold each conversation twice: its sentences never heard before, and again; figures go to the run.

    The engine is chosen for each question, as by default; each sentence is given as its expression. Another,
    short conversation warms what is compiled once.
    """
    worlds = run.options.worlds
    for name, (wanted, talks) in TALKS.items():
        total = sum(map(len, talks))
        with run.stage(f"{name}: conversations", total=2 * total) as progress:
            turns(name, WARM_UPS[name], worlds, run.key)
            done, held = 0, []
            for when in ("first_heard", "heard_before"):
                held = []
                for talk in talks:
                    held += turns(name, talk, worlds, run.key)
                    done += len(talk)
                    progress(done)
                seconds = [turn.seconds for turn in held]
                run.figure(
                    f"{name}_conversation_seconds_a_sentence_{when}_percentile_{WORST_PERCENT}",
                    float(np.percentile(seconds, WORST_PERCENT)),
                    wanted=wanted,
                    median=float(np.median(seconds)),
                    slowest=max(seconds),
                    n=len(seconds),
                    worlds=worlds,
                )
        run.section(
            f"{name}_conversation",
            [
                {
                    "sentence": turn.sentence,
                    "seconds": turn.seconds,
                    "method": turn.posterior.method if turn.posterior is not None else "told",
                }
                for turn in held
            ],
        )
