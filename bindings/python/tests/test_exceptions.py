"""The exceptions: classes, attributes, pickling and copying."""

from __future__ import annotations

import copy
import json
import pickle
import socket
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
import upscope
from conftest import Sandbox
from scripted_server import ScriptedServer, response

KEYS = {
    "code",
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

EXCEPTIONS = [
    (upscope.InvalidArgumentError, "invalid_argument", None, [ValueError]),
    (upscope.UnauthorizedError, "unauthorized", 401, [upscope.ApiError]),
    (upscope.PaymentRequiredError, "payment_required", 402, [upscope.ApiError]),
    (upscope.NotFoundError, "not_found", 404, [upscope.ApiError]),
    (upscope.ConflictError, "conflict", 409, [upscope.ApiError]),
    (upscope.RateLimitedError, "rate_limited", 429, [upscope.ApiError]),
    (upscope.ServerError, "server_error", None, [upscope.ApiError]),
    (upscope.HttpError, "http_error", None, [upscope.ApiError]),
    (upscope.BadRequestError, "http_error", 400, [upscope.HttpError]),
    (upscope.PermissionDeniedError, "http_error", 403, [upscope.HttpError]),
    (upscope.UnprocessableEntityError, "http_error", 422, [upscope.HttpError]),
    (upscope.CallTimeoutError, "timeout", None, [TimeoutError]),
    (upscope.TransportError, "connection", None, [ConnectionError]),
    (upscope.BadResponseError, "bad_response", None, []),
    (upscope.CallCancelledError, "cancelled", None, []),
    (upscope.InternalError, "internal", None, []),
]


class CustomError(upscope.ServerError):
    def __init__(self, number: int) -> None:
        super().__init__(f"number {number}")
        self.number = number


def attributes_of(error: upscope.UpscopeError) -> dict[str, Any]:
    return {key: getattr(error, key) for key in sorted(KEYS)}


def fail_with_not_found(base_url: str) -> None:
    with upscope.Client("sandbox-key", base_url=base_url) as client:
        client.get_visitor("nobody")


@pytest.mark.parametrize(("exception_class", "code", "http_status", "bases"), EXCEPTIONS)
def test_class_hierarchy(
    exception_class: type[upscope.UpscopeError], code: str, http_status: int | None, bases: list[type]
) -> None:
    assert exception_class.code == code
    assert not hasattr(exception_class, "status")
    assert issubclass(exception_class, upscope.UpscopeError)
    for base in bases:
        assert issubclass(exception_class, base)
    assert exception_class.__doc__
    assert exception_class.__module__ == "upscope"


@pytest.mark.parametrize(("exception_class", "code", "http_status", "bases"), EXCEPTIONS)
def test_an_exception_made_by_hand_has_the_defaults_of_its_class(
    exception_class: type[upscope.UpscopeError], code: str, http_status: int | None, bases: list[type]
) -> None:
    error = exception_class("It failed.")
    assert attributes_of(error) == {
        "code": code,
        "message": "It failed.",
        "operation": None,
        "http_status": http_status,
        "api_error": None,
        "api_message": None,
        "request_id": None,
        "attempts": 0,
        "retryable": exception_class is upscope.RateLimitedError,
        "retry_after_ms": None,
        "may_have_applied": False,
    }
    assert error.args == ("It failed.",)
    assert exception_class("x", http_status=599).http_status == 599
    assert isinstance(error, OSError) is issubclass(exception_class, (TimeoutError, ConnectionError))
    if isinstance(error, OSError):
        assert (error.errno, error.strerror, error.filename) == (None, None, None)


def test_every_error_code_has_its_class() -> None:
    from upscope._errors import from_core

    for exception_class, code, http_status, _ in EXCEPTIONS:
        fields: dict[str, Any] = {**dict.fromkeys(KEYS), "status": 1, "message": "m"}
        error = from_core({**fields, "code": code, "http_status": http_status})
        assert type(error) is exception_class
        assert not hasattr(error, "status")
    unknown = from_core({"code": "new_code", "status": 99, "message": "m"})
    assert (type(unknown), unknown.code) == (upscope.UpscopeError, "new_code")
    assert json.dumps(attributes_of(unknown))
    assert upscope.UpscopeError(*unknown.args).code == "new_code"


@pytest.mark.parametrize(
    ("status", "exception_class"),
    [
        ("401 Unauthorized", upscope.UnauthorizedError),
        ("402 Payment Required", upscope.PaymentRequiredError),
        ("404 Not Found", upscope.NotFoundError),
        ("409 Conflict", upscope.ConflictError),
        ("429 Too Many Requests", upscope.RateLimitedError),
        ("503 Service Unavailable", upscope.ServerError),
        ("302 Found", upscope.HttpError),
        ("400 Bad Request", upscope.BadRequestError),
        ("403 Forbidden", upscope.PermissionDeniedError),
        ("422 Unprocessable Content", upscope.UnprocessableEntityError),
        ("418 Teapot", upscope.HttpError),
    ],
)
def test_an_error_status_raises_its_exception(
    server: ScriptedServer, status: str, exception_class: type[upscope.UpscopeError]
) -> None:
    body = {"status": "error", "error": "some_code", "message": "Why so."}
    server.responses = [response(body, status, "Retry-After: 7\r\nX-Request-Id: r_1\r\n")]
    with server.client(max_retries=0) as client, pytest.raises(exception_class) as caught:
        client.get_visitor("V1")
    error = caught.value
    assert type(error) is exception_class
    assert error.http_status == int(status.split()[0])
    assert (error.operation, error.api_error, error.attempts) == ("get_visitor", "some_code", 1)
    assert (error.api_message, error.request_id) == ("Why so.", "r_1")
    if exception_class is upscope.RateLimitedError:
        assert (error.retry_after_ms, error.retry_after, error.retryable) == (7000, 7.0, True)


def test_a_refused_connection_raises_transport_error() -> None:
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


def test_the_attributes_are_the_keys_of_the_error_object(sandbox: Sandbox) -> None:
    with sandbox.client() as client, pytest.raises(upscope.NotFoundError) as caught:
        client.get_visitor("nobody")
    attributes = attributes_of(caught.value)
    assert attributes.pop("message").startswith("get_visitor was answered with status 404 (not_found)")
    assert "nobody" in str(caught.value)
    # The sandbox may send more than the service is known to send.
    attributes.pop("api_message")
    attributes.pop("request_id")
    assert attributes == {
        "code": "not_found",
        "operation": "get_visitor",
        "http_status": 404,
        "api_error": "not_found",
        "attempts": 1,
        "retryable": False,
        "retry_after_ms": None,
        "may_have_applied": False,
    }
    assert caught.value.retry_after is None


@pytest.mark.parametrize("exception_class", [row[0] for row in EXCEPTIONS] + [upscope.ApiError, upscope.UpscopeError])
def test_pickle_and_copy_keep_all_attributes(exception_class: type[upscope.UpscopeError]) -> None:
    error = exception_class(
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
            assert type(other) is exception_class
            assert attributes_of(other) == attributes_of(error)
            assert (str(other), other.args, other.__dict__["note"]) == ("It failed.", error.args, "added by the caller")
            assert attributes_of(exception_class(*other.args)) == attributes_of(error)
            assert other.retry_after == 1.5
            with pytest.raises(exception_class, match="It failed"):
                raise other
    assert "It failed." in repr(error)


def test_a_subclass_with_other_arguments_can_be_pickled() -> None:
    error = CustomError(3)
    assert pickle.loads(pickle.dumps(error)).number == 3


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_exceptions_pass_through_a_process_pool(sandbox: Sandbox, method: str) -> None:
    with ProcessPoolExecutor(1, mp_context=get_context(method)) as pool:
        error = pool.submit(fail_with_not_found, sandbox.base_url).exception(timeout=30)
    assert isinstance(error, upscope.NotFoundError)
    assert (error.http_status, error.operation, error.attempts) == (404, "get_visitor", 1)
    assert error.__cause__ is not None
