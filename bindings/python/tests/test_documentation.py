"""The documentation is correct: README examples, example programs and docstrings."""

from __future__ import annotations

import http.client
import inspect
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import upscope
from conftest import SANDBOX_PROGRAM, Sandbox

PACKAGE = Path(__file__).parents[1]

EXAMPLES = PACKAGE / "examples"


def environment(sandbox: Sandbox) -> dict[str, str]:
    settings = {"UPSCOPE_API_KEY": sandbox.api_key, "UPSCOPE_BASE_URL": sandbox.base_url}
    return {**os.environ, **settings, "UPSCOPE_SANDBOX": SANDBOX_PROGRAM}


def test_readme_examples_run(sandbox: Sandbox, tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (PACKAGE / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 8
    sandbox.control("/visitors", {"short_id": "1234", "is_online": True})
    file = tmp_path / "readme.py"
    file.write_text("\n".join(blocks))
    command = [sys.executable, "-W", "error", str(file)]
    completed = subprocess.run(
        command, capture_output=True, text=True, env=environment(sandbox), cwd=tmp_path, timeout=60
    )
    assert completed.returncode == 0, completed.stderr
    assert "no such visitor" in completed.stdout
    assert "DEBUG:upscope:GET" in completed.stderr


def test_readme_section_on_testing_runs_in_pytest(tmp_path: Path) -> None:
    section = (PACKAGE / "README.md").read_text().partition("\n## Testing your code\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"^```python\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 3
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    (tmp_path / "test_readme.py").write_text("\n".join(blocks))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(tmp_path)]
    settings = {"UPSCOPE_SANDBOX": SANDBOX_PROGRAM}
    completed = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **settings}, timeout=60)
    assert completed.returncode == 0, completed.stdout + completed.stderr
    assert "4 passed" in completed.stdout


def test_nightly_export_example(sandbox: Sandbox, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "error", str(EXAMPLES / "nightly_export.py")]
    for _ in range(2):
        completed = subprocess.run(
            command, capture_output=True, text=True, env=environment(sandbox), cwd=tmp_path, timeout=60
        )
        assert completed.returncode == 0, completed.stderr
        database = sqlite3.connect(tmp_path / "sessions.db")
        counts = database.execute("SELECT COUNT(*), COUNT(DISTINCT id) FROM sessions").fetchone()
        database.close()
        with sandbox.client() as client:
            assert counts == (len(list(client.iter_sessions())),) * 2


@pytest.mark.parametrize("tool", ["pandas", "polars", "duckdb"])
def test_readme_examples_for_parquet(tool: str, sandbox: Sandbox, tmp_path: Path) -> None:
    for module in ("pyarrow", tool):
        pytest.importorskip(module)
    run_data_examples(["parquet", tool], sandbox, tmp_path)


def test_readme_example_for_postgresql(postgresql: str, sandbox: Sandbox, tmp_path: Path) -> None:
    run_data_examples(["postgresql"], sandbox, tmp_path, ("postgresql://reports@127.0.0.1/reports", postgresql))


def run_data_examples(
    names: list[str], sandbox: Sandbox, folder: Path, replacement: tuple[str, str] | None = None
) -> None:
    """Runs blocks of the README that are marked with these names."""
    readme = (PACKAGE / "README.md").read_text()
    blocks = dict(re.findall(r"^<!-- data: (\w+) -->\n```py\n(.*?)^```", readme, re.MULTILINE | re.DOTALL))
    assert sorted(blocks) == ["duckdb", "pandas", "parquet", "polars", "postgresql"]
    code = "import upscope.history\nclient = upscope.Client()\n" + "\n".join(blocks[name] for name in names)
    if replacement is not None:
        assert replacement[0] in code
        code = code.replace(*replacement)
    completed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(sandbox), cwd=folder, timeout=60
    )
    assert completed.returncode == 0, completed.stderr


def test_redirect_view_example(sandbox: Sandbox) -> None:
    sandbox.control("/visitors", {"short_id": "a/b c", "is_online": True})
    command = [sys.executable, str(EXAMPLES / "redirect_view.py"), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(sandbox)) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().split(":")[2].split("/")[0])
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            replies = []
            for path in ("/watch/a%2Fb%20c?agent=7", "/watch/nobody?agent=7", "/watch/a", "/"):
                connection.request("GET", path)
                reply = connection.getresponse()
                replies.append((reply.status, reply.getheader("Location", ""), reply.getheader("Cache-Control")))
                reply.read()
            connection.close()
        finally:
            process.terminate()
    assert replies[0][0] == 303
    assert replies[0][1].startswith("http")
    assert replies[0][2] == "no-store"
    assert [status for status, _, _ in replies[1:]] == [404, 404, 404]


def test_every_public_name_has_a_docstring() -> None:
    for name in upscope.__all__:
        value = getattr(upscope, name)
        assert name == "__version__" or value.__doc__, name
        if not inspect.isclass(value):
            continue
        for base in value.__mro__:
            if not base.__module__.startswith("upscope"):
                continue
            for member, static in vars(base).items():
                is_constant = static is None or isinstance(static, (str, int))
                assert member.startswith("_") or is_constant or inspect.getdoc(static), f"{name}.{member}"


def test_every_attribute_has_its_own_docstring() -> None:
    assert upscope.Session.started_at.__doc__ == "When it started."
    assert upscope.Session.length_seconds.__doc__ != upscope.Session.started_at.__doc__


@pytest.mark.timeout(120)
def test_the_api_reference_builds(tmp_path: Path) -> None:
    pytest.importorskip("pdoc")
    command = [sys.executable, "-W", "ignore", str(PACKAGE / "docs.py"), str(tmp_path)]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert completed.returncode == 0, completed.stderr
    page = (tmp_path / "upscope.html").read_text()
    assert "put_visitor" in (tmp_path / "upscope" / "testing.html").read_text()
    for text in ("create_watch_url", "When it started.", "may_have_applied", "sessions_table", "AsyncClient"):
        assert text in page, text
