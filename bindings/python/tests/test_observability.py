"""Observers of attempts, headers of the caller, attributes of log records, and the context that handlers run in."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import logging
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any, Callable

import pytest
import upscope
from conftest import Sandbox
from scripted_server import NO_RESPONSE, ScriptedServer, response

LOGGER = logging.getLogger("upscope")

REQUEST_ID: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="none")

USAGE = response({"usage": {}})

RETRY_NOW = response({"error": "busy"}, "503 Service Unavailable", "Retry-After: 0\r\n")


@pytest.fixture(autouse=True)
def reset_level() -> Iterator[None]:
    yield
    LOGGER.setLevel(logging.NOTSET)


def headers(request: bytes) -> dict[str, str]:
    lines = request.decode().partition("\r\n\r\n")[0].split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def page(last: str, has_more: bool) -> bytes:
    return response({"cobrowsing_sessions": [{"id": last}], "has_more": has_more, "last_id": last})


class ContextRecorder(logging.Handler):
    """Records each record with the caller's variable."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[tuple[str, logging.LogRecord]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append((REQUEST_ID.get(), record))


@pytest.fixture
def recorder() -> Iterator[ContextRecorder]:
    recorder = ContextRecorder()
    LOGGER.addHandler(recorder)
    yield recorder
    LOGGER.removeHandler(recorder)


# Records


def test_records_carry_the_attempt(server: ScriptedServer, recorder: ContextRecorder) -> None:
    server.responses = [RETRY_NOW, USAGE]
    LOGGER.setLevel(logging.DEBUG)
    with server.client() as client:
        client.get_usage(options={"extra_query": {"secret": 1}})
    created, *records = [record for _, record in recorder.records]
    names = ("method", "path", "http_status", "attempt")
    assert [getattr(created, f"upscope_{name}") for name in (*names, "duration_ms")] == [None] * 5
    assert [(record.levelname, *(getattr(record, f"upscope_{name}") for name in names)) for record in records] == [
        ("DEBUG", "GET", "/usage", 503, 1),
        ("WARNING", "GET", "/usage", 503, 1),
        ("DEBUG", "GET", "/usage", 200, 2),
    ]
    assert all(0 < record.__dict__["upscope_duration_ms"] < 60_000 for record in records)


def test_a_record_of_an_attempt_without_a_response(server: ScriptedServer, recorder: ContextRecorder) -> None:
    server.responses = [NO_RESPONSE]
    LOGGER.setLevel(logging.DEBUG)
    with server.client() as client, pytest.raises(upscope.CallTimeoutError):
        client.get_usage(timeout=0.1)
    record = recorder.records[-1][1].__dict__
    assert (record["upscope_http_status"], record["upscope_attempt"]) == (None, 1)
    assert record["upscope_duration_ms"] >= 90


def test_records_run_in_the_context_of_the_caller(server: ScriptedServer, recorder: ContextRecorder) -> None:
    server.responses = [USAGE]
    LOGGER.setLevel(logging.DEBUG)

    async def call(client: upscope.AsyncClient, name: str) -> None:
        REQUEST_ID.set(name)
        await client.get_usage()

    async def main() -> None:
        async with server.async_client() as client:
            await asyncio.gather(*(call(client, f"task {number}") for number in range(20)))

    asyncio.run(main())
    with server.client() as client:
        contextvars.copy_context().run(lambda: (REQUEST_ID.set("blocking"), client.get_usage()))
    assert sorted(name for name, record in recorder.records if record.levelname == "DEBUG") == sorted(
        [*(f"task {number}" for number in range(20)), "blocking"]
    )


@pytest.mark.parametrize("asynchronous", [False, True])
def test_records_of_pages_run_in_the_context_of_the_caller(
    server: ScriptedServer, recorder: ContextRecorder, asynchronous: bool
) -> None:
    server.responses = [page("s_1", True), page("s_2", True), page("s_3", False)]
    LOGGER.setLevel(logging.DEBUG)
    token = REQUEST_ID.set("pages")

    async def main() -> None:
        async with server.async_client() as client:
            assert [session.id async for session in client.iter_sessions()] == ["s_1", "s_2", "s_3"]

    if asynchronous:
        asyncio.run(main())
    else:
        with server.client() as client:
            assert [session.id for session in client.iter_sessions()] == ["s_1", "s_2", "s_3"]
    REQUEST_ID.reset(token)
    assert [name for name, record in recorder.records if record.levelname == "DEBUG"] == ["pages"] * 3


