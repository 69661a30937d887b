"""The types hold: checkers are content with the package, its examples and right uses, and refuse wrong ones."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PACKAGE = HERE.parent
WRONG = HERE / "typed" / "wrong.py"
RIGHT = [HERE / "typed" / "right.py", *sorted((PACKAGE / "examples").glob("*.py"))]


def run(*command: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, cwd=PACKAGE, timeout=300)
    return done.returncode, done.stdout + done.stderr


def expected_errors() -> set[int]:
    lines = WRONG.read_text().splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}


@pytest.mark.timeout(300)
def test_mypy() -> None:
    pytest.importorskip("mypy")
    code, text = run("mypy", "--strict", "-p", "upscope")
    assert code == 0, text
    code, text = run("mypy", "--strict", *map(str, RIGHT))
    assert code == 0, text
    code, text = run("mypy", "--strict", str(WRONG))
    assert {int(line) for line in re.findall(r"wrong\.py:(\d+): error", text)} == expected_errors(), text


@pytest.mark.timeout(300)
def test_pyright() -> None:
    pytest.importorskip("pyright")
    sources = PACKAGE / "python" / "upscope"
    python = ("--pythonpath", sys.executable)
    code, text = run("pyright", *python, str(sources), *map(str, RIGHT))
    assert code == 0, text
    code, text = run("pyright", *python, str(WRONG))
    assert {int(line) for line in re.findall(r"wrong\.py:(\d+):\d+ - error", text)} == expected_errors(), text


@pytest.mark.timeout(300)
def test_the_stub_is_the_modules() -> None:
    pytest.importorskip("mypy")
    code, text = run("mypy.stubtest", "upscope")
    assert code == 0, text
