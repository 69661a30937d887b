"""The pytest plugin and the context manager of `upscope.testing`, and mocks of the clients."""

from __future__ import annotations

import asyncio
import http.client
import os
import re
import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec, patch
from urllib.parse import urlsplit

import pytest
import upscope
import upscope.testing
from conftest import SANDBOX_PROGRAM
from upscope.testing import Sandbox, SandboxError

PACKAGE = Path(__file__).parents[1]

TIME_LIMIT = 30.0

needs_scripts = pytest.mark.skipif(os.name == "nt", reason="a shell script is not a program on Windows")


@pytest.fixture(autouse=True)
def sandbox_program(clean_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPSCOPE_SANDBOX", SANDBOX_PROGRAM)


def pytest_command(folder: Path, *arguments: str) -> list[str]:
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    return [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments, str(folder)]


def run_pytest(folder: Path, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs these tests in another process, without a `conftest.py`."""
    (folder / "test_inner.py").write_text(code)
    return subprocess.run(pytest_command(folder, *arguments), capture_output=True, text=True, timeout=TIME_LIMIT)


def is_running(base_url: str) -> bool:
    url = urlsplit(base_url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=5)
    try:
        connection.request("GET", "/_sandbox/requests")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_until_stopped(base_url: str) -> None:
    deadline = time.monotonic() + TIME_LIMIT
    while is_running(base_url):
        assert time.monotonic() < deadline, "the sandbox still runs"
        time.sleep(0.02)


def program(file: Path, script: str) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return str(file)


# Fixtures


def test_the_fixtures_start_a_sandbox_and_reset_it(tmp_path: Path) -> None:
    code = """
import os
import upscope
from datetime import datetime, timedelta, timezone

urls = set()

def test_first(upscope_sandbox, upscope_client):
    urls.add(upscope_sandbox.base_url)
    assert upscope_client.get_usage() is not None
    upscope_sandbox.put_visitor("first", name="Ann")
    assert upscope_client.get_visitor("first").name == "Ann"
    now = upscope_sandbox.advance(7200.5)
    assert now - datetime.now(timezone.utc) > timedelta(hours=1.9)
    # The second test must not see the other two.
    upscope_sandbox.faults({"status": 404}, {"status": 404}, {"status": 404})
    try:
        upscope_client.get_usage()
    except upscope.NotFoundError:
        pass
    else:
        raise AssertionError
    assert [request["status"] for request in upscope_sandbox.requests()] == [200, 200, 404]

def test_second(upscope_sandbox):
    urls.add(upscope_sandbox.base_url)
    assert len(urls) == 1
    assert upscope_sandbox.requests() == []
    with upscope.Client() as client:
        assert client.get_usage() is not None
        try:
            client.get_visitor("first")
        except upscope.NotFoundError:
            pass
        else:
            raise AssertionError
    assert abs(upscope_sandbox.advance(0) - datetime.now(timezone.utc)) < timedelta(seconds=60)

def test_environment_is_restored():
    assert "UPSCOPE_BASE_URL" not in os.environ
    with open("url", "w") as file:
        file.write(urls.pop())
"""
    (tmp_path / "test_inner.py").write_text(code)
    completed = subprocess.run(
        pytest_command(tmp_path),
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT,
        cwd=tmp_path,
        env={**os.environ, "HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"},
    )
    assert completed.returncode == 0, completed.stdout + completed.stderr
    assert "3 passed" in completed.stdout
    assert not is_running((tmp_path / "url").read_text())


def test_the_arguments_can_be_overridden(tmp_path: Path) -> None:
    code = """
import pytest

@pytest.fixture(scope="session")
def upscope_sandbox_arguments():
    return ["--visitors", "3"]

def test(upscope_client):
    assert len(upscope_client.list_visitors()) == 3
"""
    completed = run_pytest(tmp_path, code)
    assert completed.returncode == 0, completed.stdout


@pytest.mark.parametrize("autoload", [True, False])
@pytest.mark.parametrize("how", ["option", "conftest", "disabled"])
def test_the_plugin_can_be_named_and_disabled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, autoload: bool
) -> None:
    if not autoload:
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    if how == "conftest":
        (tmp_path / "conftest.py").write_text('pytest_plugins = ["upscope.testing"]\n')
    options = {"option": ["-p", "upscope.testing"], "conftest": [], "disabled": ["-p", "no:upscope.testing"]}[how]
    completed = run_pytest(tmp_path, "def test(upscope_sandbox):\n    upscope_sandbox.reset()\n", *options)
    if how == "disabled":
        assert "fixture 'upscope_sandbox' not found" in completed.stdout
    else:
        assert "1 passed" in completed.stdout, completed.stdout + completed.stderr


def test_the_plugin_loads_nothing_when_unused(tmp_path: Path) -> None:
    code = """
import sys

def test():
    loaded = {name for name in sys.modules if name.startswith("upscope")}
    assert {"upscope.testing", "upscope.testing._fixtures"} <= loaded
    assert loaded.isdisjoint({"upscope.testing._sandbox", "upscope._async_client"})
"""
    completed = run_pytest(tmp_path, code)
    assert completed.returncode == 0, completed.stdout
    code = """
import sys, upscope
before = set(sys.modules)
import upscope.testing
print(*sorted(set(sys.modules) - before))
"""
    output = subprocess.check_output([sys.executable, "-c", code], text=True, timeout=TIME_LIMIT)
    assert output.split() == ["upscope.testing"]


def test_each_worker_of_xdist_has_a_sandbox(tmp_path: Path) -> None:
    pytest.importorskip("xdist")
    code = f"""
import time
from pathlib import Path
import pytest

@pytest.mark.parametrize("number", [1, 2])
def test(upscope_sandbox, upscope_client, worker_id, number):
    upscope_client.get_usage()
    folder = Path({str(tmp_path)!r})
    (folder / f"{{worker_id}}.url").write_text(upscope_sandbox.base_url)
    # Waits for the other worker: both sandboxes run at once, and each sees its own requests.
    deadline = time.monotonic() + 20
    while len(list(folder.glob("*.url"))) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert len(upscope_sandbox.requests()) == 1
"""
    completed = run_pytest(tmp_path, code, "-n", "2")
    assert completed.returncode == 0, completed.stdout + completed.stderr
    urls = {file.read_text() for file in tmp_path.glob("*.url")}
    assert len(urls) == 2
    assert not any(map(is_running, urls))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_the_sandbox_ends_when_pytest_is_killed(tmp_path: Path) -> None:
    (tmp_path / "test_inner.py").write_text("""
import sys, time

def test(upscope_sandbox):
    print(upscope_sandbox.base_url, flush=True)
    time.sleep(300)
""")
    with subprocess.Popen(pytest_command(tmp_path, "-s", "-q"), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        assert is_running(base_url)
        process.kill()
    wait_until_stopped(base_url)


def test_a_missing_sandbox_is_explained_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UPSCOPE_SANDBOX")
    monkeypatch.setenv("PATH", str(tmp_path))
    code = "def test(upscope_client):\n    pass\n\n\ndef test_other(upscope_sandbox):\n    pass\n"
    completed = run_pytest(tmp_path, code)
    assert completed.returncode == 1
    assert "2 errors" in completed.stdout
    assert "the sandbox is not installed: run `pip install upscope[testing]`" in completed.stdout
    assert "Traceback" not in completed.stdout + completed.stderr
    assert "_sandbox.py" not in completed.stdout


# The search for the program


def install_package(site: Path, script: str = "bin") -> Path:
    """Imitates an installed package `upscope-sandbox`."""
    info = site / "lib" / "upscope_sandbox-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: upscope-sandbox\nVersion: 0.1.0\n")
    (info / "RECORD").write_text(f"../{script}/upscope-sandbox,,\nupscope_sandbox-0.1.0.dist-info/METADATA,,\n")
    return info.parent


@needs_scripts
def test_the_program_is_the_variable_then_the_package_then_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> str:
        with pytest.raises(SandboxError) as caught, upscope.testing.sandbox():
            pass
        return str(caught.value)

    on_path = program(tmp_path / "path" / "upscope-sandbox", "echo the one on the path >&2; exit 3")
    packaged = program(tmp_path / "bin" / "upscope-sandbox", "echo the one of the package >&2; exit 3")
    chosen = program(tmp_path / "chosen", "echo the chosen one >&2; exit 3")
    monkeypatch.setenv("PATH", f"{Path(on_path).parent}:/usr/bin:/bin")
    monkeypatch.setenv("UPSCOPE_SANDBOX", chosen)
    monkeypatch.syspath_prepend(str(install_package(tmp_path)))
    assert "the chosen one" in found()
    monkeypatch.delenv("UPSCOPE_SANDBOX")
    assert "the one of the package" in found()
    Path(packaged).unlink()
    assert "the one on the path" in found()
    Path(on_path).unlink()
    assert "is not installed" in found()


@needs_scripts
def test_the_program_is_found_after_pip_install_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then the folder of the package has the folder `bin`, and the record names another one."""
    monkeypatch.delenv("UPSCOPE_SANDBOX")
    folder = install_package(tmp_path, script="elsewhere/bin")
    program(folder / "bin" / "upscope-sandbox", "echo the moved one >&2; exit 3")
    monkeypatch.syspath_prepend(str(folder))
    with pytest.raises(SandboxError, match="the moved one"), upscope.testing.sandbox():
        pass


@needs_scripts
@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo hello", "its output is not that of a sandbox"),
        ("echo '[1]'", "its output is not that of a sandbox"),
        ("echo '{}'; exec sleep 60", "its output is not that of a sandbox"),
        ("exit 7", "it exited with status 7"),
        ("echo 'no port is free' >&2; exit 1", "no port is free"),
        ("exec sleep 60", "did not start within 0.2 seconds"),
    ],
)
def test_a_program_that_does_not_start_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str
) -> None:
    file = program(tmp_path / "program", script)
    monkeypatch.setenv("UPSCOPE_SANDBOX", file)
    if "within" in message:
        monkeypatch.setattr("upscope.testing._sandbox._START_TIMEOUT", 0.2)
    with pytest.raises(SandboxError) as caught, upscope.testing.sandbox():
        pass
    assert message in str(caught.value)
    assert file in str(caught.value)