# on_attempt


def test_an_observer_gets_each_attempt(server: ScriptedServer) -> None:
    server.responses = [RETRY_NOW, USAGE]
    attempts: list[upscope.Attempt] = []
    threads: set[int] = set()

    def on_attempt(attempt: upscope.Attempt) -> None:
        threads.add(threading.get_ident())
        attempts.append(attempt)

    with server.client(on_attempt=on_attempt) as client:
        client.with_options(max_retries=1).get_usage()
        first, second = attempts
        assert (first.method, first.path, first.http_status, first.attempt) == ("GET", "/usage", 503, 1)
        assert (second.http_status, second.attempt, second.error) == (200, 2, None)
        assert isinstance(first.error, upscope.ServerError)
        assert (first.error.api_error, first.error.attempts, first.error.retryable) == ("busy", 1, True)
        assert 0 < first.duration_ms < 60_000
        assert repr(first).startswith("Attempt(method='GET', path='/usage', http_status=503, duration_ms=")
        server.responses = [response("[]")]
        with pytest.raises(upscope.BadResponseError):
            client.call("get_usage")
    assert (attempts[-1].http_status, type(attempts[-1].error)) == (200, upscope.BadResponseError)
    assert threads == {threading.get_ident()}


def test_an_async_observer_runs_on_the_event_loop_in_the_context_of_the_task(server: ScriptedServer) -> None:
    server.responses = [RETRY_NOW, USAGE]
    seen: list[tuple[str, int | None, bool]] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def on_attempt(attempt: upscope.Attempt) -> None:
            seen.append((REQUEST_ID.get(), attempt.http_status, asyncio.get_running_loop() is loop))

        async with server.async_client(on_attempt=on_attempt) as client:
            REQUEST_ID.set("task")
            await client.get_usage()
            # All attempts were reported before the result.
            assert seen == [("task", 503, True), ("task", 200, True)]

    asyncio.run(main())


@pytest.mark.parametrize("asynchronous", [False, True])
def test_an_observer_gets_the_attempts_of_pages(server: ScriptedServer, asynchronous: bool) -> None:
    server.responses = [page("s_1", True), RETRY_NOW, page("s_2", True), page("s_3", False)]
    seen: list[tuple[int, int | None]] = []

    def on_attempt(attempt: upscope.Attempt) -> None:
        seen.append((threading.get_ident(), attempt.http_status))

    async def main() -> None:
        async with server.async_client(on_attempt=on_attempt) as client:
            assert [session.id async for session in client.iter_sessions()] == ["s_1", "s_2", "s_3"]

    if asynchronous:
        asyncio.run(main())
    else:
        with server.client(on_attempt=on_attempt) as client:
            assert [session.id for session in client.iter_sessions()] == ["s_1", "s_2", "s_3"]
    thread = threading.get_ident()
    assert seen == [(thread, 200), (thread, 503), (thread, 200), (thread, 200)]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_what_an_observer_raises_is_logged_and_dropped(
    server: ScriptedServer, recorder: ContextRecorder, asynchronous: bool
) -> None:
    server.responses = [USAGE]

    def on_attempt(attempt: upscope.Attempt) -> None:
        raise ZeroDivisionError("in the observer")

    async def main() -> None:
        async with server.async_client(on_attempt=on_attempt) as client:
            assert await client.get_usage()

    if asynchronous:
        asyncio.run(main())
    else:
        with server.client(on_attempt=on_attempt) as client:
            assert client.get_usage()
    ((_, record),) = recorder.records
    assert (record.levelname, record.getMessage()) == ("ERROR", "on_attempt raised an exception")
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


def test_a_keyboard_interrupt_in_an_observer_ends_the_call(server: ScriptedServer) -> None:
    server.responses = [USAGE]

    def on_attempt(attempt: upscope.Attempt) -> None:
        raise KeyboardInterrupt

    with server.client(on_attempt=on_attempt) as client, pytest.raises(KeyboardInterrupt):
        client.get_usage()


