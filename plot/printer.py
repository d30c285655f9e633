"""The printer: syntax trees and values back to text."""

from __future__ import annotations

from plot.syntax import Literal, Symbol, Tree


def write(tree: Tree) -> str:
    """Write a tree so that reading it back gives the same tree.

    >>> from plot.reader import read_one
    >>> write(read_one("[f (quote x)  1.50]"))
    "(f 'x 1.5)"
    """
    out: list[str] = []
    # An explicit stack, so that deep trees print too; strings are text that is ready.
    stack: list[Tree | str] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, str):
            out.append(node)
        elif isinstance(node, Symbol):
            out.append(node.name)
        elif isinstance(node, Literal):
            out.append(write_atom(node.value))
        elif len(node) == 2 and node.head == "quote":
            stack += [node[1], "'"]
        else:
            stack.append(")")
            for i, item in enumerate(reversed(node.items)):
                stack += [" ", item] if i else [item]
            stack.append("(")
    return "".join(out)


def write_atom(value: int | float | bool | str) -> str:
    """Write a literal: `#t`, `1.5`, `"text"`."""
    if isinstance(value, bool):
        return "#t" if value else "#f"
    if isinstance(value, str):
        body = (
            value.replace("\\", "\\\\")
            .replace('"', '\\"')
            .replace("\n", "\\n")
            .replace("\t", "\\t")
        )
        return '"' + body.replace("\r", "\\r") + '"'
    return repr(value)
