"""The asyncio client: concurrent calls, cancellation and event loops."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import upscope
from conftest import Sandbox
from scripted_server import NO_RESPONSE, ScriptedServer, response


async def get_usage(client: upscope.AsyncClient) -> upscope.Usage:
    return await client.get_usage()


def test_many_concurrent_calls(server: ScriptedServer) -> None:
    server.responses = [response({"usage": {"agents": {"today": 3}}})]

    async def main() -> list[upscope.Usage]:
        async with server.async_client() as client:
            return await asyncio.gather(*(client.get_usage() for _ in range(200)))

    results = asyncio.run(main())
    assert len(results) == 200
    assert {usage.agents and usage.agents.today for usage in results} == {3}


def test_the_event_loop_runs_while_calls_wait(sandbox: Sandbox) -> None:
    sandbox.faults(*[{"delay_ms": 200}] * 4)

    async def main() -> int:
        async with sandbox.async_client() as client:
            calls = asyncio.gather(*(client.get_usage() for _ in range(4)))
            iterations = 0
            while not calls.done():
                iterations += 1
                await asyncio.sleep(0.005)
            await calls
            return iterations

    started = time.monotonic()
    assert asyncio.run(main()) > 5
    assert time.monotonic() - started < 0.75


def test_cancelling_a_task_cancels_its_call(server: ScriptedServer) -> None:
    server.responses = [NO_RESPONSE]

    async def main() -> float:
        async with server.async_client() as client:
            task = asyncio.ensure_future(client.get_usage())
            await asyncio.get_running_loop().run_in_executor(None, server.request_received.wait, 20)
            started = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            elapsed = time.monotonic() - started
            server.responses = [response({"usage": {}})]
            assert await client.get_usage()
            return elapsed

    assert asyncio.run(main()) < 0.2


def test_the_connection_of_a_cancelled_call_is_closed(server: ScriptedServer) -> None:
    server.responses = [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"]

    async def main() -> None:
        async with server.async_client() as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.get_usage(), 0.1)

    asyncio.run(main())
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not server.open_connections():
            return
        server.connection_closed.wait(0.05)
    raise AssertionError("the connection is still open")


def test_await_raises_the_exception_of_a_call(sandbox: Sandbox) -> None:
    async def main() -> None:
        async with sandbox.async_client() as client:
            with pytest.raises(upscope.NotFoundError) as caught:
                await client.get_visitor("nobody")
            assert caught.value.operation == "get_visitor"
            with pytest.raises(upscope.InvalidArgumentError):
                await client.get_visitor("")
            with pytest.raises(upscope.InvalidArgumentError, match="There is no operation"):
                await client.call("get_uasge")
        with pytest.raises(upscope.InvalidArgumentError, match="closed"):
            await client.get_usage()
        await client.close()

    asyncio.run(main())


def test_several_event_loops_share_a_client(sandbox: Sandbox) -> None:
    client = sandbox.async_client()
    for _ in range(3):
        assert asyncio.run(get_usage(client))
    asyncio.run(client.close())


def test_a_client_works_after_an_event_loop_closed_during_a_call(server: ScriptedServer) -> None:
    server.responses = [NO_RESPONSE]
    client = server.async_client()
    loop = asyncio.new_event_loop()
    task = loop.create_task(get_usage(client))
    loop.run_until_complete(asyncio.sleep(0.05))
    task.cancel()
    loop.run_until_complete(asyncio.wait([task]))
    loop.close()
    server.responses = [response({"usage": {}})]
    assert asyncio.run(get_usage(client))


def test_iteration_does_not_use_the_default_executor(sandbox: Sandbox) -> None:
    async def main() -> int:
        loop = asyncio.get_running_loop()

        class NoExecutor(ThreadPoolExecutor):
            def submit(self, *arguments: Any, **keywords: Any) -> Any:
                raise AssertionError("the default executor was used")

        loop.set_default_executor(NoExecutor(1))
        async with sandbox.async_client() as client:
            return len([session async for session in client.iter_sessions()])

    assert asyncio.run(main()) == 120


def test_iterations_do_not_wait_for_a_busy_executor(sandbox: Sandbox) -> None:
    async def main() -> None:
        loop, release = asyncio.get_running_loop(), threading.Event()
        loop.set_default_executor(ThreadPoolExecutor(1))
        blocked = loop.run_in_executor(None, release.wait, 30)
        async with sandbox.async_client() as client:
            iterations = [client.iter_sessions() for _ in range(8)]
            sessions = await asyncio.wait_for(asyncio.gather(*(each.__anext__() for each in iterations)), 20)
            assert len(sessions) == 8
        assert not blocked.done()
        release.set()
        await blocked

    asyncio.run(main())


def test_without_an_asyncio_loop_the_error_names_asyncio(sandbox: Sandbox) -> None:
    client = sandbox.async_client()
    awaitables: list[Any] = [client.get_usage(), client.call("get_usage"), client.iter_sessions().__anext__()]
    for awaitable in awaitables:
        with pytest.raises(RuntimeError, match=r"AsyncClient needs a running asyncio event loop\. trio and curio"):
            awaitable.send(None)
    assert sandbox.requests() == []
