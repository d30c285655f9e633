"""Loops made by hand and by chance, and what they mean."""

import numpy as np

from plot.compiler.graph import Graph, Node, kind_of
from plot.compiler.ops import OPS, UNIFORM

NUMERIC = ("add", "sub", "mul", "min", "max")


class Rounds:
    """A loop of a graph, made variable by variable."""

    def __init__(self, graph, limit=1000, running=True):
        self.graph, self.loop = graph, graph.loop()
        self.loop.limit = limit
        self.running = self.loop.running = self.variable(running)
        self.counter = self.loop.counter = self.variable(0)
        self.become(self.counter, graph.apply("add", self.counter, 1))

    def variable(self, start):
        return self.graph.loop_variable(self.loop, start, kind_of(start))

    def become(self, variable, following):
        self.loop.nexts[self.loop.variables.index(variable)] = following

    def out(self, variable):
        return self.graph.loop_out(self.loop, variable)


class RandomLoops:
    """A graph of loops within and after each other, over small whole numbers."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.graph = Graph()
        rows = [self.graph.site(UNIFORM, f"u{i}") for i in range(3)]
        self.drawn = [self.graph.apply("floor", self.graph.apply("mul", 5, u)) for u in rows]
        numbers, truths = [*self.drawn, 2], [True]
        for _ in range(3):
            self.extend(numbers, truths, 2)
        self.roots = [*self.drawn, *numbers[-4:], *truths[-2:]]

    def pick(self, items):
        return items[self.rng.integers(len(items))]

    def extend(self, numbers, truths, depth):
        """Some operations and a loop more."""
        for _ in range(self.rng.integers(1, 5)):
            op, a, b = self.pick(NUMERIC), self.pick(numbers), self.pick(numbers)
            x = self.graph.apply("mod", self.graph.apply(op, a, b), 7)
            numbers.append(self.graph.apply("where", self.pick(truths), x, a))
            truths.append(self.graph.apply(self.pick(["lt", "eq"]), x, self.pick(numbers)))
        if depth > 0:
            self.loop(numbers, truths, depth)

    def loop(self, numbers, truths, depth):
        rounds = Rounds(self.graph, int(self.rng.integers(0, 6)), self.pick(truths))
        held = [rounds.variable(self.pick(numbers)) for _ in range(self.rng.integers(1, 4))]
        told = [rounds.variable(self.pick(truths)) for _ in range(self.rng.integers(0, 3))]
        inside = [*numbers[-3:], *held, rounds.counter], [*truths[-2:], *told, rounds.running]
        for _ in range(self.rng.integers(1, 3)):
            self.extend(*inside, depth - self.rng.integers(1, 3))
        for variables, known in zip((held, [*told, rounds.running]), inside, strict=True):
            for variable in variables:
                rounds.become(variable, self.pick(known[-8:]))
        numbers += [rounds.out(v) for v in held]
        truths += [rounds.out(v) for v in [*told, rounds.running]]

    def value(self, node, known):
        """What a node is, by the meaning of loops alone: nothing is shared, ordered or left out."""
        if not isinstance(node, Node):
            return np.asarray(node)
        if node.op == "loop_out":
            loop = self.graph.loops[node.args[0]]
            if loop not in known:
                known[loop] = self.last(loop, known)
            return known[loop][node.args[1]]
        if node not in known:
            known[node] = OPS[node.op].numpy(*[self.value(a, known) for a in node.args])
        return known[node]

    def last(self, loop, around):
        around = {k: v for k, v in around.items() if k in self.drawn or k in self.variables(around)}
        values = [self.value(s, around) + np.zeros(len(around[self.drawn[0]])) for s in loop.starts]
        running = loop.variables.index(loop.running)
        for _ in range(loop.limit):
            due = values[running] != 0
            here = around | dict(zip(loop.variables, values, strict=True))
            nexts = [self.value(n, here) for n in loop.nexts]
            counter = loop.variables.index(loop.counter)
            values = [
                new if i == counter else np.where(due, new, old)
                for i, (old, new) in enumerate(zip(values, nexts, strict=True))
            ]
        return values

    def variables(self, known):
        return [k for k in known if isinstance(k, Node) and k.op == "loop_variable"]
