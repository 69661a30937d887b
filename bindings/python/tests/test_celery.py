"""Exceptions as results of Celery tasks, which are stored as JSON by default."""

from __future__ import annotations

import json
from typing import Any

import pytest
import upscope
from conftest import Sandbox
from scripted_server import ScriptedServer, response


def through_json(error: BaseException) -> BaseException:
    """What Celery's backends do with an exception: its class and its `args` are written as JSON."""
    stored = json.dumps({"module": type(error).__module__, "type": type(error).__qualname__, "args": error.args})
    loaded: dict[str, Any] = json.loads(stored)
    assert loaded["module"] == "upscope"
    restored: BaseException = getattr(upscope, loaded["type"])(*loaded["args"])
    return restored


def through_celery(error: BaseException) -> BaseException:
    base = pytest.importorskip("celery.backends.base", reason="Celery is not installed")
    celery = pytest.importorskip("celery", reason="Celery is not installed")
    backend = base.Backend(app=celery.Celery(set_as_current=False), serializer="json")
    restored: BaseException = backend.exception_to_python(
        backend.decode(backend.encode(backend.prepare_exception(error)))
    )
    return restored


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("round_trip", [through_json, through_celery])
def test_the_round_trip_keeps_all_attributes(sandbox: Sandbox, server: ScriptedServer, round_trip: Any) -> None:
    errors: list[upscope.UpscopeError] = [
        upscope.NotFoundError("by hand"),
        upscope.TransportError("by hand", retryable=True, attempts=3, may_have_applied=True),
        upscope.CallTimeoutError("by hand", operation="get_usage"),
    ]
    body = {"error": "some_code", "message": "Why so."}
    for status in (
        "400 Bad Request",
        "403 Forbidden",
        "422 Unprocessable",
        "418 Teapot",
        "429 Busy",
        "503 Unavailable",
    ):
        server.responses = [response(body, status, "Retry-After: 7\r\nX-Request-Id: r_1\r\n")]
        with server.client(max_retries=0) as client, pytest.raises(upscope.ApiError) as caught:
            client.stop_session("V1")
        errors.append(caught.value)
    with sandbox.client() as client, pytest.raises(upscope.NotFoundError) as not_found:
        client.get_visitor("nobody")
    errors.append(not_found.value)
    names = "code message operation http_status api_error api_message request_id attempts retryable retry_after_ms"
    for error in errors:
        restored = round_trip(error)
        assert type(restored) is type(error)
        for name in [*names.split(), "may_have_applied", "retry_after", "args"]:
            value = getattr(restored, name)
            assert (list(value) if name == "args" else value) == (
                list(error.args) if name == "args" else getattr(error, name)
            ), name
        assert str(restored) == str(error)
    assert "nobody" in str(round_trip(not_found.value))
