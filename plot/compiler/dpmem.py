"""`DPmem`: each call repeats the value of an earlier one, or draws anew; no truncation."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from plot.compiler.builtins.distributions import Parameter, draw_index
from plot.compiler.evaluator import apply
from plot.compiler.graph import Node, Operand
from plot.compiler.machine import AllDead, Machine
from plot.compiler.memo import MOST_KEYS, never_again
from plot.compiler.paths import Decision
from plot.compiler.values import DEAD, Value, freeze, is_static
from plot.errors import Unsupported

CONCENTRATION = Parameter("concentration", 0, open_low=True)

type Call = tuple[Operand, Value]  # the worlds in which a call was made, and its value


class Restaurant:
    """What a function made by `DPmem` does: the Chinese restaurant process over its calls.

    Call number n takes the value of each earlier call with weight 1, and a new one with the
    concentration as weight. Calls of a world count where they were made. A call inside a memoised
    function does not know which worlds make it, and counts in all: a guest that a world never
    looks at changes no law of the others (the process is exchangeable).

    Args:
      concentration: weight of a new value.
      function: makes new values.
      chooser: decides draws where it is made.
      counters: of the loops in which it is made.
      world: the single world that it belongs to (`OneWorld`), None where there are many.
    """

    __slots__ = ("calls", "chooser", "concentration", "counters", "function", "world")

    def __init__(
        self,
        concentration: Operand,
        function: Value,
        chooser: object,
        counters: tuple[Node, ...],
        world: object = None,
    ):
        self.concentration, self.function = concentration, function
        self.chooser, self.counters, self.world = chooser, counters, world
        self.calls: dict[tuple, list[Call]] = {}

    def __call__(self, m: Machine, *arguments: Value) -> Value:
        if m.chooser is not self.chooser or m.counters != self.counters:
            # What is tried inside would stay among the calls of the world outside.
            raise Unsupported("`DPmem` outside a query or a loop, called inside it", m.span)
        if all(is_static(a) for a in arguments):
            return self._call(m, arguments)
        cases = [m.settle(a) for a in arguments]
        settled = [c for c in cases if c is not None]
        if len(settled) < len(cases):
            if any(never_again(m.graph, a) for a in arguments):
                return self._call(m, arguments)  # a number that no two calls share is its own key
            raise Unsupported("`DPmem` with an argument whose values are not known", m.span)
        found = []
        for i, combination in enumerate(itertools.product(*settled)):
            if i >= MOST_KEYS:
                message = f"`DPmem` is called with more than {MOST_KEYS} settings of its arguments"
                raise Unsupported(message, m.span)
            guard = m.graph.all([g for g, _ in combination])
            values = [v for _, v in combination]
            found.append((guard, m.under(guard, True, lambda values=values: self._call(m, values))))
        result: Value = DEAD
        for guard, value in reversed(found):
            result = m.merge(guard, value, result)
        if result is DEAD:
            raise AllDead
        return result

    def _call(self, m: Machine, arguments: Sequence[Value]) -> Value:
        known = self.calls
        if self.world is not None and self.world is not m.one:
            known = m.inside.setdefault(self, {k: list(v) for k, v in self.calls.items()})
        elif m.one is not None:
            m.one.remembered += 1
        calls = known.setdefault(tuple(freeze(a) for a in arguments), [])
        g, here = m.graph, m.path.node(m.graph)
        # In the worlds of this path, arms not taken have made no calls.
        earlier = [(made, v) for made, v in calls if m.path.decide(made) is not Decision.FALSE]
        weights = [g.apply("number", made) for made, _ in earlier]
        choice = draw_index(m, [*weights, self.concentration], "DPmem")

        def repeat() -> Value:
            value: Value = DEAD
            for i, (_, kept) in enumerate(earlier):
                value = m.merge(g.apply("eq", choice, i), kept, value)
            return value

        new = g.apply("eq", choice, len(earlier))
        value = m.branch(new, lambda: apply(m, self.function, arguments), repeat)
        calls.append((here, value))
        return value
