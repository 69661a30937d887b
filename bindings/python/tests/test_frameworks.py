"""Packages that programs use beside this one: trio, gevent and OpenTelemetry. `test.sh --more` installs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import upscope
from conftest import Sandbox
from scripted_server import ScriptedServer, response

README = Path(__file__).parents[1] / "README.md"


def run(code: str, **variables: str) -> str:
    """Runs a program with warnings as errors. Returns its output."""
    completed = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", code],
        capture_output=True,
        text=True,
        timeout=50,
        env={**os.environ, **variables},
    )
    assert completed.returncode == 0, completed.stderr
    return completed.stdout


def test_trio_is_refused_and_its_worker_threads_work(sandbox: Sandbox) -> None:
    trio: Any = pytest.importorskip("trio")
    client = sandbox.async_client()

    async def asynchronous() -> None:
        with pytest.raises(RuntimeError, match="needs a running asyncio event loop"):
            await client.get_usage()

    async def in_a_worker_thread() -> upscope.Usage:
        with sandbox.client() as blocking:
            usage: upscope.Usage = await trio.to_thread.run_sync(blocking.get_usage)
            return usage

    trio.run(asynchronous)
    assert trio.run(in_a_worker_thread)


def test_greenlets_run_while_the_thread_pool_of_gevent_calls(sandbox: Sandbox) -> None:
    if find_spec("gevent") is None:
        pytest.skip("could not import 'gevent'")
    sandbox.faults(*[{"delay_ms": 500}] * 4)
    code = """
from gevent import monkey
monkey.patch_all()
import gevent, upscope

client = upscope.Client()
pool = gevent.get_hub().threadpool
calls = [gevent.spawn(pool.apply, client.get_usage) for _ in range(4)]
turns = 0
while not all(call.ready() for call in calls):
    turns += 1
    gevent.sleep(0.01)
assert all(call.get() for call in calls)
sessions = client.iter_sessions()
first = pool.apply(next, (sessions,))
print(turns > 5, first.id is not None)
# A direct call works, too, but other greenlets wait for it.
print(bool(client.get_usage()))
"""
    output = run(code, UPSCOPE_API_KEY=sandbox.api_key, UPSCOPE_BASE_URL=sandbox.base_url)
    assert output.split() == ["True", "True", "True"]


def recipe() -> str:
    (block,) = re.findall(r"^```python opentelemetry\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    return str(block)


def test_the_opentelemetry_recipe(server: ScriptedServer) -> None:
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.sdk") is None:
        pytest.skip("could not import 'opentelemetry'")
    server.responses = [response("", "503 Service Unavailable", "Retry-After: 0\r\n"), response({"usage": {}})]
    setup = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
"""
    report = """
for span in exporter.get_finished_spans():
    print(f"{span.name} {span.context.trace_id:032x} {span.context.span_id:016x}")
    for event in span.events:
        print(event.name, event.attributes["http.request.method"], event.attributes.get("http.response.status_code"))
"""
    output = run(setup + recipe() + report, UPSCOPE_API_KEY="k", UPSCOPE_BASE_URL=server.base_url)
    name, *lines = output.splitlines()
    match = re.fullmatch(r"upscope\.get_usage ([0-9a-f]{32}) ([0-9a-f]{16})", name)
    assert match is not None, output
    assert lines == ["attempt GET 503", "attempt GET 200"]
    # The two last digits are flags.
    sent = [re.findall(rb"\r\ntraceparent: (.*?)-0[13]\r\n", request) for request in server.requests]
    assert sent == [[f"00-{match[1]}-{match[2]}".encode()]] * 2
