"""Clients after `fork()` and in the processes of `multiprocessing`."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import upscope
from conftest import Sandbox
from scripted_server import NO_RESPONSE, ScriptedServer, response

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork()")

ignores_fork_warning = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

FIRST_CALLS = """
def call():
    client.get_usage()
    client.request("GET", "/usage")
    client.call("get_usage")
    for visitor in client.list_visitors("", max_results=1):
        assert visitor.last_seen_at and visitor.to_dict()
    for session in client.iter_sessions(updated_after=time):
        session.metadata, session.agents
    try:
        client.get_visitor("nobody")
    except upscope.NotFoundError as error:
        assert error.http_status == 404
"""


def exit_code_of_child(function: Any) -> int:
    """Runs `function` in a forked child. Returns its exit code: 0 if the function returned."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            function()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


async def get_usage(client: upscope.AsyncClient) -> upscope.Usage:
    return await client.get_usage()


def list_visitors(base_url: str) -> list[upscope.Visitor]:
    with upscope.Client("sandbox-key", base_url=base_url) as client:
        return client.list_visitors(max_results=2)


@needs_fork
@ignores_fork_warning
def test_parent_and_child_use_separate_connections(sandbox: Sandbox, client: upscope.Client) -> None:
    client.get_usage()
    assert exit_code_of_child(lambda: [client.get_usage() for _ in range(3)]) == 0
    client.get_usage()
    connections = [request["connection"] for request in sandbox.requests()]
    assert len(connections) == 5
    parent, child = {connections[0], connections[4]}, set(connections[1:4])
    assert parent.isdisjoint(child)


@needs_fork
@ignores_fork_warning
def test_fork_during_a_call_of_another_thread(client: upscope.Client) -> None:
    stop = threading.Event()

    def call_repeatedly() -> None:
        while not stop.is_set():
            client.get_usage()

    worker = threading.Thread(target=call_repeatedly)
    worker.start()
    try:
        codes = [exit_code_of_child(client.get_usage) for _ in range(10)]
    finally:
        stop.set()
        worker.join()
    assert codes == [0] * 10


@needs_fork
def test_fork_during_the_first_response_of_another_thread(sandbox: Sandbox) -> None:
    """The fork happens where version 0.1.0 imported a module to initialize a cell."""
    code = f"""
import builtins, datetime, os, signal, threading, upscope
client = upscope.Client("sandbox-key", base_url={sandbox.base_url!r}, timeout=5)
time = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)
{FIRST_CALLS}
original_import, import_reached, forked = builtins.__import__, threading.Event(), threading.Event()

def pausing_import(name, *rest):
    if name != "sys":
        import_reached.set()
        forked.wait(10)
    return original_import(name, *rest)

def work():
    builtins.__import__ = pausing_import
    call()
    import_reached.set()

worker = threading.Thread(target=work)
worker.start()
import_reached.wait(20)
builtins.__import__ = original_import
child = os.fork()
if child == 0:
    signal.alarm(10)
    call()
    os._exit(0)
forked.set()
worker.join()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", code]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=40)
    assert (completed.stdout, completed.stderr) == ("0\n", "")


def test_calls_import_nothing(sandbox: Sandbox) -> None:
    """In a child that is forked during an import, the lock of the module stays locked."""
    code = f"""
import builtins, datetime, upscope
client = upscope.Client("sandbox-key", base_url={sandbox.base_url!r})
time = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)
{FIRST_CALLS}
original, imported = builtins.__import__, []
builtins.__import__ = lambda name, *rest: imported.append(name) or original(name, *rest)
call()
print(imported)
"""
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert (completed.stdout, completed.stderr) == ("[]\n", "")


@needs_fork
@ignores_fork_warning
def test_a_child_forked_in_a_thread_can_be_interrupted(server: ScriptedServer) -> None:
    server.responses = [response({"usage": {}}), NO_RESPONSE]

    def call_and_interrupt() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            client.get_usage(options={"timeout": 10})

    with server.client() as client, ThreadPoolExecutor(1) as pool:
        # This thread handles no signals in the parent, but is the main thread of the child.
        pool.submit(client.get_usage).result(10)
        started = time.monotonic()
        assert pool.submit(exit_code_of_child, call_and_interrupt).result(20) == 0
        assert time.monotonic() - started < 5


@needs_fork
@ignores_fork_warning
def test_async_client_after_fork(sandbox: Sandbox) -> None:
    import asyncio

    client = sandbox.async_client()
    asyncio.run(get_usage(client))
    assert exit_code_of_child(lambda: asyncio.run(get_usage(client))) == 0
    asyncio.run(get_usage(client))


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@ignores_fork_warning
def test_multiprocessing_pools(sandbox: Sandbox, method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    with multiprocessing.get_context(method).Pool(2) as pool:
        results = pool.map(list_visitors, [sandbox.base_url] * 4)
    assert results == [list_visitors(sandbox.base_url)] * 4
