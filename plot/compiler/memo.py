"""`mem`: one value for each argument within a world, drawn at the first call."""

from __future__ import annotations

import itertools
from collections import ChainMap
from collections.abc import Callable, Sequence

from plot.compiler.machine import WORLD_ERRORS, AllDead, Machine
from plot.compiler.paths import Decision
from plot.compiler.values import DEAD, Death, Memo, MemoEntry, Value, freeze, is_static, leaves
from plot.data import show
from plot.errors import Unsupported

MOST_KEYS = 512  # settings of drawn arguments that one call may split into


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
        # A number that differs in every world: worlds never share it, so the lane itself is the key.
        return _entry(m, memo, arguments, True, run)
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
        try:
            in_rounds = any(node.loops for a in arguments for node in leaves(a))
            counters = m.counters if in_rounds else memo.counters
            with m.fresh(memo.chooser, counters) as effects:
                value = _run_to_the_end(m, run, arguments)
        finally:
            m.scope = scope
            memo.running.discard(key)
        entry = entries[key] = MemoEntry(value, effects)
        if m.one is not None:
            m.one.remembered += 1
    if entry.effects:
        where = m.graph.apply("and", m.path.node(m.graph), guard)  # type: ignore[arg-type]
        before = m.effects.calls.get(entry, False)
        m.effects.calls[entry] = m.graph.apply("or", before, where)
    if entry.value is DEAD:
        raise AllDead
    return entry.value


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
