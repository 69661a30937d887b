"""Ctrl-C and other signals during a call."""

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
from scripted_server import NO_RESPONSE, ScriptedServer, response

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT")

INTERRUPT_LIMIT = 0.2
"""Seconds from Ctrl-C to the exception."""

WAITS = {
    "a response": (NO_RESPONSE, "client.get_usage()"),
    "a retry": (response("", "503 Service Unavailable", "Retry-After: 20\r\n"), "client.get_usage()"),
    "the rest of a body": (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "client.get_usage()"),
    "a page": (NO_RESPONSE, "list(client.iter_sessions())"),
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
    # A background job of a shell ignores SIGINT, and so do the processes that it starts.
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
    """Sends SIGINT. Returns the seconds until the script caught KeyboardInterrupt."""
    started = time.time()
    process.send_signal(signal.SIGINT)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("interrupted"):
            return float(line.split()[1]) - started
    raise AssertionError("no KeyboardInterrupt")


@pytest.mark.parametrize("wait", WAITS)
def test_ctrl_c_interrupts_a_script(server: ScriptedServer, wait: str) -> None:
    scripted, call = WAITS[wait]
    server.responses = [scripted]
    with running("-c", script(server, call)) as process:
        assert server.request_received.wait(20)
        assert interrupt(process) < INTERRUPT_LIMIT


def test_ctrl_c_interrupts_a_test_run(server: ScriptedServer, tmp_path: Path) -> None:
    server.responses = [NO_RESPONSE]
    file = tmp_path / "test_waiting.py"
    file.write_text("def test_waiting():" + textwrap.indent(script(server, "client.get_usage()"), "    "))
    with running(
        "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(file)
    ) as process:
        assert server.request_received.wait(20)
        assert interrupt(process) < INTERRUPT_LIMIT


def test_a_signal_handler_that_returns_does_not_end_the_call(server: ScriptedServer) -> None:
    server.responses = [NO_RESPONSE]
    handled = threading.Event()

    def send_signal_and_response() -> None:
        assert server.request_received.wait(20)
        os.kill(os.getpid(), signal.SIGUSR1)
        assert handled.wait(20)
        server.send_to_all(response({"usage": {}}))

    previous = signal.signal(signal.SIGUSR1, lambda *_: handled.set())
    try:
        thread = threading.Thread(target=send_signal_and_response)
        thread.start()
        with server.client() as client:
            assert client.get_usage().to_dict() == {}
        thread.join()
    finally:
        signal.signal(signal.SIGUSR1, previous)


def test_an_exception_of_a_signal_handler_ends_the_call(server: ScriptedServer) -> None:
    server.responses = [NO_RESPONSE]

    class HandlerError(Exception):
        pass

    def raise_error(*_: object) -> None:
        raise HandlerError

    def send_signal() -> None:
        assert server.request_received.wait(20)
        os.kill(os.getpid(), signal.SIGUSR1)

    previous = signal.signal(signal.SIGUSR1, raise_error)
    try:
        thread = threading.Thread(target=send_signal)
        thread.start()
        with server.client() as client, pytest.raises(HandlerError):
            client.get_usage()
        thread.join()
        server.responses = [response({"usage": {}})]
        with server.client() as client:
            assert client.get_usage()
    finally:
        signal.signal(signal.SIGUSR1, previous)
