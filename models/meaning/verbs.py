"""Verbs as sentences about people have them: those of several and of one, and those that stay as they are."""

OF_ONE = {
    "are": "is",
    "aren't": "isn't",
    "were": "was",
    "weren't": "wasn't",
    "have": "has",
    "haven't": "hasn't",
    "do": "does",
    "don't": "doesn't",
}
"""What stands after one person, by what stands after several."""
FINITE = frozenset(
    [
        "is",
        "isn't",
        "was",
        "wasn't",
        "has",
        "hasn't",
        "had",
        "does",
        "doesn't",
        "did",
        "didn't",
        "can",
        "can't",
        "cannot",
        "will",
        "won't",
        "never",
        "always",
        "often",
        "beat",
        "won",
        "lost",
        "hit",
        "saw",
        "went",
    ]
)
"""Words that may follow a person, one as well as several or in the past; with adverbs before verbs."""
