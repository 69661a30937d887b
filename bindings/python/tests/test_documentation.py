"""What the documents show works: the README's blocks, the examples, and docstrings for all that is public."""

from __future__ import annotations

import csv
import http.client
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import upscope
from conftest import Sandbox

PACKAGE = Path(__file__).parents[1]
EXAMPLES = PACKAGE / "examples"


def environment(sandbox: Sandbox) -> dict[str, str]:
    return {**os.environ, "UPSCOPE_API_KEY": sandbox.api_key, "UPSCOPE_BASE_URL": sandbox.base_url}


def test_readme(sandbox: Sandbox, tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (PACKAGE / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 8
    sandbox.control("/visitors", {"short_id": "1234", "is_online": True})
    file = tmp_path / "readme.py"
    file.write_text("\n".join(blocks))
    command = [sys.executable, "-W", "error", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(sandbox), timeout=60)
    assert done.returncode == 0, done.stderr
    assert "no such visitor" in done.stdout
    assert "DEBUG:upscope:GET" in done.stderr


def test_nightly_export(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "sessions.csv"
    command = [sys.executable, "-W", "error", str(EXAMPLES / "nightly_export.py"), str(file)]
    for run in (1, 2):
        done = subprocess.run(command, capture_output=True, text=True, env=environment(sandbox), timeout=60)
        assert done.returncode == 0, done.stderr
        with file.open(encoding="utf-8", newline="") as written:
            rows = list(csv.reader(written))
        assert rows[0][0] == "id"
        assert len(rows) == 1 + run * int(done.stdout.split()[0]) > 1
    sandbox.faults(*[{"status": 401}] * 2)
    done = subprocess.run(command, capture_output=True, text=True, env=environment(sandbox), timeout=60)
    assert (done.returncode, "unauthorized" in done.stderr) == (1, True)


def test_redirect_view(sandbox: Sandbox) -> None:
    sandbox.control("/visitors", {"short_id": "a/b c", "is_online": True})
    command = [sys.executable, str(EXAMPLES / "redirect_view.py"), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment(sandbox)) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline().split(":")[2].split("/")[0])
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            found = []
            for path in ("/watch/a%2Fb%20c?agent=7", "/watch/nobody?agent=7", "/watch/a", "/"):
                connection.request("GET", path)
                answer = connection.getresponse()
                found.append((answer.status, answer.getheader("Location", ""), answer.getheader("Cache-Control")))
                answer.read()
            connection.close()
        finally:
            process.terminate()
    assert found[0][0] == 303
    assert found[0][1].startswith("http")
    assert found[0][2] == "no-store"
    assert [status for status, _, _ in found[1:]] == [404, 404, 404]


def test_everything_public_is_documented() -> None:
    for name in upscope.__all__:
        value = getattr(upscope, name)
        assert name == "__version__" or value.__doc__, name
        if not inspect.isclass(value):
            continue
        for base in value.__mro__:
            if not base.__module__.startswith("upscope"):
                continue
            for member, static in vars(base).items():
                plain = isinstance(static, (str, int))
                assert member.startswith("_") or plain or inspect.getdoc(static), f"{name}.{member}"


@pytest.mark.timeout(120)
def test_the_reference_is_generated(tmp_path: Path) -> None:
    pytest.importorskip("pdoc")
    command = [sys.executable, "-W", "ignore", str(PACKAGE / "docs.py"), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "upscope.html").read_text()
    for words in ("create_watch_url", "When it started.", "may_have_applied", "sessions_table", "AsyncClient"):
        assert words in page, words
