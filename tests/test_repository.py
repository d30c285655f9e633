"""The repository's own rules: style, types, direction of imports, size of files."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = ("plot", "inference", "models", "vi", "experiments", "tests")
MOST_LINES = 500


def tool(*command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def sources() -> list[Path]:
    return [p for folder in CODE for p in (ROOT / folder).rglob("*.py")]


def test_style():
    tool("ruff", "check", ".")


def test_format():
    tool("ruff", "format", "--check", ".")


def test_types():
    tool("pyright")


def test_imports_go_one_way():
    config = str(ROOT / "pyproject.toml")
    code = (
        "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, config]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_modules_are_small():
    long = {p.name: n for p in sources() if (n := len(p.read_text().splitlines())) > MOST_LINES}
    assert not long


def test_text_is_never_run():
    """What people and models write is data: no `eval`, `exec` or shell."""
    forbidden = re.compile(r"(?<![\w.\"'`(])(eval|exec)\(|shell=True|os\.system")
    found = [
        f"{p.relative_to(ROOT)}: {line.strip()}"
        for p in sources()
        if p != Path(__file__)
        for line in p.read_text().splitlines()
        if forbidden.search(line)
    ]
    assert not found


@pytest.mark.parametrize(
    "pattern", [r"https?://[^\s)\"']*(pypi|simple/|registry)", r"(?<![\w.])/(root|home|work)/"]
)
def test_no_addresses_of_registries_and_no_paths_of_a_machine(pattern):
    texts = [*sources(), *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "pyproject.toml"]
    bad = [p.name for p in texts if p != Path(__file__) and re.search(pattern, p.read_text())]
    assert not bad
