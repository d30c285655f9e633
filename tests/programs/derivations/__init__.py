"""Expected values of the programs, worked out in Python without the language.

A module for each theme, a function for each program: it returns the numbers by the label that the
program's header gives them, `{"P(#t)": 0.25, "mean": 3.0}`.
"""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path


def _module(theme: str):
    return importlib.import_module(f"{__name__}.{theme}")


class _Derived:
    """What is derived of a program, by its name `theme/program`; nothing where nothing is."""

    def __call__(self, name: str) -> dict[str, float]:
        theme, program = name.split("/")
        if not (Path(__file__).parent / f"{theme}.py").exists():
            return {}
        function = getattr(_module(theme), program, None)
        return function() if function else {}

    def known(self) -> list[str]:
        """The names of the programs of which something is derived."""
        out = []
        for path in sorted(Path(__file__).parent.glob("[a-z]*.py")):
            if path.stem == "tools":
                continue
            module = _module(path.stem)
            for name, function in inspect.getmembers(module, inspect.isfunction):
                if function.__module__ == module.__name__ and not name.startswith("_"):
                    out.append(f"{path.stem}/{name}")
        return out


derived = _Derived()
