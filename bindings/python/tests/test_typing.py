"""Type checkers accept the package, its examples and valid uses, and report invalid uses."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

PACKAGE = HERE.parent

INVALID = HERE / "typed" / "invalid.py"

VALID = [HERE / "typed" / "valid.py", *sorted((PACKAGE / "examples").glob("*.py"))]


def run_module(*command: str) -> tuple[int, str]:
    completed = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, cwd=PACKAGE, timeout=300
    )
    return completed.returncode, completed.stdout + completed.stderr


def expected_errors() -> set[int]:
    lines = INVALID.read_text().splitlines()
    return {number for number, line in enumerate(lines, 1) if line.endswith("# error")}


@pytest.mark.timeout(300)
def test_mypy() -> None:
    pytest.importorskip("mypy")
    code, text = run_module("mypy", "--strict", "-p", "upscope")
    assert code == 0, text
    code, text = run_module("mypy", "--strict", *map(str, VALID))
    assert code == 0, text
    code, text = run_module("mypy", "--strict", str(INVALID))
    assert {int(line) for line in re.findall(r"invalid\.py:(\d+): error", text)} == expected_errors(), text


@pytest.mark.timeout(300)
def test_pyright() -> None:
    pytest.importorskip("pyright")
    sources = PACKAGE / "python" / "upscope"
    python = ("--pythonpath", sys.executable)
    code, text = run_module("pyright", *python, str(sources), *map(str, VALID))
    assert code == 0, text
    code, text = run_module("pyright", *python, str(INVALID))
    assert {int(line) for line in re.findall(r"invalid\.py:(\d+):\d+ - error", text)} == expected_errors(), text


@pytest.mark.timeout(300)
def test_the_stub_matches_the_module(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    # Cannot be imported without pydantic, which is optional.
    allowed = tmp_path / "allowed"
    allowed.write_text("upscope\\._pydantic\n")
    code, text = run_module("mypy.stubtest", "upscope", "--allowlist", str(allowed), "--ignore-unused-allowlist")
    assert code == 0, text
