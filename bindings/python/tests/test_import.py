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


def test_no_call_imports_typing_or_pydantic() -> None:
    code = """
import sys, upscope
client = upscope.Client("key", base_url="http://127.0.0.1:9")
visitor = upscope.Visitor.from_dict({"short_id": "V", "last_seen_at": "2018-07-05T11:53:38Z"})
repr(visitor), visitor.last_seen_at, upscope.NotFoundError("x")
try:
    client.with_options(timeout=2, max_retries=0).list_sessions()
except upscope.TransportError:
    print(*sys.modules)
"""
    completed = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path += {sys.path!r}\n{code}"],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    loaded = set(completed.stdout.split())
    assert "upscope._upscope" in loaded
    assert loaded.isdisjoint({"typing", "pydantic", "upscope.types", "upscope.display"}), loaded


def test_the_lazy_modules_are_attributes() -> None:
    code = "import upscope; print(upscope.types.__name__, upscope.display.__name__, *dir(upscope))"
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    names = completed.stdout.split()
    assert names[:2] == ["upscope.types", "upscope.display"]
    assert {"types", "display", "AsyncClient", "sessions_table", "Client"} <= set(names)


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
