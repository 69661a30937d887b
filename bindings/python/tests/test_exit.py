"""The exit of the interpreter while calls are running. See also `test_whole_programs.py`."""

from __future__ import annotations

import subprocess
import sys

from conftest import Sandbox


def test_exit_does_not_wait_for_a_pending_call(sandbox: Sandbox) -> None:
    sandbox.faults({"delay_ms": 5000})
    code = f"""
import asyncio, upscope
async def main():
    client = upscope.AsyncClient("sandbox-key", base_url={sandbox.base_url!r})
    task = asyncio.ensure_future(client.get_usage())
    await asyncio.sleep(0.05)
asyncio.run(main())
"""
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=4)
    assert (completed.returncode, completed.stderr) == (0, "")


def test_starting_a_call_after_the_exit_functions_raises_runtime_error(sandbox: Sandbox) -> None:
    """The program could not be notified of the result: waiting for it would never end."""
    code = f"""
import os, upscope
client = upscope.AsyncClient("sandbox-key", base_url={sandbox.base_url!r})

class CallInFinalizer:
    def __init__(self):
        self.client, self.write = client, os.write
    def __del__(self):
        try:
            self.client._native.start("get_usage", {{}}, print, print)
        except RuntimeError as error:
            self.write(1, str(error).encode())

instance = CallInFinalizer()
"""
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert (completed.stdout, completed.stderr) == ("upscope cannot start a call while the interpreter shuts down", "")


def test_exit_waits_for_a_running_log_handler(sandbox: Sandbox) -> None:
    """A thread in a handler has native frames on its stack, which the interpreter must not unwind."""
    code = f"""
import logging, os, threading, upscope

class SlowHandler(logging.Handler):
    # Overrides `handle` instead of `emit`, because `logging.shutdown` would wait for the handler's lock.
    def handle(self, record, write=os.write, ended=threading.Event()):
        handling.set()
        ended.wait(0.3)
        write(1, b"handled")

logging.getLogger("upscope").addHandler(SlowHandler())
logging.getLogger("upscope").propagate = False
handling = threading.Event()
client = upscope.Client("sandbox-key", base_url={sandbox.base_url!r})
logging.getLogger("upscope").setLevel(logging.DEBUG)
threading.Thread(target=client.get_usage, daemon=True).start()
handling.wait(10)
"""
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
    assert (completed.returncode, completed.stderr) == (0, "")
    assert completed.stdout.startswith("handled")
