"""The exceptions: which is raised when, what they carry, and that they survive being sent elsewhere."""

from __future__ import annotations

import copy
import json
import pickle
import socket
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from typing import Any

import pytest
import upscope
from conftest import Sandbox
from scripted import HANG, ScriptedServer, answer

KEYS = {
    "code",
    "status",
    "message",
    "operation",
    "http_status",
    "api_error",
    "api_message",
    "request_id",
    "attempts",
    "retryable",
    "retry_after_ms",
    "may_have_applied",
}

TREE = [
    (upscope.InvalidArgumentError, "invalid_argument", 1, [ValueError]),
    (upscope.UnauthorizedError, "unauthorized", 2, [upscope.ApiError]),
    (upscope.PaymentRequiredError, "payment_required", 3, [upscope.ApiError]),
    (upscope.NotFoundError, "not_found", 4, [upscope.ApiError]),
    (upscope.ConflictError, "conflict", 5, [upscope.ApiError]),
    (upscope.RateLimitedError, "rate_limited", 6, [upscope.ApiError]),
    (upscope.ServerError, "server_error", 7, [upscope.ApiError]),
    (upscope.HttpError, "http_error", 8, [upscope.ApiError]),
    (upscope.CallTimeoutError, "timeout", 9, [TimeoutError]),
    (upscope.TransportError, "connection", 10, [ConnectionError]),
    (upscope.BadResponseError, "bad_response", 11, []),
    (upscope.CallCancelledError, "cancelled", 12, []),
    (upscope.InternalError, "internal", 13, []),
]


def fields(error: upscope.UpscopeError) -> dict[str, Any]:
    return {key: getattr(error, key) for key in sorted(KEYS)}


@pytest.mark.parametrize(("kind", "code", "status", "bases"), TREE)
def test_the_tree(kind: type[upscope.UpscopeError], code: str, status: int, bases: list[type]) -> None:
    assert (kind.code, kind.status) == (code, status)
    assert issubclass(kind, upscope.UpscopeError)
    for base in bases:
        assert issubclass(kind, base)
    assert kind.__doc__
    assert kind.__module__ == "upscope"


@pytest.mark.parametrize("kind", [row[0] for row in TREE] + [upscope.ApiError, upscope.UpscopeError])
def test_they_pickle_and_copy_whole(kind: type[upscope.UpscopeError]) -> None:
    error = kind(
        "It failed.",
        operation="get_usage",
        http_status=429,
        api_error="x",
        api_message="Too many.",
        request_id="r_1",
        attempts=3,
        retryable=True,
        retry_after_ms=1500,
        may_have_applied=True,
    )
    error.note = "added by the caller"  # type: ignore[attr-defined]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        for other in (pickle.loads(pickle.dumps(error, protocol)), copy.copy(error), copy.deepcopy(error)):
            assert type(other) is kind
            assert fields(other) == fields(error)
            assert (str(other), other.args, other.__dict__["note"]) == (
                "It failed.",
                ("It failed.",),
                "added by the caller",
            )
            assert other.retry_after == 1.5
            with pytest.raises(kind, match="It failed"):
                raise other
    assert "It failed." in repr(error)


def test_a_subclass_with_arguments_of_its_own_pickles() -> None:
    error = Mine(3)
    assert pickle.loads(pickle.dumps(error)).number == 3


class Mine(upscope.ServerError):
    def __init__(self, number: int) -> None:
        super().__init__(f"number {number}")
        self.number = number


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("401 Unauthorized", upscope.UnauthorizedError),
        ("402 Payment Required", upscope.PaymentRequiredError),
        ("404 Not Found", upscope.NotFoundError),
        ("409 Conflict", upscope.ConflictError),
        ("429 Too Many Requests", upscope.RateLimitedError),
        ("503 Service Unavailable", upscope.ServerError),
        ("302 Found", upscope.HttpError),
        ("418 Teapot", upscope.HttpError),
    ],
)
def test_statuses(server: ScriptedServer, status: str, kind: type[upscope.UpscopeError]) -> None:
    body = {"status": "error", "error": "some_code", "message": "Why so."}
    server.answers = [answer(body, status, "Retry-After: 7\r\nX-Request-Id: r_1\r\n")]
    with server.client(max_retries=0) as client, pytest.raises(kind) as caught:
        client.get_visitor("V1")
    error = caught.value
    assert type(error) is kind
    assert error.http_status == int(status.split()[0])
    assert (error.operation, error.api_error, error.attempts) == ("get_visitor", "some_code", 1)
    assert (error.api_message, error.request_id) == ("Why so.", "r_1")
    if kind is upscope.RateLimitedError:
        assert (error.retry_after_ms, error.retry_after, error.retryable) == (7000, 7.0, True)


def test_the_attributes_are_the_error_objects_keys(sandbox: Sandbox) -> None:
    with sandbox.client() as client, pytest.raises(upscope.NotFoundError) as caught:
        client.get_visitor("nobody")
    shown = fields(caught.value)
    assert shown.pop("message").startswith("get_visitor was answered with status 404 (not_found)")
    assert "nobody" in str(caught.value)
    # The sandbox may say more than the service is known to say.
    shown.pop("api_message")
    shown.pop("request_id")
    assert shown == {
        "code": "not_found",
        "status": 4,
        "operation": "get_visitor",
        "http_status": 404,
        "api_error": "not_found",
        "attempts": 1,
        "retryable": False,
        "retry_after_ms": None,
        "may_have_applied": False,
    }
    assert caught.value.retry_after is None


