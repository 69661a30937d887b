"""One client in threads, after fork, in spawned processes, and in another interpreter."""

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
from scripted import HANG, ScriptedServer, answer

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
no_fork_warning = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def test_threads_share_a_client(sandbox: Sandbox, client: upscope.Client) -> None:
    def work(number: int) -> int:
        return sum(len(client.list_visitors(max_results=1 + number % 3)) for _ in range(25))

    with ThreadPoolExecutor(8) as pool:
        totals = list(pool.map(work, range(8)))
    assert totals == [25 * (1 + number % 3) for number in range(8)]
    assert len(sandbox.requests()) == 200


def test_threads_share_an_iteration(sandbox: Sandbox, client: upscope.Client) -> None:
    pages = client._native.pages({})
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: pages.next_page(), range(6)))
    ids = [session.id for page in found if page is not None for session in page]
    assert len(ids) == len(set(ids)) == 120


def in_child(work: Any) -> int:
    """Runs `work` in a forked child and gives its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@forks
@no_fork_warning
def test_parent_and_child_go_on_after_fork(sandbox: Sandbox, client: upscope.Client) -> None:
    client.get_usage()
    assert in_child(lambda: [client.get_usage() for _ in range(3)]) == 0
    client.get_usage()
    connections = [request["connection"] for request in sandbox.requests()]
    assert len(connections) == 5
    parent, child = {connections[0], connections[4]}, set(connections[1:4])
    assert parent.isdisjoint(child)


@forks
@no_fork_warning
def test_fork_while_another_thread_calls(client: upscope.Client) -> None:
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            client.get_usage()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        codes = [in_child(client.get_usage) for _ in range(10)]
    finally:
        stop.set()
        worker.join()
    assert codes == [0] * 10


@forks
@no_fork_warning
def test_a_child_forked_in_a_thread_can_be_interrupted(server: ScriptedServer) -> None:
    server.answers = [answer({"usage": {}}), HANG]

    def work() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            client.get_usage(options={"timeout": 10})

    with server.client() as client, ThreadPoolExecutor(1) as pool:
        # In the parent this thread handles no signals; in the child it is the main one.
        pool.submit(client.get_usage).result(10)
        began = time.monotonic()
        assert pool.submit(in_child, work).result(20) == 0
        assert time.monotonic() - began < 5


@forks
@no_fork_warning
def test_async_client_after_fork(sandbox: Sandbox) -> None:
    import asyncio

    client = sandbox.async_client()
    asyncio.run(_usage(client))
    assert in_child(lambda: asyncio.run(_usage(client))) == 0
    asyncio.run(_usage(client))


async def _usage(client: upscope.AsyncClient) -> upscope.Usage:
    return await client.get_usage()


def visitors(base_url: str) -> list[upscope.Visitor]:
    with upscope.Client("sandbox-key", base_url=base_url) as client:
        return client.list_visitors(max_results=2)


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@no_fork_warning
def test_multiprocessing(sandbox: Sandbox, method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    with multiprocessing.get_context(method).Pool(2) as pool:
        found = pool.map(visitors, [sandbox.base_url] * 4)
    assert found == [visitors(sandbox.base_url)] * 4


def test_another_interpreter_refuses_or_works() -> None:
    inner = "try:\n import upscope\nexcept ImportError as error:\n print(error)\nelse:\n print('works')"
    code = f"""
try:
    import _xxsubinterpreters as interpreters
except ImportError:
    import _interpreters as interpreters
interpreters.run_string(interpreters.create(), {inner + chr(10) + "import sys; sys.stdout.flush()"!r})
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=30)
    if "No module named" in done.stderr:
        pytest.skip("this Python makes no interpreters")
    assert "subinterpreter" in done.stdout or "works" in done.stdout, done


def test_import_leaves_large_modules_alone() -> None:
    code = "import sys; before = set(sys.modules); import upscope; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    loaded = set(done.stdout.split())
    assert "upscope._upscope" in loaded
    assert loaded.isdisjoint({"asyncio", "typing", "re", "json", "logging", "datetime", "threading"}), loaded


def test_exit_while_a_call_waits(sandbox: Sandbox) -> None:
    sandbox.faults({"delay_ms": 5000})
    code = f"""
import asyncio, upscope
async def main():
    client = upscope.AsyncClient("sandbox-key", base_url={sandbox.base_url!r})
    task = asyncio.ensure_future(client.get_usage())
    await asyncio.sleep(0.05)
asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=4)
    assert (done.returncode, done.stderr) == (0, "")


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


def test_calls_import_nothing(sandbox: Sandbox) -> None:
    """A child forked during an import finds the module's lock taken, for ever."""
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
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@forks
def test_fork_within_the_first_answer_of_another_thread(sandbox: Sandbox) -> None:
    """The fork falls where that thread would fill a cell: in 0.1.0 it imported something for that."""
    code = f"""
import builtins, datetime, os, signal, threading, upscope
client = upscope.Client("sandbox-key", base_url={sandbox.base_url!r}, timeout=5)
time = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)
{FIRST_CALLS}
original, reached, forked = builtins.__import__, threading.Event(), threading.Event()

def pausing(name, *rest):
    if name != "sys":
        reached.set()
        forked.wait(10)
    return original(name, *rest)

def work():
    builtins.__import__ = pausing
    call()
    reached.set()

worker = threading.Thread(target=work)
worker.start()
reached.wait(20)
builtins.__import__ = original
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
    done = subprocess.run(command, capture_output=True, text=True, timeout=40)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_a_started_call_is_refused_after_the_exit_functions(sandbox: Sandbox) -> None:
    """Its completion could not reach the program any more: waiting for it would last for ever."""
    code = f"""
import os, upscope
client = upscope.AsyncClient("sandbox-key", base_url={sandbox.base_url!r})

class Late:
    def __init__(self):
        self.client, self.write = client, os.write
    def __del__(self):
        try:
            self.client._native.start("get_usage", {{}}, print)
        except RuntimeError as error:
            self.write(1, str(error).encode())

late = Late()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("upscope cannot start a call while the interpreter shuts down", "")


def test_the_exit_waits_for_a_log_handler(sandbox: Sandbox) -> None:
    """A thread within a handler has native code below it, which must not be unwound by the interpreter."""
    code = f"""
import logging, os, threading, upscope

class Slow(logging.Handler):
    # Not `emit`: `logging.shutdown` would wait for the handler's lock.
    def handle(self, record, write=os.write, ended=threading.Event()):
        within.set()
        ended.wait(0.3)
        write(1, b"handled")

logging.getLogger("upscope").addHandler(Slow())
logging.getLogger("upscope").propagate = False
within = threading.Event()
client = upscope.Client("sandbox-key", base_url={sandbox.base_url!r})
logging.getLogger("upscope").setLevel(logging.DEBUG)
threading.Thread(target=client.get_usage, daemon=True).start()
within.wait(10)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("handled")
