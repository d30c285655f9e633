"""Choices in an order in which each can be made, and the lanes computed between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import jax.numpy as jnp
from jax.typing import ArrayLike, DTypeLike

from plot.backends.lax_ops import Lane, apply_typed
from plot.compiler.choices import Choice
from plot.compiler.graph import Graph, Node, Operand
from plot.compiler.ops import BUNDLE, EXTERNAL, NORMAL, OPS, PART, UNIFORM, Kind
from plot.errors import Unsupported
from plot.exports.parameters import sound
from plot.exports.smooth import SMOOTH

type Decide = Callable[[Choice, list[Lane]], ArrayLike]


@dataclass(frozen=True, eq=False)
class Sequence:
    """Choices in an order in which each can be made, and the lanes between them.

    Args:
      nodes: choices and operations, each after those that it depends on.
      choices: by node; a choice depends on its parameters, not on its row of randomness.
      clamps: draws that were observed, and what they are.
      externals: functions of modules that the graph calls.
    """

    nodes: tuple[Node, ...]
    choices: Mapping[Node, Choice]
    clamps: Mapping[Node, Operand]
    externals: tuple[Callable[..., tuple[Lane, ...]], ...]

    def run(self, decide: Decide, dtype: DTypeLike) -> Callable[[Operand], Lane]:
        """Make every choice and compute every lane.

        Args:
          decide: the value of a choice, given its parameters; lanes can have any shape.
          dtype: of numbers.

        Returns:
          What gives the lane of an operand.
        """
        lanes: dict[Node, Lane] = {}
        bundles: dict[Node, list[Lane]] = {}  # arguments and results of functions of modules

        def lane(operand: Operand) -> Lane:
            operand = resolve(operand, self.clamps)
            if isinstance(operand, Node):
                return lanes[operand]
            return jnp.asarray(operand, jnp.bool_ if isinstance(operand, bool) else dtype)

        for node in self.nodes:
            choice = self.choices.get(node)
            if node.op == BUNDLE:
                inner = [a for a in node.args if isinstance(a, Node) and a in bundles]
                bundles[node] = [x for a in inner for x in bundles[a]]
                bundles[node] += [lane(a) for a in node.args if a not in inner]
            elif node.op == EXTERNAL:
                index, bundle = node.args
                assert isinstance(index, int) and isinstance(bundle, Node)
                bundles[node] = _call(self.externals[index], bundles[bundle])
            elif node.op == PART:
                call, position = node.args
                assert isinstance(call, Node) and isinstance(position, int)
                result = bundles[call][position]
                lanes[node] = result != 0 if node.kind is Kind.BOOLEAN else result.astype(dtype)
            elif choice is None:
                operands = [lane(a) for a in node.args]
                lanes[node] = apply_typed(node.op, *operands, dtype=dtype, numeric=SMOOTH)
            else:
                parameters = sound(choice, [lane(p) for p in choice.parameters], dtype)
                value = jnp.asarray(decide(choice, parameters))
                lanes[node] = value != 0 if node.kind is Kind.BOOLEAN else value.astype(dtype)
        return lane


def _call(function: Callable[..., tuple[Lane, ...]], lanes: list[Lane]) -> list[Lane]:
    """Run a function that wants lanes `[worlds]` on lanes of any shape."""
    aligned = jnp.broadcast_arrays(*lanes)
    results = function(*[jnp.ravel(lane) for lane in aligned])
    return [jnp.reshape(result, aligned[0].shape) for result in results]


def sequence(
    roots: list[Operand],
    graph: Graph,
    clamps: Mapping[Node, Operand],
    by_rows: bool | Callable[[Choice], bool] = False,
) -> Sequence:
    """What some operands need.

    Args:
      by_rows: make no choice but rows of uniforms and normals, and the rest from them; or which
        choices to make so.

    Raises:
      Unsupported: for loops, and where an observed draw depends on itself.
    """
    rows = {choice.row: choice for choice in graph.choices.values()}
    choices = {} if by_rows is True else graph.choices | _twins(graph, clamps)
    if callable(by_rows):
        choices = {node: choice for node, choice in choices.items() if not by_rows(choice)}
    while True:
        nodes = _schedule(roots, choices, clamps)
        bare = [n for n in nodes if n.op in (UNIFORM, NORMAL) and n not in choices]
        if not bare:
            made = {n: choices[n] for n in nodes if n in choices}
            return Sequence(tuple(nodes), made, clamps, tuple(graph.externals))
        for row in bare:
            if row in rows:
                choices.pop(rows[row].node, None)  # something reads the row past the choice
            name, bounds = ("uniform", (0, 1)) if row.op == UNIFORM else ("gaussian", (0, 1))
            choices[row] = Choice(row, row, name, bounds, row.label or name, row.span)


def _twins(graph: Graph, clamps: Mapping[Node, Operand]) -> dict[Node, Choice]:
    """Draws that were observed in some worlds only, as they are in the others."""
    found: dict[Node, Choice] = {}
    for node, value in clamps.items():
        for part in value.args if isinstance(value, Node) else ():
            if not isinstance(part, Node) or part is node or node not in graph.choices:
                continue
            if (part.op, part.args) == (node.op, node.args):
                found[part] = replace(graph.choices[node], node=part)
    return found


def resolve(operand: Operand, clamps: Mapping[Node, Operand]) -> Operand:
    """What an operand is where some draws were observed."""
    while isinstance(operand, Node) and operand in clamps:
        operand = clamps[operand]
    return operand


def _schedule(
    roots: list[Operand], choices: Mapping[Node, Choice], clamps: Mapping[Node, Operand]
) -> list[Node]:
    order: list[Node] = []
    state: dict[Node, bool] = {}  # whether a node that was begun is done
    stack = [(resolve(root, clamps), False) for root in reversed(roots)]
    while stack:
        node, ready = stack.pop()
        if not isinstance(node, Node) or state.get(node) is True:
            continue
        if ready:
            state[node] = True
            order.append(node)
            continue
        if node in state:
            raise Unsupported("a draw observed at a value that depends on the draw itself")
        state[node] = False
        stack.append((node, True))
        for part in reversed(_parts(node, choices)):
            part = resolve(part, clamps)
            if isinstance(part, Node) and state.get(part) is not True:
                if part in state:
                    raise Unsupported("a draw observed at a value that depends on the draw itself")
                stack.append((part, False))
    return order


def _parts(node: Node, choices: Mapping[Node, Choice]) -> tuple[Operand, ...]:
    if node in choices:
        return choices[node].parameters
    if node.op in (UNIFORM, NORMAL):
        return ()
    if node.op == BUNDLE:
        return node.args
    if node.op == EXTERNAL or node.op == PART:
        return tuple(a for a in node.args if isinstance(a, Node))
    if node.op not in OPS:
        raise Unsupported(
            "a loop whose rounds a draw counts cannot be exported",
            node.span,
            "bound the recursion by a number that is known before the draws, or use this "
            "project's own engines",
        )
    return node.args
