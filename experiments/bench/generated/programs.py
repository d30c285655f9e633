"""Whole programs: definitions of every kind, evidence, and a query."""

from __future__ import annotations

import re
from collections.abc import Callable

from experiments.bench.generated.maker import Maker
from plot.signatures import SIGNATURES, canonical

DEPTHS = (1, 2, 2, 3)
_NAME = re.compile(r"[^\s()'\"]+")

type Scope = dict[str, str]


def discrete(seed: int) -> str:
    """A program whose choices are finite; the same seed gives the same one."""
    return _program(Maker(seed), "NBYSLNBYL", "NBYLSXP")


def continuous(seed: int) -> str:
    """A program with draws of real numbers."""
    return _program(Maker(seed, real=True, heavy=seed % 10 == 9), "RRRRNBL", "RRBN")


def functions_of(source: str) -> set[str]:
    """The built-in functions whose names occur in a program."""
    names = {canonical(name) for name in _NAME.findall(source)}
    return {name for name in names if name is not None and name in SIGNATURES}


def _program(maker: Maker, defined: str, asked: str) -> str:
    choose = maker.random.choice
    maker.draws = choose((3, 4, 5, 6, 7))
    scope: Scope = {}
    lines: list[str] = []
    for _ in range(choose((1, 2, 2, 3))):
        kind, name = choose(defined), maker.name()
        lines.append(f"(define {name} {maker.make(kind, scope, choose(DEPTHS))})")
        scope[name] = kind
    for _ in range(choose((0, 1, 1, 2))):
        lines += choose(DEFINITIONS)(maker, scope)
    for _ in range(choose((0, 1, 1, 2))):
        lines.append(choose(EVIDENCE)(maker, scope))
    parts = [maker.make(choose(asked), scope, choose(DEPTHS)) for _ in range(choose((1, 2, 3)))]
    calls = [
        f"({name} {maker.make(of[0], scope, 1)})" for name, of in scope.items() if of in _CALLS
    ]
    parts += calls[-2:]
    if "S" in asked and maker.random.random() < 0.1:
        shown = choose(("display", "hist", "density", "scatter", "barplot", "lineplot"))
        lines.append(f"({shown} {maker.make('N', {}, 1)})")
    lines.append(f"(query (list {' '.join(parts)}))")
    return "\n".join(lines)


_CALLS = ("N>", "Y>")  # functions of a number or a symbol, asked for in the query


def _memoised(maker: Maker, scope: Scope) -> list[str]:
    name, kind = maker.name("m"), maker.random.choice("NBYL")
    body = maker.make(kind, {**scope, "k": "N"}, 2)
    scope[name] = "N>"
    return [f"(define {name} (mem (lambda (k) {body})))"]


def _memoised_names(maker: Maker, scope: Scope) -> list[str]:
    name = maker.name("m")
    body = maker.make("N", {**scope, "s": "Y"}, 2)
    scope[name] = "Z"
    return [f"(define {name} (mem (lambda (s) {body})))"]


def _plain(maker: Maker, scope: Scope) -> list[str]:
    name = maker.name("f")
    body = maker.make("N", {**scope, "x": "N"}, 2)
    scope[name] = "F"
    extra = f"(define half {maker.make('N', scope, 1)}) " if maker.random.random() < 0.3 else ""
    return [f"(define ({name} x) {extra}{body})"]


def _rest(maker: Maker, scope: Scope) -> list[str]:
    name = maker.name("g")
    body = maker.make("N", {**scope, "x": "N", "more": "L"}, 2)
    scope[name] = "G"
    return [f"(define ({name} x . more) {body})"]


def _predicate(maker: Maker, scope: Scope) -> list[str]:
    name = maker.name("q")
    body = maker.make("B", {**scope, "x": "N"}, 2)
    scope[name] = "Q"
    return [f"(define {name} (lambda (x) {body}))"]


def _drawn(maker: Maker, scope: Scope) -> list[str]:
    name = maker.name("h")
    a, b = maker.make("F", scope, 2), maker.make("F", scope, 1)
    scope[name] = "F"
    return [f"(define {name} (if {maker.make('B', scope, 1)} {a} {b}))"]