def test_timeout(server: ScriptedServer) -> None:
    server.answers = [HANG]
    with server.client() as client, pytest.raises(upscope.CallTimeoutError) as caught:
        client.create_watch_url("V", agent={"id": "1"}, options={"timeout": 0.05})
    assert isinstance(caught.value, TimeoutError)
    assert isinstance(caught.value, OSError)
    assert caught.value.may_have_applied is True
    assert caught.value.errno is None


def test_connection() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with (
            upscope.Client("k", base_url=url, max_retries=0) as client,
            pytest.raises(upscope.TransportError) as caught,
        ):
            client.get_usage()
    assert isinstance(caught.value, ConnectionError)
    assert caught.value.retryable is True


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"usage": 3}', b'{"usage": {"\xff": 1}}'])
def test_bad_response(server: ScriptedServer, body: Any) -> None:
    server.answers = [answer(body)]
    with server.client() as client, pytest.raises(upscope.BadResponseError):
        client.get_usage()


def test_wrong_arguments_are_value_errors_and_nothing_is_sent(client: upscope.Client, sandbox: Sandbox) -> None:
    anyhow: Any = client
    wrong: list[Any] = [
        lambda: anyhow.get_visitor(""),
        lambda: anyhow.get_visitor(".."),
        lambda: anyhow.get_visitor(12),
        lambda: anyhow.get_visitor(b"V"),
        lambda: anyhow.get_visitor(None),
        lambda: anyhow.list_visitors(max_results=11),
        lambda: anyhow.lookup_agent(email="a", external_id="b"),
        lambda: anyhow.create_watch_url("V", agent={"name": "x"}),
        lambda: anyhow.create_watch_url("V", agent={"id": "x"}, metadata={"a": [1]}),
        lambda: anyhow.create_watch_url("V", agent={"id": "x"}, metadata={"a": float("nan")}),
        lambda: anyhow.create_watch_url("V", agent={"id": "\ud800"}),
        lambda: anyhow.request("GET", "/../x"),
        lambda: anyhow.request("TRACE", "/x"),
        lambda: anyhow.request("POST", "/x", body={1: 2}),
        lambda: anyhow.request("POST", "/x", body=object()),
        lambda: anyhow.call("get_usage", {"extra": 1}),
        lambda: anyhow.call("get_uasge"),
        lambda: anyhow.get_usage(options={"timeout": 0}),
        lambda: anyhow.get_usage(options={"timeout": float("nan")}),
        lambda: anyhow.get_usage(options={"retries": 0}),
        lambda: anyhow.get_usage(options=3),
        lambda: anyhow.iter_sessions(after_id=""),
    ]
    for call in wrong:
        with pytest.raises(upscope.InvalidArgumentError) as caught:
            call()
        assert isinstance(caught.value, ValueError)
        assert caught.value.message
    assert sandbox.requests() == []


def test_messages_name_the_place(client: upscope.Client) -> None:
    with pytest.raises(upscope.InvalidArgumentError, match=r"^body\.list\.1\.when is a datetime without a time zone"):
        client.request("POST", "/x", body={"list": [0, {"when": datetime(2026, 1, 1)}]})
    with pytest.raises(upscope.InvalidArgumentError, match="does not know the key"):
        client.create_watch_url("V", agent={"idd": "x"})  # type: ignore[typeddict-unknown-key,typeddict-item]
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(upscope.InvalidArgumentError, match="holds itself"):
        client.request("POST", "/x", body=loop)


def test_the_cause_is_chained(client: upscope.Client) -> None:
    with pytest.raises(upscope.InvalidArgumentError, match="surrogate") as caught:
        client.get_visitor("\ud800")
    assert isinstance(caught.value.__cause__, UnicodeEncodeError)
    assert caught.value.operation == "get_visitor"


def test_missing_arguments_are_type_errors(client: upscope.Client) -> None:
    with pytest.raises(TypeError):
        client.get_visitor()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        client.create_watch_url("V")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        client.list_sessions("s_1")  # type: ignore[call-arg]


def fail(base_url: str) -> None:
    with upscope.Client("sandbox-key", base_url=base_url) as client:
        client.get_visitor("nobody")


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_they_survive_a_process_pool(sandbox: Sandbox, method: str) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context(method)) as pool:
        error = pool.submit(fail, sandbox.base_url).exception(timeout=30)
    assert isinstance(error, upscope.NotFoundError)
    assert (error.http_status, error.operation, error.attempts) == (404, "get_visitor", 1)
    assert error.__cause__ is not None


def test_every_code_of_the_core_has_its_class() -> None:
    from upscope._errors import from_core

    for kind, code, status, _ in TREE:
        rest = {key: None for key in KEYS - {"message"}}
        assert type(from_core("m", {**rest, "code": code, "status": status})) is kind
    later = from_core("m", {"code": "new_kind", "status": 99})
    assert (type(later), later.code, later.status) == (upscope.UpscopeError, "new_kind", 99)
    assert json.dumps(fields(later))