def test_a_variable_that_names_no_program_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not fall back to another sandbox."""
    monkeypatch.setenv("UPSCOPE_SANDBOX", str(tmp_path / "nothing"))
    with pytest.raises(SandboxError, match=r"UPSCOPE_SANDBOX is .*nothing', which is not a program"):
        upscope.testing.sandbox().__enter__()


def test_invalid_arguments_are_explained() -> None:
    with pytest.raises(SandboxError, match="--no-such-option"), upscope.testing.sandbox("--no-such-option"):
        pass


def test_the_extra_names_only_packages_of_this_folder() -> None:
    """Somebody else could publish another name."""
    built = {
        name
        for file in (PACKAGE / "pyproject.toml", PACKAGE / "sandbox" / "pyproject.toml")
        for name in re.findall(r'^name = "(.*)"$', file.read_text(), re.MULTILINE)
    }
    required = {re.split(r"[^\w.-]", name)[0] for name in metadata.requires("upscope") or []}
    assert "upscope-sandbox" in required
    assert {name for name in required if name.startswith("upscope")} <= built


# The context manager


def test_a_script_uses_a_sandbox_without_pytest() -> None:
    code = """
import sys
sys.modules["pytest"] = None  # an import raises ImportError
import upscope.testing

try:
    with upscope.testing.sandbox("--visitors", "2") as sandbox, sandbox.client(timeout=5) as client:
        assert len(client.list_visitors()) == 2
        print(sandbox.base_url)
        raise KeyError
