"""Programs that are wrong, hopeless or hostile: what a reader, a checker and a run must survive."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from experiments.bench.generated.programs import continuous, discrete
from experiments.bench.generated.traps import BOMBS, LITERALS, LOOPS, VALUES, deep
from plot.errors import PlotError
from plot.printer import write
from plot.reader import read
from plot.signatures import FORMS, SIGNATURES
from plot.syntax import Form, Literal, Symbol, Tree, walk

_TOKEN = re.compile(r"\s+|[()\[\]']|\"(?:\\.|[^\"\\])*\"|[^\s()\[\]'\"]+")
_ODD = "\0\x01\x07\x08\x1b\x7f\u200b\u202e\ufeff\ud7ff\U0001f600é∀λ\u0660½“”`,;#|\\\r\t"


def malformed(seed: int) -> str:
    """A program that is probably wrong; the same seed gives the same one."""
    rng = random.Random(f"malformed {seed}")
    return rng.choice(WAYS if rng.random() > RARELY else RARE)(rng)


def _good(rng: random.Random) -> str:
    """A well-formed program to spoil."""
    if rng.random() < 0.4:
        return rng.choice(_EXAMPLES)
    return rng.choice((discrete, continuous))(rng.randrange(1 << 30))


_EXAMPLES = [d.example.program for d in (*SIGNATURES.values(), *FORMS.values()) if d.example]


def _truncated(rng: random.Random) -> str:
    text = _good(rng)
    cut = rng.randrange(len(text))
    return text[:cut] if rng.random() < 0.7 else text[cut:]


def _tokens(rng: random.Random) -> str:
    tokens = _TOKEN.findall(_good(rng))
    for _ in range(rng.choice((1, 1, 2, 5))):
        i, j = rng.randrange(len(tokens)), rng.randrange(len(tokens))
        way = rng.randrange(4)
        if way == 0 and len(tokens) > 1:
            tokens.pop(i)
        elif way == 1:
            tokens.insert(i, tokens[j])
        elif way == 2:
            tokens[i], tokens[j] = tokens[j], tokens[i]
        else:
            tokens[i] = rng.choice(["(", ")", "[", "]", "'", ".", '"', *LITERALS])
    return "".join(tokens)


def _brackets(rng: random.Random) -> str:
    text = list(_good(rng))
    places = [i for i, c in enumerate(text) if c in "()[]"]
    for i in rng.sample(places, min(len(places), rng.choice((1, 2, 3)))):
        text[i] = rng.choice(["", "(", ")", "[", "]", "((", "))", "'"])
    return "".join(text)


def _characters(rng: random.Random) -> str:
    text = list(_good(rng))
    for _ in range(rng.choice((1, 3, 20))):
        text[rng.randrange(len(text))] = rng.choice(_ODD)
    return "".join(text)


def _noise(rng: random.Random) -> str:
    size = rng.choice((1, 5, 40, 400))
    if rng.random() < 0.5:
        return "".join(rng.choice("()[]'\";. \n#-+ab1/*?") for _ in range(size))
    return "".join(
        chr(rng.choice((rng.randrange(0x20, 0x7F), rng.randrange(0xD800)))) for _ in range(size)
    )


def _call(rng: random.Random) -> str:
    """A built-in function on any arguments, of any number."""
    name = rng.choice(sorted(SIGNATURES))
    signature = SIGNATURES[name]
    count = rng.choice((len(signature.type.parameters), rng.randrange(5)))
    call = f"({name} {' '.join(rng.choice(VALUES) for _ in range(count))})"
    return rng.choice(_FRAMES).format(call)


_FRAMES = (
    "{}",
    "(query {})",
    "(define x (flip)) (query (if x {} 1))",
    "(define (f y) {}) (query (f (random-integer 3)))",
    "(define g (mem (lambda (k) {}))) (condition (flip)) (query (list (g 1) (g 'a)))",
    "(map (lambda (e) {}) (list 1 2))",
    "(rejection-query (define x (flip)) {} x)",
    "(query (rejection-query (define x (flip)) {} x))",
    "(condition {}) (query 1)",
    "(factor {}) (query (flip))",
    "(condition-equal {} 1) (query 1)",
)


def _names(rng: random.Random) -> str:
    text = _good(rng)
    names = sorted({n.name for n in _nodes(text) if isinstance(n, Symbol)})
    if not names:
        return "(undefined)"
    name = rng.choice(names)
    other = rng.choice((name + "x", name[:-1] or "q", name.upper(), "_", "x.y", rng.choice(names)))
    return re.sub(rf"(?<![^\s()']){re.escape(name)}(?![^\s()])", lambda _: other, text, count=1)


def _nodes(text: str) -> list[Tree]:
    try:
        return [node for tree in read(text) for node in walk(tree)]
    except PlotError:
        return []


def _literal(rng: random.Random) -> str:
    return rng.choice(_FRAMES).format(rng.choice(LITERALS))


def _form(rng: random.Random) -> str:
    """A special form with the wrong parts."""
    parts = ("x", "(x 1)", "((x 1))", "(flip)", "else", "1", "'a", '"s"', "()", "(define x 1)", ".")
    name = rng.choice(sorted(FORMS))
    inside = " ".join(rng.choice((*parts, *VALUES)) for _ in range(rng.randrange(5)))
    return rng.choice((*_FRAMES, "{}", "{}")).format(f"({name} {inside})")


def _mutant(rng: random.Random) -> str:
    """Trees of well-formed programs with parts of other ones."""
    trees = read(_good(rng))
    spare = _nodes(_good(rng)) or [Literal(1)]

    def mutate(tree: Tree) -> Tree:
        if rng.random() < 0.06:
            return rng.choice(spare)
        if not isinstance(tree, Form):
            return tree
        items = [mutate(item) for item in tree]
        if items and rng.random() < 0.03:
            items.pop(rng.randrange(len(items)))
        elif rng.random() < 0.03:
            items.insert(rng.randrange(len(items) + 1), rng.choice(spare))
        return Form(tuple(items))

    return "\n".join(write(mutate(tree)) for tree in trees)


def _bomb(rng: random.Random) -> str:
    return rng.choice(BOMBS)


def _loop(rng: random.Random) -> str:
    return rng.choice(_LOOP_FRAMES).format(rng.choice(LOOPS))


_LOOP_FRAMES = ("{}", "(define z (flip))\n{}", "{}\n(query (flip))", "(define (never) 1)\n{}")


def _nested(rng: random.Random) -> str:
    return deep(rng)


WAYS: tuple[Callable[[random.Random], str], ...] = (
    *(_truncated, _tokens, _tokens, _brackets, _characters, _noise, _call, _call, _call),
    *(_names, _literal, _form, _form, _mutant, _mutant, _mutant, _nested),
)
RARELY = 0.005
RARE: tuple[Callable[[random.Random], str], ...] = (
    _bomb,
    _loop,
)  # seconds each, and the same ones again
