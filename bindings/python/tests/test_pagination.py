"""Iterating over all sessions, page by page."""

from __future__ import annotations

import asyncio
import gc
import pickle
import time
import weakref
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


def test_next_page_fetches_all_pages(sandbox: Sandbox, client: upscope.Client) -> None:
    expected = [session.id for session in client.iter_sessions()]
    page: upscope.SessionPage | None = client.list_sessions()
    ids = []
    while page is not None:
        ids += [session.id for session in page]
        page = page.next_page()
    assert ids == expected
    assert len(ids) == 120


def test_next_page_keeps_the_filters_and_the_options(server: ScriptedServer) -> None:
    server.responses = [
        response({"cobrowsing_sessions": [{"id": "s_1"}], "has_more": True, "last_id": 7}),
        response({"cobrowsing_sessions": [], "has_more": False, "last_id": None}),
    ]
    with server.client() as client:
        page = client.with_options(extra_query={"a": 1}).list_sessions(
            before_id="s_9", after_id="s_0", ongoing_only=True, options={"extra_query": {"b": 2}}
        )
        second = page.next_page()
        # The same request again, from a page that was kept.
        assert page.next_page() == second
    assert second is not None
    assert second.next_page() is None
    first_target, *targets = [request.split()[1].decode() for request in server.requests]
    assert targets == [first_target.replace("after_id=s_0", "after_id=7")] * 2
    for part in ("before_id=s_9", "ongoing_only=true", "a=1", "b=2"):
        assert part in first_target


def test_next_page_of_an_async_client_is_awaited(sandbox: Sandbox) -> None:
    async def main() -> list[str | None]:
        async with sandbox.async_client() as client:
            page = await client.list_sessions()
            ids = [session.id for session in page]
            while (following := await page.next_page()) is not None:
                page = following
                ids += [session.id for session in page]
            return ids

    assert len(set(asyncio.run(main()))) == 120


@pytest.mark.parametrize("asynchronous", [False, True])
def test_next_page_keeps_the_timeout_and_is_observed(server: ScriptedServer, asynchronous: bool) -> None:
    first = response({"cobrowsing_sessions": [], "has_more": True, "last_id": "s_1"})
    server.responses = [first, NO_RESPONSE]
    attempts: list[upscope.Attempt] = []

    def blocking() -> None:
        with server.client(on_attempt=attempts.append, default_headers={"X-Team": "7"}) as client:
            client.list_sessions(timeout=0.5).next_page()

    async def main() -> None:
        async with server.async_client(on_attempt=attempts.append, default_headers={"X-Team": "7"}) as client:
            await (await client.list_sessions(timeout=0.5)).next_page()

    started = time.monotonic()
    with pytest.raises(upscope.CallTimeoutError):
        asyncio.run(main()) if asynchronous else blocking()
    assert time.monotonic() - started < 10
    assert [attempt.http_status for attempt in attempts] == [200, None]
    assert all(b"x-team: 7" in request.lower() for request in server.requests)


def follow(page: upscope.SessionPage, at_most: int) -> None:
    for _ in range(at_most):
        following = page.next_page()
        assert following is not None
        page = following


@pytest.mark.parametrize("last_ids", [["s_1", "s_1"], ["s_1", "s_2", "s_1", "s_2", "s_1", "s_2"], [None], [""]])
def test_next_page_rejects_a_list_that_does_not_advance(server: ScriptedServer, last_ids: list[str | None]) -> None:
    server.responses = [
        response({"cobrowsing_sessions": [], "has_more": True, "last_id": last_id}) for last_id in last_ids
    ]
    with server.client() as client, pytest.raises(upscope.BadResponseError, match="last_id") as caught:
        follow(client.list_sessions(), at_most=20)
    assert (caught.value.operation, caught.value.http_status) == ("list_sessions", 200)


def test_next_page_without_a_client_says_what_to_do(client: upscope.Client) -> None:
    page = client.list_sessions()
    for other in (pickle.loads(pickle.dumps(page)), upscope.SessionPage.from_dict(page.to_dict())):
        assert other == page
        with pytest.raises(upscope.InvalidArgumentError, match="after_id"):
            other.next_page()


def test_a_page_and_its_client_are_garbage_collected(sandbox: Sandbox) -> None:
    class Holder(upscope.Client):
        page: upscope.SessionPage

    client = Holder(sandbox.api_key, base_url=sandbox.base_url)
    client.page = client.list_sessions()
    client.close()
    reference = weakref.ref(client)
    del client
    gc.collect()
    assert reference() is None
