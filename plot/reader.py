"""The reader: text to syntax trees with spans."""

from __future__ import annotations

import math
import re

from plot.errors import ReadError, Source, Span
from plot.scoping import mark_variables
from plot.syntax import Form, Literal, Symbol, Tree

MAX_NESTING = 1000
EXACT = 2**53  # whole numbers up to here are exact in a float; larger ones are floats

_TOKEN = re.compile(
    r"""(?P<space>\s+|;[^\n]*|\#\|.*?\|\#)
      | (?P<skip>\#;)
      | (?P<string>"(?:\\.|[^"\\])*")
      | (?P<open>[(\[])
      | (?P<close>[)\]])
      | (?P<quote>['’])
      | (?P<atom>[^\s()\[\]'’`,;"]+)""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_SYMBOL = re.compile(
    r"[^\W\d][\w?!\-><=*/+.:%&$^~@|]*|[+\-*/<>=?!.%&$^~@|:][\w?!\-><=*/+.:%&$^~@|]*"
)
_CONSTANTS = {
    **dict.fromkeys(("#t", "#T", "#true", "true"), True),
    **dict.fromkeys(("#f", "#F", "#false", "false"), False),
}
_CLOSES = {"(": ")", "[": "]"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}


def read(text: str, name: str = "<program>") -> list[Tree]:
    """Read every expression of a text.

    Args:
      text: PLoT source; `( )` and `[ ]` match themselves; comments are `;` to the end of the line,
        `#| … |#`, and `#;` before a datum that is left out.
      name: what to call the text in error messages.

    Raises:
      ReadError: unbalanced or mismatched brackets, a bad character, an unfinished string,
        a number out of range, or brackets nested deeper than `MAX_NESTING`.

    >>> read("(+ 1 'a)")
    [Form(items=(Symbol(name='+'), Literal(value=1), Form(items=(Symbol(name='quote'), Symbol(name='a')))))]
    """
    source = Source(text, name)
    done: list[Tree] = []
    # One frame per open bracket: (bracket, its position, items so far, quotes waiting for a datum).
    items: list[Tree] = done
    quotes: list[int] = []
    frames: list[tuple[str, int, list[Tree], list[int]]] = []
    position = depth = 0

    def emit(tree: Tree, end: int) -> None:
        nonlocal depth
        while quotes:
            start = quotes.pop()
            depth -= 1
            if start < 0:
                return  # after `#;`: earlier marks wait for the next datum
            mark = Symbol("quote", Span(source, start, start + 1))
            tree = Form((mark, tree), Span(source, start, end))
        items.append(tree)

    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _bad_character(source, position)
        kind, token, start, position = match.lastgroup, match.group(), position, match.end()
        span = Span(source, start, position)
        if kind == "space":
            continue
        if kind in ("quote", "open", "skip"):
            depth += 1
            if depth > MAX_NESTING:
                what = "brackets" if kind == "open" else "marks"
                raise ReadError(f"{what} are nested more than {MAX_NESTING} deep", span)
        if kind == "quote":
            quotes.append(start)
        elif kind == "skip":
            quotes.append(-1 - start)
        elif kind == "open":
            frames.append((token, start, items, quotes))
            items, quotes = [], []
        elif kind == "close":
            if quotes:
                raise _dangling(source, quotes)
            if not frames:
                raise ReadError(
                    f"`{token}` closes nothing", span, "remove it, or open a bracket before it"
                )
            opener, begin, outer, waiting = frames.pop()
            if _CLOSES[opener] != token:
                raise ReadError(
                    f"`{token}` closes the `{opener}` of line {Span(source, begin, begin).line}",
                    span,
                    f"write `{_CLOSES[opener]}` here, or `{'[' if opener == '(' else '('}` there",
                )
            depth -= 1
            form = Form(tuple(items), Span(source, begin, position))
            items, quotes = outer, waiting
            emit(form, position)
        elif kind == "string":
            emit(Literal(_unescape(token[1:-1]), span), position)
        else:
            emit(_atom(token, span), position)
    if quotes:
        raise _dangling(source, quotes)
    if frames:
        opener, begin, _, _ = frames[-1]
        missing = "".join(_CLOSES[frame[0]] for frame in reversed(frames))
        shown = missing if len(missing) <= 12 else f"{len(missing)} closing brackets"
        raise ReadError(
            f"`{opener}` is never closed",
            Span(source, begin, begin + 1),
            f"add `{shown}` at the end",
        )
    return mark_variables(done)


def _dangling(source: Source, marks: list[int]) -> ReadError:
    at = marks[-1]
    if at < 0:
        return ReadError("`#;` has nothing after it to leave out", Span(source, -1 - at, 1 - at))
    return ReadError("a quote mark has nothing after it", Span(source, at, at + 1))


def read_one(text: str, name: str = "<fragment>") -> Tree:
    """Read exactly one expression.

    Raises:
      ReadError: as `read`, and where the text holds no expression or several.

    >>> read_one("(f x)").head
    'f'
    """
    trees = read(text, name)
    if not trees:
        raise ReadError("there is no expression here", Span(Source(text, name), 0, len(text)))
    if len(trees) > 1:
        raise ReadError("one expression is due here, and a second begins", trees[1].span)
    return trees[0]


def _atom(token: str, span: Span) -> Tree:
    if token in _CONSTANTS:
        return Literal(_CONSTANTS[token], span)
    if _NUMBER.fullmatch(token):
        number = float(token)
        if abs(number) <= EXACT and re.fullmatch(r"[+-]?\d+", token):
            return Literal(int(token), span)
        if not math.isfinite(number):
            raise ReadError("this number is too large to represent", span)
        return Literal(number, span)
    if token.startswith("#|"):
        raise ReadError("this comment is never closed", span, "add `|#` where it ends")
    if not _SYMBOL.fullmatch(token):
        hint = (
            "names begin with a letter or one of + - * / < > = ? ! . and hold no brackets or quotes"
        )
        raise ReadError(f"`{token[:40]}` is neither a number nor a name", span, hint)
    return Symbol(token, span)


def _unescape(body: str) -> str:
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m.group(1), m.group(1)), body, flags=re.DOTALL)


def _bad_character(source: Source, position: int) -> ReadError:
    character = source.text[position]
    span = Span(source, position, position + 1)
    if character == '"':
        return ReadError("this string is never closed", span, 'add `"` where it ends')
    return ReadError(f"`{character}` means nothing in PLoT", span, "remove it")