def test_an_observer_may_call_the_client(server: ScriptedServer) -> None:
    server.responses = [USAGE]
    depth: list[int] = []

    def on_attempt(attempt: upscope.Attempt) -> None:
        if len(depth) < 3:
            depth.append(attempt.attempt)
            client.get_usage()

    with server.client(on_attempt=on_attempt) as client:
        client.get_usage()
    assert len(server.requests) == 4


def test_invalid_requests_make_no_attempt(sandbox: Sandbox) -> None:
    attempts: list[upscope.Attempt] = []
    asked: list[int] = []

    def default_headers() -> dict[str, str]:
        asked.append(1)
        return {}

    client = sandbox.client(on_attempt=attempts.append, default_headers=default_headers)
    with client, pytest.raises(upscope.InvalidArgumentError):
        client.list_visitors(max_results=object())  # type: ignore[arg-type]
    assert (attempts, asked) == ([], [])


def test_an_observer_that_holds_the_client_is_collected(sandbox: Sandbox) -> None:
    class Service:
        def __init__(self) -> None:
            self.client = sandbox.client(on_attempt=self.on_attempt, default_headers=self.default_headers)
            self.sessions = self.client.iter_sessions()

        def on_attempt(self, attempt: upscope.Attempt) -> None:
            pass

        def default_headers(self) -> dict[str, str]:
            return {}

    service = Service()
    service.client.get_usage()
    next(iter(service.sessions))
    reference = weakref.ref(service)
    del service
    # Until the page that is fetched ahead has arrived, its call holds the observer.
    deadline = time.monotonic() + 20
    while reference() is not None:
        assert time.monotonic() < deadline
        gc.collect()


# default_headers


def test_a_mapping_of_headers_is_sent_with_each_attempt(server: ScriptedServer) -> None:
    server.responses = [RETRY_NOW, USAGE]
    given = {"X-Tenant": "desk 7", "Authorization": "Basic dTpw"}
    with server.client(default_headers=given) as client:
        given["X-Tenant"] = "changed later"
        client.get_usage()
        client.request("POST", "/later", body=[1])
    assert len(server.requests) == 3
    for request in server.requests:
        sent = headers(request)
        assert (sent["x-tenant"], sent["authorization"]) == ("desk 7", "Basic dTpw")
        assert (sent["x-api-key"], sent["accept"]) == ("scripted-key", "application/json")


