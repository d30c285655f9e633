"""Well-typed programs with finite choices, made at random from a seed."""

from __future__ import annotations

import random

DEPTH = 2


class Maker:
    """Writes expressions of a type; every name in scope has one."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.fresh = 0

    def program(self) -> str:
        """Definitions, a condition or a factor, and a query."""
        scope: dict[str, str] = {}
        lines = []
        for _ in range(self.random.randint(1, 3)):
            kind = self.random.choice(["boolean", "number", "symbol", "list"])
            name = self.name()
            lines.append(f"(define {name} {self.make(kind, scope, DEPTH)})")
            scope[name] = kind
        lines.append(
            f"(define eye (mem (lambda (k) {self.make('symbol', {**scope, 'k': 'number'}, 2)})))"
        )
        if self.random.random() < 0.6:
            lines.append(f"(condition (or (flip 0.2) {self.make('boolean', scope, DEPTH)}))")
        if self.random.random() < 0.3:
            lines.append(f"(factor (if {self.make('boolean', scope, 2)} -0.7 0))")
        first = self.make(self.random.choice(["boolean", "number", "symbol"]), scope, DEPTH)
        lines.append(f"(query (list {first} (eye 1) (eye {self.make('number', scope, 1)})))")
        return "\n".join(lines)

    def name(self) -> str:
        self.fresh += 1
        return f"v{self.fresh}"

    def make(self, kind: str, scope: dict[str, str], depth: int) -> str:
        known = [n for n, k in scope.items() if k == kind]
        if known and self.random.random() < 0.35:
            return self.random.choice(known)
        if depth <= 0:
            return self.leaf(kind)
        if self.random.random() < 0.2:
            test, a, b = (self.make(k, scope, depth - 1) for k in ("boolean", kind, kind))
            return f"(if {test} {a} {b})"
        if self.random.random() < 0.1:
            inner, name = self.random.choice(["number", "boolean"]), self.name()
            value = self.make(inner, scope, depth - 1)
            return f"(let (({name} {value})) {self.make(kind, {**scope, name: inner}, depth - 1)})"
        return getattr(self, f"_{kind}")(scope, depth - 1)

    def leaf(self, kind: str) -> str:
        choices = {
            "boolean": ["#t", "#f", "(flip)", "(flip 0.3)"],
            "number": ["0", "1", "2", "3", "(random-integer 3)"],
            "symbol": ["'a", "'b", "(uniform-draw '(a b c))"],
            "list": ["'()", "'(1 2)", "(list 0 3 1)"],
        }
        return self.random.choice(choices[kind])

    def _boolean(self, scope, depth):
        a, b = (self.make("number", scope, depth) for _ in range(2))
        p, q = (self.make("boolean", scope, depth) for _ in range(2))
        s, t = (self.make("symbol", scope, depth) for _ in range(2))
        xs = self.make("list", scope, depth)
        return self.random.choice(
            [
                f"(< {a} {b})",
                f"(= {a} {b})",
                f"(and {p} {q})",
                f"(or {p} {q})",
                f"(not {p})",
                f"(eq? {s} {t})",
                f"(any (lambda (e) (> e {a})) {xs})",
                f"(all (lambda (e) (>= e {a})) {xs})",
                f"(null? {xs})",
                f"(equal? {xs} (list {a} {b}))",
            ]
        )

    def _number(self, scope, depth):
        a, b = (self.make("number", scope, depth) for _ in range(2))
        p = self.make("boolean", scope, depth)
        xs = self.make("list", scope, depth)
        return self.random.choice(
            [
                f"(+ {a} {b})",
                f"(- {a} {b})",
                f"(* {a} {b})",
                f"(min {a} {b})",
                f"(max {a} 1)",
                f"(length {xs})",
                f"(sum {xs})",
                f"(boolean->number {p})",
                f"(count (lambda (e) (= e {a})) {xs})",
                f"(fold (lambda (e acc) (+ acc (* 2 e))) {a} {xs})",
                f"(cond ({p} {a}) (else {b}))",
                "(multinomial '(0 1 5) '(1 2 1))",
            ]
        )

    def _symbol(self, scope, depth):
        a = self.make("number", scope, depth)
        s, t = (self.make("symbol", scope, depth) for _ in range(2))
        return self.random.choice(
            [
                f"(case {a} ((0 1) {s}) ((2) {t}) (else 'd))",
                f"(list-ref (list {s} {t}) (random-integer 2))",
                f"(uniform-draw (list {s} {t} 'e))",
            ]
        )

    def _list(self, scope, depth):
        a, b = (self.make("number", scope, depth) for _ in range(2))
        xs, ys = (self.make("list", scope, depth) for _ in range(2))
        return self.random.choice(
            [
                f"(list {a} {b})",
                f"(cons {a} {xs})",
                f"(append {xs} {ys})",
                f"(map (lambda (e) (+ e {a})) {xs})",
                f"(filter (lambda (e) (> e {a})) {xs})",
                f"(reverse {xs})",
                f"(repeat (random-integer 3) (lambda () {a}))",
            ]
        )


def program(seed: int) -> str:
    """A program; the same seed gives the same one."""
    return Maker(seed).program()