def _recursive(maker: Maker, scope: Scope) -> list[str]:
    """A function that calls itself in both arms of an `if`, to a finite depth."""
    name = maker.name("r")
    inner = {**scope, "i": "N"}
    test, end, step = (
        maker.make("B", inner, 1),
        maker.make("N", scope, 1),
        maker.make("N", inner, 1),
    )
    one, two = f"({name} (- i 1))", f"({name} (- i 2))"
    arms = maker.random.choice(
        [
            (one, two),  # both in tail position
            (f"(+ 1 {one})", two),
            (f"(+ 1 {one})", f"(max {step} {one})"),
            (one, step),
            (step, f"(- {one} {step})"),
        ]
    )
    scope[name] = "small"
    top = maker.name()
    scope[top] = "N"
    depth = maker.random.choice(["2", "3", "(random-integer 3)"])
    return [
        f"(define ({name} i) (if (<= i 0) {end} (if {test} {arms[0]} {arms[1]})))",
        f"(define {top} ({name} {depth}))",
    ]


def _loop(maker: Maker, scope: Scope) -> list[str]:
    """Two values that a loop changes in both arms, in tail position."""
    name = maker.name()
    inner = {**scope, "i": "N", "n": "N"}
    test = maker.make("B", inner, 1)
    a, b = (maker.make("N", inner, 1) for _ in range(2))
    scope[name] = "N"
    return [
        f"(define {name} (let loop ((i {maker.random.choice('23')}) (n 0)) (if (= i 0) n "
        f"(if {test} (loop (- i 1) (mod {a} 5)) (loop (- i 1) (mod {b} 4))))))"
    ]


def _gather(maker: Maker, scope: Scope) -> list[str]:
    """A recursive function whose list is as long as a draw says."""
    name, top = maker.name("r"), maker.name()
    test, item = maker.make("B", scope, 1), maker.make("N", {**scope, "i": "N"}, 1)
    scope[name], scope[top] = "small", "L"
    return [
        f"(define ({name} i) (cond ((= i 0) '()) ({test} (cons {item} ({name} (- i 1)))) "
        f"(else ({name} (- i 1)))))",
        f"(define {top} ({name} 2))",
    ]


def _mutual(maker: Maker, scope: Scope) -> list[str]:
    name = maker.name()
    a, b = (maker.make("N", scope, 1) for _ in range(2))
    test = maker.make("B", scope, 1)
    scope[name] = "N"
    return [
        f"(define {name} (letrec ((ping (lambda (i) (if (<= i 0) {a} (pong (- i 1))))) "
        f"(pong (lambda (i) (if (<= i 0) {b} (if {test} (ping (- i 1)) "
        f"(pong (- i 2))))))) (ping 3)))"
    ]


def _nested(maker: Maker, scope: Scope) -> list[str]:
    """A function that draws from a query of its own."""
    name = maker.name("p")
    inner = {"t": "N", "u": "B"}
    kind = maker.random.choice(["rejection-query", "rejection-query", "enumeration-query"])
    result, test = maker.make("N", inner, 1), maker.make("B", {**inner, "x": "N"}, 1)
    block = (
        f"({kind} (define t (random-integer 3)) (define u (flip 0.4)) {result} (or (= t 1) {test}))"
    )
    if kind == "enumeration-query":
        block = f"(sum (first {block}))"
    scope[name] = "F"
    return [f"(define ({name} x) {block})"]


def _stochastic(maker: Maker, scope: Scope) -> list[str]:
    name = maker.name()
    scope[name] = "L"
    return [
        f"(define {name} (let ((d (DPmem 1 (lambda () {maker.make('N', scope, 0)})))) "
        "(list (d) (d))))"
    ]


DEFINITIONS: tuple[Callable[[Maker, Scope], list[str]], ...] = (
    *(_memoised, _memoised, _memoised_names, _plain, _rest, _predicate, _drawn),
    *(_recursive, _recursive, _loop, _gather, _mutual, _nested, _stochastic),
)


def _condition(maker: Maker, scope: Scope) -> str:
    return f"(condition (or (flip 0.2) {maker.make('B', scope, 2)}))"


def _factor(maker: Maker, scope: Scope) -> str:
    return f"(factor (if {maker.make('B', scope, 2)} -0.7 (* 0.25 (mod {maker.make('N', scope, 1)} 3))))"


def _equal(maker: Maker, scope: Scope) -> str:
    return f"(condition-equal (max 0 (mod {maker.make('N', scope, 2)} 2)) 1)"


def _density(maker: Maker, scope: Scope) -> str:
    form = maker.random.choice(
        ["(condition (= (gaussian {} 2) {}))", "(condition-equal (gaussian {} 1.5) {})"]
    )
    return form.format(maker.make("N", scope, 1), maker.random.choice(["1", "0.5", "-2"]))


def _guarded(maker: Maker, scope: Scope) -> str:
    return f"(if {maker.make('B', scope, 1)} (condition {maker.make('B', scope, 1)}) (factor 0.5))"


EVIDENCE: tuple[Callable[[Maker, Scope], str], ...] = (
    *(_condition, _condition, _factor, _equal, _density, _guarded),
)
