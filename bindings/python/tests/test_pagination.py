"""Iterating over all sessions, page by page."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
import upscope
from conftest import Sandbox
from scripted_server import NO_RESPONSE, ScriptedServer, response


def test_nothing_is_sent_before_the_first_session_is_requested(sandbox: Sandbox, client: upscope.Client) -> None:
    client.iter_sessions(ongoing_only=True)
    assert sandbox.requests() == []
    with pytest.raises(upscope.InvalidArgumentError):
        client.iter_sessions(updated_after="yesterday")


def test_iteration_continues_after_an_error(sandbox: Sandbox) -> None:
    with sandbox.client(max_retries=0) as client:
        # The second page is requested as soon as the first is received.
        sandbox.faults({"delay_ms": 0}, {"status": 503})
        sessions = client.iter_sessions()
        first_page = [next(sessions) for _ in range(50)]
        with pytest.raises(upscope.ServerError):
            next(sessions)
        rest = list(sessions)
    assert len({session.id for session in first_page + rest}) == 120


def test_a_cancelled_async_iteration_can_continue(server: ScriptedServer) -> None:
    server.responses = [NO_RESPONSE]

    async def main() -> list[upscope.Session]:
        async with server.async_client() as client:
            sessions = client.iter_sessions()
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(sessions.__anext__(), 0.1)
            # The same page is requested again.
            server.responses = [response({"cobrowsing_sessions": [{"id": "s_1"}], "has_more": False})]
            return [session async for session in sessions]

    assert [session.id for session in asyncio.run(main())] == ["s_1"]


def test_threads_get_different_pages(sandbox: Sandbox, client: upscope.Client) -> None:
    pages = client._native.pages({})
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: pages.next_page(), range(6)))
    ids = [session.id for page in results if page is not None for session in page]
    assert len(ids) == len(set(ids)) == 120
