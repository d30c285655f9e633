"""In which order nodes are computed, and which of them in the rounds of which loop."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from plot.compiler.graph import Loop, Node, Operand
from plot.compiler.ops import EXTERNAL, LOOP_OUT, LOOP_ROWS, LOOP_VARIABLE, NORMAL, PART, UNIFORM
from plot.errors import Unsupported

type Clamps = Mapping[Node, Operand]

ROWS = frozenset(LOOP_ROWS.values())
POSITIONED = ROWS | {EXTERNAL}  # whose first argument is no operand


@dataclass(eq=False)
class Body:
    """What is computed one after the other: in a round of a loop, or once.

    Args:
      loop: the loop, or None for what is computed once.
      variables: positions of the loop's variables that matter, `running` among them; the counter,
        which back ends keep themselves, is not.
      items: nodes, and loops at the place where they run.
    """

    loop: Loop | None = None
    variables: tuple[int, ...] = ()
    items: list[Node | Body] = field(default_factory=list)

    @property
    def running(self) -> int:
        """The position of the variable that says which worlds go on."""
        return _position(self.loop, "running")

    @property
    def counter(self) -> int:
        """The position of the variable that counts rounds."""
        return _position(self.loop, "counter")

    def loops(self) -> Iterator[Body]:
        """The loops in it, each before those in it."""
        for item in self.items:
            if isinstance(item, Body):
                yield item
                yield from item.loops()


class Order:
    """The nodes that some operands need, in an order in which they can be computed.

    Args:
      roots: what is asked for.
      clamps: draws that were observed, and what they are.
      loops: of the graph.
      given: nodes outside of loops whose values are there already: what they were made of is not needed.

    Raises:
      Unsupported: where the value of an observed draw depends on the draw itself.
      ValueError: where a loop's variable is read outside of the loop.
    """

    def __init__(
        self,
        roots: Sequence[Operand],
        clamps: Clamps,
        loops: Sequence[Loop],
        given: Collection[Node] = (),
    ):
        self.clamps, self.loops, self.given = clamps, loops, given
        self.roots = [self.resolve(root) for root in roots]
        self._needed = self._needs() if loops else {}
        self.nodes = self._schedule()
        self.body = self._nest() if self._needed else Body(items=list(self._work()))

    def resolve(self, operand: Operand) -> Operand:
        """What an operand is: observed draws and variables that never change have other names."""
        while isinstance(operand, Node):
            if operand in self.clamps:
                operand = self.clamps[operand]
            elif operand.op in (LOOP_VARIABLE, LOOP_OUT):
                loop, position = self.variable(operand)
                variable = loop.variables[position]
                if loop.nexts[position] is not variable or variable in (loop.running, loop.counter):
                    break
                operand = loop.starts[position]
            else:
                break
        return operand

    def variable(self, node: Node) -> tuple[Loop, int]:
        """The loop and the position that a variable, or its value after the last round, is of."""
        index, position = node.args
        assert isinstance(index, int) and isinstance(position, int)
        if index >= len(self.loops):
            raise ValueError(f"the loop of {node!r} was not given")
        return self.loops[index], position

    def arguments(self, node: Node) -> list[Operand]:
        """The operands of a node that it reads where it stands."""
        if node.op in (LOOP_VARIABLE, LOOP_OUT) or node in self.given:
            return []
        args = node.args[:1] if node.op == PART else node.args
        return [self.resolve(a) for a in (args[1:] if node.op in POSITIONED else args)]

    def starts(self, loop: Loop, positions: Sequence[int]) -> list[Operand]:
        """Of some variables of a loop, their values before the first round."""
        return [self.resolve(loop.starts[p]) for p in positions]

    def nexts(self, loop: Loop, positions: Sequence[int]) -> list[Operand]:
        """Of some variables of a loop, their values in the next round."""
        return [self.resolve(loop.nexts[p]) for p in positions]

    def operands(self, body: Body | None = None) -> Iterator[Operand]:
        """Everything that is read, in order."""
        body = body or self.body
        if body.loop is not None:
            yield from self.starts(body.loop, body.variables)
        for item in body.items:
            yield from self.operands(item) if isinstance(item, Body) else self.arguments(item)
        if body.loop is not None:
            yield from self.nexts(body.loop, body.variables)

    def _needs(self) -> dict[int, tuple[int, ...]]:
        """Of each loop that matters, the variables that matter."""
        found: dict[int, set[int]] = {}
        seen: set[int] = set()
        stack = list(self.roots)

        def need(loop: Loop, position: int) -> None:
            of_loop = found.setdefault(loop.index, set())
            if position not in of_loop and loop.variables[position] is not loop.counter:
                of_loop.add(position)
                stack.extend([*self.starts(loop, [position]), *self.nexts(loop, [position])])

        while stack:
            node = stack.pop()
            if not isinstance(node, Node) or node.id in seen:
                continue
            seen.add(node.id)
            if node.op in (LOOP_VARIABLE, LOOP_OUT):
                loop, position = self.variable(node)
                need(loop, position)
                need(loop, _position(loop, "running"))
            else:
                stack.extend(self.arguments(node))
        return {index: tuple(sorted(positions)) for index, positions in found.items()}

    def dependencies(self, node: Node) -> list[Operand]:
        """What must be computed before a node; of a loop's result, what all its rounds read."""
        if node.op != LOOP_OUT:
            return self.arguments(node)
        loop, _ = self.variable(node)
        positions = self._needed[loop.index]
        return [*self.starts(loop, positions), *self.nexts(loop, positions)]

    def _schedule(self) -> list[Node]:
        """The nodes, each after those that it depends on."""
        open_nodes: set[int] = set()
        seen: set[int] = set()
        order: list[Node] = []
        stack = [(root, False) for root in reversed(self.roots) if isinstance(root, Node)]
        while stack:
            node, ready = stack.pop()
            if ready:
                order.append(node)
                open_nodes.discard(node.id)
            elif node.id not in seen:
                seen.add(node.id)
                open_nodes.add(node.id)
                stack.append((node, True))
                for argument in reversed(self.dependencies(node)):
                    if isinstance(argument, Node):
                        if argument.id in open_nodes and self.clamps:
                            raise Unsupported(
                                "a draw observed at a value that depends on the draw itself"
                            )
                        if argument.id not in seen:
                            stack.append((argument, False))
        return order

    def _work(self) -> Iterator[Node]:
        return (n for n in self.nodes if n.op not in (UNIFORM, NORMAL) and n not in self.given)

    def _nest(self) -> Body:
        """Each node into the innermost loop whose variables it depends on.

        The order of nodes puts all that a loop reads before its first result, so the loop runs
        there, and what its rounds read but do not change is computed before it.
        """
        within: dict[int, frozenset[int]] = {}  # of nodes, the loops whose variables they depend on
        around: dict[int, frozenset[int]] = {}  # of loops, the loops that they run in
        for node in self.nodes:
            parts = [within[a.id] for a in self.dependencies(node) if isinstance(a, Node)]
            loops = frozenset[int]().union(*parts)
            if node.op in (LOOP_VARIABLE, LOOP_OUT):
                loop = self.variable(node)[0].index
                if node.op == LOOP_VARIABLE:
                    loops = frozenset({loop})
                else:
                    loops -= {loop}
                    around[loop] = loops
            within[node.id] = loops

        def all_around(loop: int) -> frozenset[int]:
            return around[loop].union(*[all_around(outer) for outer in around[loop]])

        around = {loop: all_around(loop) for loop in around}
        bodies = {i: Body(self.loops[i], self._needed[i]) for i in around}
        top = Body()

        def home(loops: frozenset[int], node: Node) -> Body:
            if not loops:
                return top
            if not loops <= around.keys():
                raise ValueError(f"{node!r} reads a variable of a loop outside of the loop")
            inner = max(loops, key=lambda loop: len(around[loop]))
            if not loops <= around[inner] | {inner}:
                raise ValueError(f"{node!r} reads variables of two loops, none within the other")
            return bodies[inner]

        placed: set[int] = set()
        for node in self._work():
            body = home(within[node.id], node)
            if node.op == LOOP_OUT:
                loop = self.variable(node)[0].index
                if loop not in placed:
                    placed.add(loop)
                    body.items.append(bodies[loop])
            elif node.op != LOOP_VARIABLE:
                body.items.append(node)
        for root in self.roots:
            if isinstance(root, Node) and within[root.id]:
                raise ValueError(f"{root!r} is asked for outside of the loop that computes it")
        return top


def _position(loop: Loop | None, name: str) -> int:
    variable = getattr(loop, name)
    if loop is None or variable is None:
        raise ValueError(f"a loop without the variable `{name}`")
    return loop.variables.index(variable)
