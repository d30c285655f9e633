"""`mem`: one value for each argument within a world, drawn at the first call."""

from __future__ import annotations

import itertools
from collections import ChainMap
from collections.abc import Callable, Iterable, Sequence

from plot.compiler.graph import Graph, Node, Operand
from plot.compiler.machine import WORLD_ERRORS, AllDead, Machine
from plot.compiler.paths import Decision
from plot.compiler.relations import equal
from plot.compiler.values import DEAD, Death, Memo, MemoEntry, Value, freeze, is_static, leaves
from plot.data import show
from plot.errors import Unsupported

MOST_KEYS = 512  # settings of drawn arguments that one call may split into
ONE_TO_ONE = frozenset({"add", "sub", "mul", "div", "exp", "log"})  # of one lane


def call_memo(
    m: Machine, memo: Memo, arguments: Sequence[Value], run: Callable[[Sequence[Value]], Value]
) -> Value:
    """The remembered value of a call; drawn arguments are split into the values that they can have.

    Args:
      run: calls the function that is memoised.

    Raises:
      Unsupported: where drawn arguments have too many values to split.
    """
    if all(is_static(a) for a in arguments):
        return _entry(m, memo, arguments, True, run)
    choices = [m.settle(a) for a in arguments]
    settled = [c for c in choices if c is not None]
    if len(settled) < len(choices):
        return _entry(m, memo, arguments, True, run)  # the lane itself is the key
    count = 1
    for choice in settled:
        count *= len(choice)
    if count > MOST_KEYS:
        raise Unsupported(
            f"`{memo.name or 'mem'}` is called with an argument that can have {count} values",
            m.span,
            f"at most {MOST_KEYS} can be told apart",
        )
    return _split(m, memo, settled, run)


def _split(
    m: Machine,
    memo: Memo,
    settled: list[list],
    run: Callable[[Sequence[Value]], Value],
) -> Value:
    result: Value = DEAD
    for combination in reversed(list(itertools.product(*settled))):
        guard = m.graph.all([g for g, _ in combination])
        if m.path.decide(guard) in (Decision.FALSE, Decision.DEAD):
            continue
        values = [v for _, v in combination]
        try:
            value = _entry(m, memo, values, guard, run)
        except AllDead:
            continue
        result = m.merge(guard, value, result)
    if result is DEAD:
        raise AllDead
    return result


def _entry(
    m: Machine,
    memo: Memo,
    arguments: Sequence[Value],
    guard: object,
    run: Callable[[Sequence[Value]], Value],
) -> Value:
    key = tuple(freeze(a) for a in arguments)
    entries = memo.entries
    if memo.world is not None and memo.world is not m.one:
        entries = m.inside.setdefault(memo, ChainMap({}, memo.entries))
    entry = entries.get(key)
    if entry is None:
        if key in memo.running:
            raise Unsupported(
                f"`{memo.name or 'mem'}` needs its own value for the same argument to make it",
                m.span,
                "this happens where a drawn argument might be one that is being worked out",
            )
        memo.running.add(key)
        scope, m.scope = m.scope, _label(memo, arguments)
        in_rounds = any(node.loops for a in arguments for node in leaves(a))
        try:
            counters = m.counters if in_rounds else memo.counters
            with m.fresh(memo.chooser, counters) as effects:
                value = _run_to_the_end(m, run, arguments)
        finally:
            m.scope = scope
            memo.running.discard(key)
        earlier = _alike(m, memo, arguments, in_rounds, entries.values())
        for same, other in reversed(earlier):
            value = m.merge(same, other.value, value)
        entry = entries[key] = MemoEntry(arguments, value, effects, earlier)
        if m.one is not None:
            m.one.remembered += 1
    if entry.effects or entry.earlier:
        _count_call(m, entry, m.graph.apply("and", m.path.node(m.graph), guard))  # type: ignore[arg-type]
    if entry.value is DEAD:
        raise AllDead
    return entry.value


def _alike(
    m: Machine,
    memo: Memo,
    arguments: Sequence[Value],
    in_rounds: bool,
    entries: Iterable[MemoEntry],
) -> list[tuple[Operand, MemoEntry]]:
    """The earlier entries whose arguments are the same in some worlds, and in which.

    Raises:
      Unsupported: where there are too many to compare, or arguments of other rounds of a loop may
        be the same.
    """
    drawn = not all(is_static(a) for a in arguments)
    if in_rounds:
        if any(never_again(m.graph, a) for a in arguments):
            return []
        name = memo.name or "mem"
        raise Unsupported(
            f"`{name}` in a loop, with an argument whose values are not known", m.span
        )
    found: list[tuple[Operand, MemoEntry]] = []
    for entry in entries:
        if not (drawn or entry.drawn) or len(entry.arguments) != len(arguments):
            continue
        pairs = zip(arguments, entry.arguments, strict=True)
        same = m.graph.all([equal(m, a, b) for a, b in pairs])
        if same is not False:
            found.append((same, entry))
    if len(found) > MOST_KEYS:
        raise Unsupported(
            f"`{memo.name or 'mem'}` is called with more than {MOST_KEYS} drawn arguments", m.span
        )
    return found


def never_again(graph: Graph, value: Value) -> bool:
    """Whether an argument is the same number as another with probability zero."""
    while isinstance(value, Node) and value not in graph.choices:
        lanes = [a for a in value.args if isinstance(a, Node)]
        if value.op not in ONE_TO_ONE or len(lanes) != 1 or 0 in value.args:
            return False
        (value,) = lanes
    return isinstance(value, Node) and graph.choices[value].continuous


def _count_call(m: Machine, entry: MemoEntry, where: Operand) -> None:
    """Note in which worlds an entry is asked for, or the first one that it repeats there."""
    for same, other in entry.earlier:
        if other.effects:
            _count(m, other, m.graph.apply("and", where, same))
        where = m.graph.apply("and", where, m.graph.apply("not", same))
    if entry.effects:
        _count(m, entry, where)


def _count(m: Machine, entry: MemoEntry, where: Operand) -> None:
    before = m.effects.calls.get(entry, False)
    m.effects.calls[entry] = m.graph.apply("or", before, where)


def _run_to_the_end(
    m: Machine, run: Callable[[Sequence[Value]], Value], arguments: Sequence[Value]
) -> Value:
    try:
        return run(arguments)
    except AllDead:
        return DEAD
    except WORLD_ERRORS as error:
        m.effects.deaths.append(Death(True, error))
        return DEAD


def _label(memo: Memo, arguments: Sequence[Value]) -> str:
    shown = ", ".join(show(a) if is_static(a) else "…" for a in arguments)
    return f"{memo.name or 'mem'}({shown})"
