"""Names of other dialects that have no counterpart here, and what to do instead."""

from __future__ import annotations

_ASSIGN = (
    "there is no assignment: give the new value a name of its own (let, define), or pass it on"
)
_CONTROL = "PLoT has no such control of evaluation: write it with functions"
_FILES = "programs read and write no files: write the data as a quoted list, '((1 2) (3 4))"
_CLOCK = "what a program comes to does not depend on the time"
_BROWSER = (
    "this program needs the physics and the drawing of a browser, which are no part of the language; "
    "a module can bring in functions of Python"
)
_QUERY = "ask with rejection-query, enumeration-query or mh-query"
_TABLE = "keep pairs in a list, and find them with assoc"

INSTEAD: dict[str, str] = {
    **dict.fromkeys(("set!", "set-car!", "set-cdr!", "vector-set!", "vector-fill!"), _ASSIGN),
    **dict.fromkeys(
        (
            *("call/cc", "call-with-current-continuation", "dynamic-wind", "delay", "force"),
            *("values", "call-with-values", "let-values", "define-values", "receive"),
            *("define-syntax", "let-syntax", "define-macro", "define-record-type"),
            *("parameterize", "with-exception-handler", "guard", "raise", "quasiquote"),
        ),
        _CONTROL,
    ),
    **dict.fromkeys(
        (
            *("load", "load-url", "require", "include", "use-modules"),
            *("read-csv", "write-csv", "read-file", "write-file", "csv-read", "csv-write"),
            *("open-input-file", "open-output-file", "read-line"),
        ),
        _FILES,
    ),
    **dict.fromkeys(("get-time", "current-time", "real-time", "runtime", "sleep"), _CLOCK),
    **dict.fromkeys(
        (
            *("animatePhysics", "runPhysics", "worldWidth", "worldHeight", "animate-physics"),
            *("run-physics", "world-width", "world-height", "draw-shapes", "draw-shape"),
            *("make-canvas", "make-drawing", "add-circle", "add-line", "add-text", "draw"),
        ),
        _BROWSER,
    ),
    **dict.fromkeys(("lex-query", "exact-query", "mcmc-query", "psmc-query", "smc-query"), _QUERY),
    **dict.fromkeys(("marginalize", "mh-query-scored", "mh-query/annealed-init"), _QUERY),
    **dict.fromkeys(
        ("make-hash-table", "hash-table-ref", "hash-table-set!", "make-eq-hashtable", "dict"),
        _TABLE,
    ),
}
