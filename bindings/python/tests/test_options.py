"""Options of one call, and of all calls of a client."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any, Callable

import pytest
import upscope
from conftest import Sandbox
from scripted_server import NO_RESPONSE, ScriptedServer, response

USAGE = response({"usage": {}})


def test_options_of_one_call(server: ScriptedServer) -> None:
    server.responses = [response("", "503 Service Unavailable"), response({"watch_url": "https://x"})]
    with server.client() as client:
        with pytest.raises(upscope.ServerError) as caught:
            client.get_usage(options={"max_retries": 0, "extra_query": None})
        assert caught.value.attempts == 1
        client.create_watch_url("V", agent={"id": "1"}, options={"extra_body": {"later": [1, None]}})
    assert json.loads(server.requests[-1].partition(b"\r\n\r\n")[2]) == {"agent": {"id": "1"}, "later": [1, None]}


def test_timeout_of_one_call_beside_options(server: ScriptedServer) -> None:
    server.responses = [NO_RESPONSE]
    with server.client() as client:
        untyped: Any = client
        started = time.monotonic()
        calls: list[Callable[[], object]] = [
            lambda: client.get_usage(timeout=0.05, options={"extra_query": {"a": 1}}),
            lambda: client.with_options(extra_query={"a": 1}, timeout=20).get_visitor("V", timeout=0.05),
            lambda: next(iter(client.iter_sessions(timeout=0.05))),
            lambda: client.call("get_usage", timeout=0.05),
            lambda: client.request("GET", "/later", timeout=0.05, options={"max_retries": 0}),
        ]
        for call in calls:
            with pytest.raises(upscope.CallTimeoutError):
                call()
        assert time.monotonic() - started < 10
        received = len(server.requests)
        rejected: list[tuple[Callable[[], object], str]] = [
            (
                lambda: untyped.get_usage(timeout=None),
                "timeout must be a number of seconds greater than 0, but is None",
            ),
            (lambda: untyped.get_usage(timeout=0), "timeout must be a number of seconds greater than 0, but is 0"),
            (lambda: untyped.get_usage(options={"timeout": None}), "options.timeout must be a number of seconds"),
            (lambda: client.get_usage(timeout=1, options={"timeout": 2}), "timeout is given twice"),
            (lambda: untyped.with_options(timeout=None), "but is None: every call has a time limit"),
            (lambda: untyped.call("get_usage", timeout=None), "but is None"),
            (lambda: untyped.iter_sessions(timeout=None), "but is None"),
        ]
        for call, message in rejected:
            with pytest.raises(upscope.InvalidArgumentError, match=message):
                call()
    assert [b"?a=1 " in request for request in server.requests[:2]] == [True, True]
    assert len(server.requests) == received


def test_timeout_of_one_async_call(server: ScriptedServer) -> None:
    server.responses = [NO_RESPONSE]

    async def main() -> None:
        async with server.async_client() as client:
            with pytest.raises(upscope.CallTimeoutError):
                await client.get_usage(timeout=0.05)
            with pytest.raises(upscope.CallTimeoutError):
                await client.iter_sessions(timeout=0.05).__anext__()
            with pytest.raises(upscope.CallTimeoutError):
                await client.call("get_usage", timeout=0.05)

    asyncio.run(main())


def test_unknown_options_are_rejected_with_a_suggestion(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        untyped: Any = client
        for options, message in [
            ({"timeot": 3}, 'options does not know the key "timeot"; did you mean "timeout"\\?'),
            ({"time_out": 3}, 'did you mean "timeout"'),
            ({"max_retry": 3}, 'did you mean "max_retries"'),
            ({3: 3}, 'options does not know the key "3"'),
        ]:
            with pytest.raises(upscope.InvalidArgumentError, match=message):
                untyped.get_usage(options=options)
    assert sandbox.requests() == []


def test_the_known_options_are_those_of_the_core() -> None:
    from upscope._options import OPTION_NAMES
    from upscope.types import Options

    assert list(OPTION_NAMES) == list(Options.__annotations__)


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
