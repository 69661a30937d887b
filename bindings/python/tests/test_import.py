"""Importing the package."""

from __future__ import annotations

import subprocess
import sys

import pytest


def test_import_loads_no_large_modules() -> None:
    code = "import sys; before = set(sys.modules); import upscope; print(*sorted(set(sys.modules) - before))"
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    loaded = set(completed.stdout.split())
    assert "upscope._upscope" in loaded
    assert loaded.isdisjoint({"asyncio", "typing", "re", "json", "logging", "datetime", "threading"}), loaded


def test_import_in_a_subinterpreter_works_or_raises_import_error() -> None:
    inner = "try:\n import upscope\nexcept ImportError as error:\n print(error)\nelse:\n print('works')"
    code = f"""
try:
    import _xxsubinterpreters as interpreters
except ImportError:
    import _interpreters as interpreters
interpreters.run_string(interpreters.create(), {inner + chr(10) + "import sys; sys.stdout.flush()"!r})
"""
    completed = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=30)
    if "No module named" in completed.stderr:
        pytest.skip("this Python has no subinterpreters")
    assert "subinterpreter" in completed.stdout or "works" in completed.stdout, completed