except KeyError:
    pass
"""
    completed = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=TIME_LIMIT
    )
    assert (completed.returncode, completed.stderr) == (0, "")
    assert not is_running(completed.stdout.strip())


def test_both_clients_and_the_environment() -> None:
    with upscope.testing.sandbox() as sandbox:
        assert sandbox.base_url in repr(sandbox)
        code = "import upscope; print(upscope.Client().get_visitor('1').name)"
        sandbox.put_visitor("1", name="Ann")
        environment = {**os.environ, "HTTP_PROXY": "http://127.0.0.1:9", **sandbox.environment()}
        command = [sys.executable, "-c", code]
        assert subprocess.check_output(command, env=environment, text=True, timeout=TIME_LIMIT) == "Ann\n"

        async def call() -> upscope.Usage:
            async with sandbox.async_client() as client:
                return await client.get_usage()

        with sandbox.client() as client:
            assert client.get_usage() == asyncio.run(call())


def test_mistakes_are_explained() -> None:
    with upscope.testing.sandbox() as sandbox:
        with pytest.raises(SandboxError, match="POST /faults: fault 2: dely_ms is unknown"):
            sandbox.faults(None, {"dely_ms": 1})
        with pytest.raises(SandboxError, match="GET /nothing"):
            sandbox.control("GET", "/nothing")
    with pytest.raises(SandboxError, match="does not respond: it was stopped"):
        sandbox.requests()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork()")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_does_not_stop_the_sandbox() -> None:
    with upscope.testing.sandbox() as sandbox:
        child = os.fork()
        if child == 0:
            try:
                sandbox.stop()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert sandbox.requests() == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork()")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_does_not_keep_the_sandbox_running() -> None:
    """It has inherited the pipe to the sandbox."""
    with upscope.testing.sandbox() as sandbox:
        child = os.fork()
        if child == 0:
            signal.pause()
    try:
        assert not is_running(sandbox.base_url)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_every_name_of_the_module_has_a_docstring() -> None:
    assert set(upscope.testing.__all__) <= set(dir(upscope.testing))
    for value in (upscope.testing, *(getattr(upscope.testing, name) for name in upscope.testing.__all__)):
        assert value.__doc__, value
    for name, member in vars(Sandbox).items():
        assert name.startswith("_") or member.__doc__, name
    with pytest.raises(AttributeError, match="sandbx"):
        upscope.testing.sandbx  # noqa: B018


# Mocks


def test_methods_of_a_client_can_be_replaced() -> None:
    usage = upscope.Usage.from_dict({})
    with upscope.Client("key", base_url="http://127.0.0.1:9", max_retries=0) as client:
        with patch.object(client, "get_usage", return_value=usage) as get_usage:
            assert client.get_usage() is usage
            get_usage.assert_called_once_with()
        with patch.object(client, "get_visitor", autospec=True), pytest.raises(TypeError):
            client.get_visitor(id="1")  # type: ignore[call-arg]
        with pytest.raises(upscope.TransportError):
            client.get_usage()


def test_methods_of_an_async_client_can_be_replaced() -> None:
    usage = upscope.Usage.from_dict({})

    async def main() -> None:
        async with upscope.AsyncClient("key", base_url="http://127.0.0.1:9", max_retries=0) as client:
            with patch.object(client, "get_usage", return_value=usage) as get_usage:
                assert await client.get_usage() is usage
                get_usage.assert_awaited_once_with()
            with pytest.raises(upscope.TransportError):
                await client.get_usage()

    asyncio.run(main())


def test_a_mock_has_the_methods_of_a_client() -> None:
    ann = upscope.Visitor.from_dict({"short_id": "1234", "name": "Ann"})
    client: Any = create_autospec(upscope.Client, instance=True)
    client.get_visitor.return_value = ann
    client.iter_sessions.return_value = iter([upscope.Session.from_dict({"id": "s_1"})])
    with client:
        assert client.get_visitor("1234").name == "Ann"
        assert [session.id for session in client.iter_sessions()] == ["s_1"]
    with pytest.raises(TypeError):
        client.get_visitor()
    with pytest.raises(AttributeError):
        client.get_visitors  # noqa: B018
    assert isinstance(client, upscope.Client)


def test_a_mock_has_the_methods_of_an_async_client() -> None:
    client: Any = create_autospec(upscope.AsyncClient, instance=True)
    client.get_visitor.return_value = upscope.Visitor.from_dict({"short_id": "1234", "name": "Ann"})

    async def main() -> None:
        assert (await client.get_visitor("1234")).name == "Ann"
        client.get_visitor.side_effect = upscope.NotFoundError("no such visitor")
        with pytest.raises(upscope.NotFoundError):
            await client.get_visitor("1234")

    asyncio.run(main())
