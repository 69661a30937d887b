"""The client for asyncio: many calls at once, cancelling, and loops that end."""

from __future__ import annotations

import asyncio
import time

import pytest
import upscope
from conftest import Sandbox
from scripted import HANG, ScriptedServer, answer


def test_many_calls_are_in_flight(server: ScriptedServer) -> None:
    server.answers = [answer({"usage": {"agents": {"today": 3}}})]

    async def main() -> list[upscope.Usage]:
        async with server.async_client() as client:
            return await asyncio.gather(*(client.get_usage() for _ in range(200)))

    found = asyncio.run(main())
    assert len(found) == 200
    assert {usage.agents and usage.agents.today for usage in found} == {3}


def test_the_loop_goes_on_while_calls_wait(sandbox: Sandbox) -> None:
    sandbox.faults(*[{"delay_ms": 200}] * 4)

    async def main() -> int:
        async with sandbox.async_client() as client:
            calls = asyncio.gather(*(client.get_usage() for _ in range(4)))
            turns = 0
            while not calls.done():
                turns += 1
                await asyncio.sleep(0.005)
            await calls
            return turns

    began = time.monotonic()
    assert asyncio.run(main()) > 5
    assert time.monotonic() - began < 0.75


def test_cancelling_a_task_cancels_its_call(server: ScriptedServer) -> None:
    server.answers = [HANG]

    async def main() -> float:
        async with server.async_client() as client:
            task = asyncio.ensure_future(client.get_usage())
            await asyncio.get_running_loop().run_in_executor(None, server.arrived.wait, 20)
            began = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            took = time.monotonic() - began
            server.answers = [answer({"usage": {}})]
            assert await client.get_usage()
            return took

    assert asyncio.run(main()) < 0.2


def test_the_connection_of_a_cancelled_call_is_closed(server: ScriptedServer) -> None:
    server.answers = [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"]

    async def main() -> None:
        async with server.async_client() as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.get_usage(), 0.1)

    asyncio.run(main())
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not server.open_connections():
            return
        server.changed.wait(0.05)
    raise AssertionError("the connection is still open")


def test_cancelling_a_walk(server: ScriptedServer) -> None:
    server.answers = [HANG]

    async def main() -> list[upscope.Session]:
        async with server.async_client() as client:
            walk = client.iter_sessions()
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(walk.__anext__(), 0.1)
            # The same page can be asked for again.
            server.answers = [answer({"cobrowsing_sessions": [{"id": "s_1"}], "has_more": False})]
            return [session async for session in walk]

    assert [session.id for session in asyncio.run(main())] == ["s_1"]


def test_exceptions_come_out_of_await(sandbox: Sandbox) -> None:
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


def test_one_client_serves_several_loops(sandbox: Sandbox) -> None:
    client = sandbox.async_client()
    for _ in range(3):
        assert asyncio.run(_usage(client))
    asyncio.run(client.close())


def test_a_loop_that_closes_meanwhile_does_no_harm(server: ScriptedServer) -> None:
    server.answers = [HANG]
    client = server.async_client()
    loop = asyncio.new_event_loop()
    task = loop.create_task(_usage(client))
    loop.run_until_complete(asyncio.sleep(0.05))
    task.cancel()
    loop.run_until_complete(asyncio.wait([task]))
    loop.close()
    server.answers = [answer({"usage": {}})]
    assert asyncio.run(_usage(client))


def test_options_of_an_async_client(server: ScriptedServer) -> None:
    server.answers = [answer({"usage": {}})]

    async def main() -> None:
        async with server.async_client() as client:
            derived = client.with_options(extra_query={"a": 1})
            assert isinstance(derived, upscope.AsyncClient)
            await derived.get_usage()

    asyncio.run(main())
    assert server.requests[0].startswith(b"GET /v1.3/usage?a=1 ")


async def _usage(client: upscope.AsyncClient) -> upscope.Usage:
    return await client.get_usage()