class CountingHeaders:
    """A callable that numbers the calls that ask it."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> dict[str, str]:
        self.count += 1
        return {"traceparent": f"{self.count}-{REQUEST_ID.get()}"}


def test_a_callable_is_asked_once_per_call(server: ScriptedServer) -> None:
    server.responses = [RETRY_NOW, USAGE]
    asked = CountingHeaders()
    with server.client(default_headers=asked) as client:
        assert asked.count == 0
        client.get_usage()
        client.with_options(max_retries=0).get_usage()
    assert [headers(request)["traceparent"] for request in server.requests] == ["1-none", "1-none", "2-none"]


def test_a_callable_is_asked_in_the_context_of_the_task(server: ScriptedServer) -> None:
    server.responses = [USAGE]
    asked = CountingHeaders()

    async def call(client: upscope.AsyncClient, name: str) -> None:
        REQUEST_ID.set(name)
        await client.get_usage()

    async def main() -> None:
        async with server.async_client(default_headers=asked) as client:
            await asyncio.gather(call(client, "a"), call(client, "b"))
            await client.call("get_usage")

    asyncio.run(main())
    assert sorted(headers(request)["traceparent"] for request in server.requests) == ["1-a", "2-b", "3-none"]


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_callable_is_asked_for_each_page(server: ScriptedServer, asynchronous: bool) -> None:
    server.responses = [page("s_1", True), page("s_2", True), page("s_3", False)]
    asked = CountingHeaders()

    async def main() -> None:
        async with server.async_client(default_headers=asked) as client:
            assert [session.id async for session in client.iter_sessions()] == ["s_1", "s_2", "s_3"]

    if asynchronous:
        asyncio.run(main())
    else:
        with server.client(default_headers=asked) as client:
            assert [session.id for session in client.iter_sessions()] == ["s_1", "s_2", "s_3"]
    assert asked.count == 3
    numbers = [int(headers(request)["traceparent"].partition("-")[0]) for request in server.requests]
    # A page that is fetched ahead has the headers of the page before it.
    assert numbers[0] == 1
    assert numbers[1] in (1, 2)
    assert numbers[2] in (2, 3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"X-Api-Key": "hidden"}, "must not have X-Api-Key, which this library sets or controls"),
        ({"user-agent": "hidden"}, "must not have user-agent"),
        ({"Host": "hidden"}, "must not have Host"),
        ({"Content-Length": "1"}, "must not have Content-Length"),
        ({"a b": "hidden"}, "not the name of an HTTP header"),
        ({"": "hidden"}, "not the name of an HTTP header"),
        ({"X": "hidden\r\nY: z"}, "a value of X that is not printable ASCII"),
        ({"X": "hidden \u00e9"}, "a value of X that is not printable ASCII"),
        ({"X": "hidden \ud800"}, 'strings as values, but that of "X" is'),
        ({"X": 3}, 'strings as values, but that of "X" is int'),
        ({"X": None}, 'strings as values, but that of "X" is NoneType'),
        ({3: "hidden"}, "a name that is not a string"),
        ({"X": "hidden", "x": "hidden"}, "has x twice"),
        ({"X": "hidden" * 4000}, "more than 16384 bytes"),
        ([("X", "hidden")], "must be a mapping or a callable that returns one, but is list"),
    ],
)
def test_invalid_headers_are_rejected(server: ScriptedServer, given: Any, message: str) -> None:
    with pytest.raises(upscope.InvalidArgumentError, match=message) as caught:
        server.client(default_headers=given)
    assert "hidden" not in str(caught.value)
    with server.client(default_headers=lambda: given) as client:
        expected = message if isinstance(given, dict) else "must return a mapping of header names to values"
        with pytest.raises(upscope.InvalidArgumentError, match=expected):
            client.get_usage()
    assert server.requests == []


def test_an_exception_of_the_callable_is_raised_unchanged(server: ScriptedServer) -> None:
    def default_headers() -> dict[str, str]:
        raise LookupError("no token")

    async def main() -> None:
        async with server.async_client(default_headers=default_headers) as client:
            with pytest.raises(LookupError, match="no token"):
                await client.get_usage()

    with server.client(default_headers=default_headers) as client:
        with pytest.raises(LookupError, match="no token"):
            client.get_usage()
        with pytest.raises(LookupError, match="no token"):
            next(iter(client.iter_sessions()))
    asyncio.run(main())
    assert server.requests == []


def test_header_values_are_not_logged(server: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    server.responses = [response("", "500 Error"), USAGE]
    LOGGER.setLevel(logging.DEBUG)
    attempts: list[upscope.Attempt] = []
    with server.client(default_headers={"Authorization": "Bearer hidden"}, on_attempt=attempts.append) as client:
        with pytest.raises(upscope.ServerError) as caught:
            client.get_usage(options={"max_retries": 0})
        shown = [repr(client), str(caught.value), caplog.text, str(client.connection_info()), repr(attempts)]
    assert b"Bearer hidden" in server.requests[0]
    assert not any("hidden" in text for text in shown)


@pytest.mark.parametrize("create", [upscope.Client, upscope.AsyncClient])
def test_an_observer_must_be_callable(create: Callable[..., object]) -> None:
    with pytest.raises(upscope.InvalidArgumentError, match="on_attempt must be callable, but is int"):
        create("k", on_attempt=3)


@pytest.mark.parametrize("create", [upscope.Client, upscope.AsyncClient])
@pytest.mark.parametrize("name", ["on_attempt", "default_headers"])
def test_a_coroutine_function_is_rejected(create: Callable[..., object], name: str) -> None:
    async def function(*_: object) -> dict[str, str]:
        return {}

    with pytest.raises(upscope.InvalidArgumentError, match=f"{name} must be a plain function"):
        create("k", **{name: function})
