"""Names that other dialects give to functions that are here under another name."""

from __future__ import annotations

OTHER_NAMES: dict[str, tuple[str, ...]] = {
    ">": ("greater",),
    "<": ("less",),
    "eq?": ("eq",),
    "all": ("every",),
    "number?": ("real?", "rational?"),
    "take": ("list-head",),
    "drop": ("list-tail",),
    "unique": ("delete-duplicates",),
    "foldr": ("fold-right",),
    "member": ("memq", "memv"),
    "assoc": ("assq", "assv"),
    "update-list": ("list-set",),
    "identity": ("list-copy", "list->vector", "vector->list"),
    "list": ("vector",),
    "list-ref": ("vector-ref",),
    "length": ("vector-length",),
    "string-slice": ("substring",),
    "string-split": ("regexp-split",),
    "boolean->number": ("bool->number",),
    "flip": ("bernoulli",),
    "display": ("console-log",),
}
