"""Options of one call, and of all calls of a client."""

from __future__ import annotations

import asyncio
import json

import pytest
import upscope
from conftest import Sandbox
from scripted_server import ScriptedServer, response

USAGE = response({"usage": {}})


def test_options_of_one_call(server: ScriptedServer) -> None:
    server.responses = [response("", "503 Service Unavailable"), response({"watch_url": "https://x"})]
    with server.client() as client:
        with pytest.raises(upscope.ServerError) as caught:
            client.get_usage(options={"max_retries": 0, "extra_query": None})
        assert caught.value.attempts == 1
        client.create_watch_url("V", agent={"id": "1"}, options={"extra_body": {"later": [1, None]}})
    assert json.loads(server.requests[-1].partition(b"\r\n\r\n")[2]) == {"agent": {"id": "1"}, "later": [1, None]}


def test_with_options_applies_to_all_calls(server: ScriptedServer) -> None:
    server.responses = [USAGE]
    with server.client() as client:
        derived = client.with_options(extra_query={"a": 1, "b": "x"}, timeout=5).with_options(extra_query={"b": "y"})
        derived.get_usage()
        derived.get_usage(options={"extra_query": {"c": True}, "timeout": 3})
        derived.call("get_usage", {"options": {"timeout_ms": 3000}})
        client.get_usage()
        derived.close()
        client.get_usage()
    targets = [request.split(b" ")[1] for request in server.requests]
    assert targets == [
        b"/v1.3/usage?a=1&b=y",
        b"/v1.3/usage?a=1&b=y&c=true",
        b"/v1.3/usage?a=1&b=y",
        b"/v1.3/usage",
        b"/v1.3/usage",
    ]


def test_with_options_shares_the_connections(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        client.get_usage()
        derived = client.with_options(max_retries=0)
        derived.get_usage()
    derived.get_usage()
    assert len({request["connection"] for request in sandbox.requests()}) == 1
    assert isinstance(derived, upscope.Client)


def test_with_options_of_an_async_client(server: ScriptedServer) -> None:
    server.responses = [response({"usage": {}})]

    async def main() -> None:
        async with server.async_client() as client:
            derived = client.with_options(extra_query={"a": 1})
            assert isinstance(derived, upscope.AsyncClient)
            await derived.get_usage()

    asyncio.run(main())
    assert server.requests[0].startswith(b"GET /v1.3/usage?a=1 ")
