"""Fixtures: the sandbox, a scripted server, and an environment without the settings of this computer."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import upscope
from scripted_server import ScriptedServer

ROOT = Path(__file__).parents[3]

# `clean_environment` removes the variable.
SANDBOX_PROGRAM = os.environ.get("UPSCOPE_SANDBOX") or str(ROOT / "target" / "release" / "upscope-sandbox")


class Sandbox:
    """A running sandbox."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        started: dict[str, str] = json.loads(process.stdout.readline())
        self.base_url = started["base_url"]
        self.api_key = started["api_key"]
        self._control_url = started["control_url"]
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def control(self, path: str, body: Any = None, method: str | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._control_url + path, data, {"Content-Type": "application/json"})
        if method is not None:
            request.method = method
        with self._opener.open(request, timeout=10) as response:
            return json.loads(response.read() or b"null")

    def faults(self, *faults: dict[str, Any]) -> None:
        self.control("/faults", list(faults))

    def requests(self) -> list[dict[str, Any]]:
        requests: list[dict[str, Any]] = self.control("/requests")["requests"]
        return requests

    def client(self, **settings: Any) -> upscope.Client:
        return upscope.Client(**{"api_key": self.api_key, "base_url": self.base_url, **settings})

    def async_client(self, **settings: Any) -> upscope.AsyncClient:
        return upscope.AsyncClient(**{"api_key": self.api_key, "base_url": self.base_url, **settings})


@contextmanager
def running_sandbox() -> Iterator[Sandbox]:
    with subprocess.Popen(
        [SANDBOX_PROGRAM, "--exit-with-stdin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Sandbox(process)
        assert process.stdin is not None
        process.stdin.close()


def run_upscope(*arguments: str, **environment: str) -> tuple[int, str]:
    """Runs `python -m upscope`. Returns its exit status and its output."""
    command = [sys.executable, "-m", "upscope", *arguments]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=30, env={**os.environ, **environment})
    assert completed.stderr == ""
    return completed.returncode, completed.stdout


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    sandbox_process.control("/reset", {})
    return sandbox_process


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[upscope.Client]:
    with sandbox.client() as client:
        yield client


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a server that runs for the tests."""
    pytest.importorskip("psycopg")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not folders:
        pytest.skip("needs the Debian package postgresql")
    programs = folders[-1].parent
    # The server refuses to run as root.
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    # The path of a socket is limited to 107 bytes.
    folder = tempfile.mkdtemp(prefix="pg", dir="/tmp")
    if user:
        shutil.chown(folder, "postgres")
    data = f"{folder}/data"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-k {folder} -p {port} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = [*user, str(programs / "pg_ctl"), "-D", data, "-w"]
    try:
        subprocess.run(
            [*user, str(programs / "initdb"), "-D", data, "-U", "tester", "-A", "trust", "-N", "-E", "UTF8"],
            check=True, capture_output=True, cwd=folder,
        )  # fmt: skip
        # Its output goes to a file: a server that inherits a pipe keeps it open.
        subprocess.run([*control, "-l", f"{folder}/log", "-o", options, "start"], check=True, cwd=folder,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        try:
            yield f"postgresql://tester@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, cwd=folder, stdout=subprocess.DEVNULL)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removes the settings of this computer from the environment."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith("UPSCOPE_"):
            monkeypatch.delenv(name)
