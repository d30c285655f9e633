"""Words for probabilities.

Source: Mastrandrea et al. 2010 (the IPCC's calibrated language): the terms and their ranges.
"""

from __future__ import annotations

# From this probability on, the words for it; the first that fits is used.
HEDGES = (
    (0.99, "virtually certain"),
    (0.90, "very likely"),
    (0.66, "likely"),
    (0.33, "about as likely as not"),
    (0.10, "unlikely"),
    (0.01, "very unlikely"),
    (0.0, "exceptionally unlikely"),
)


def hedge(probability: float) -> str:
    """The words for a probability.

    Args:
      probability: 0 to 1.

    Raises:
      ValueError: where it is none.

    >>> hedge(0.93), hedge(0.5), hedge(0.001)
    ('very likely', 'about as likely as not', 'exceptionally unlikely')
    >>> hedge(1.0), hedge(0.0)
    ('certain', 'impossible')
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"a probability lies between 0 and 1, and this is {probability}")
    if probability in (0, 1):
        return "certain" if probability == 1 else "impossible"
    return next(words for least, words in HEDGES if probability >= least)
