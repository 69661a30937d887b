"""Ctrl-C ends a waiting call within 0.2 s, as KeyboardInterrupt, in a script and under pytest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import upscope
from scripted import HANG, ScriptedServer, answer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")

LIMIT = 0.2

WAITS = {
    "an answer": (HANG, "client.get_usage()"),
    "a retry": (answer("", "503 Service Unavailable", "Retry-After: 20\r\n"), "client.get_usage()"),
    "the rest of a body": (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "client.get_usage()"),
    "a page": (HANG, "list(client.iter_sessions())"),
}


def script(server: ScriptedServer, call: str) -> str:
    return textwrap.dedent(f"""
        import time, upscope
        client = upscope.Client("k", base_url={server.base_url!r}, timeout=30)
        try:
            {call}
        except KeyboardInterrupt:
            print("interrupted", time.time(), flush=True)
    """)


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[str]]:
    # A shell's background job ignores SIGINT: the tests may be run as one.
    process = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def interrupt(process: subprocess.Popen[str]) -> float:
    """Sends SIGINT and gives the seconds until the script noticed."""
    began = time.time()
    process.send_signal(signal.SIGINT)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("interrupted"):
            return float(line.split()[1]) - began
    raise AssertionError("no KeyboardInterrupt")


@pytest.mark.parametrize("wait", WAITS)
def test_in_a_script(server: ScriptedServer, wait: str) -> None:
    said, call = WAITS[wait]
    server.answers = [said]
    with running("-c", script(server, call)) as process:
        assert server.arrived.wait(20)
        assert interrupt(process) < LIMIT


def test_under_pytest(server: ScriptedServer, tmp_path: Path) -> None:
    server.answers = [HANG]
    file = tmp_path / "test_waiting.py"
    file.write_text("def test_waiting():" + textwrap.indent(script(server, "client.get_usage()"), "    "))
    with running(
        "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(file)
    ) as process:
        assert server.arrived.wait(20)
        assert interrupt(process) < LIMIT


def test_a_handler_that_returns_does_not_end_the_call(server: ScriptedServer) -> None:
    server.answers = [HANG]
    seen = threading.Event()

    def finish() -> None:
        assert server.arrived.wait(20)
        os.kill(os.getpid(), signal.SIGUSR1)
        assert seen.wait(20)
        for connection in server._connections:
            connection.sendall(answer({"usage": {}}))

    before = signal.signal(signal.SIGUSR1, lambda *_: seen.set())
    try:
        helper = threading.Thread(target=finish)
        helper.start()
        with server.client() as client:
            assert client.get_usage().to_dict() == {}
        helper.join()
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_what_a_handler_raises_comes_out(server: ScriptedServer) -> None:
    server.answers = [HANG]

    class Enough(Exception):
        pass

    def enough(*_: object) -> None:
        raise Enough

    def send() -> None:
        assert server.arrived.wait(20)
        os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, enough)
    try:
        helper = threading.Thread(target=send)
        helper.start()
        with server.client() as client, pytest.raises(Enough):
            client.get_usage()
        helper.join()
        server.answers = [answer({"usage": {}})]
        with server.client() as client:
            assert client.get_usage()
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_other_threads_go_on_while_a_call_waits(server: ScriptedServer) -> None:
    server.answers = [HANG]
    caught: list[BaseException] = []

    def wait() -> None:
        try:
            client.get_usage(options={"timeout": 1})
        except upscope.CallTimeoutError as error:
            caught.append(error)

    with server.client() as client:
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert server.arrived.wait(20)
        count = sum(1 for _ in range(1000))
        assert waiting.is_alive()
        waiting.join(10)
    assert (count, len(caught)) == (1000, 1)
