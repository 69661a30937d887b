"""Arguments of calls: how they are sent, and which are rejected before anything is sent."""

from __future__ import annotations

import json
from datetime import date, datetime, timezone
from types import MappingProxyType
from typing import Any

import pytest
import upscope
from conftest import Sandbox
from scripted_server import ScriptedServer, response


def test_a_request_body_may_contain_any_json_value(server: ScriptedServer) -> None:
    class StrSubclass(str):
        __slots__ = ()

    server.responses = [response({})]
    body = {
        "tuple": (1, 2.5, -0.0, 1e300),
        "mapping": MappingProxyType({"a": None}),
        "text": StrSubclass('"\\\n\u00e9\U0001f600\x00'),
        "big": -(2**100),
        "when": datetime(2026, 1, 31, 9, 30, 0, 5, timezone.utc),
    }
    with server.client() as client:
        client.request("POST", "/x", query={"n": 1, "t": "a b", "f": True}, body=body)
    head, _, sent_body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1.3/x?n=1&t=a%20b&f=true HTTP/1.1") or b"t=a+b" in head
    assert json.loads(sent_body) == {
        "tuple": [1, 2.5, 0.0, 1e300],
        "mapping": {"a": None},
        "text": '"\\\n\u00e9\U0001f600\x00',
        "big": -(2**100),
        "when": "2026-01-31T09:30:00.000005+00:00",
    }


def test_invalid_arguments_raise_value_error_and_send_nothing(client: upscope.Client, sandbox: Sandbox) -> None:
    untyped: Any = client
    invalid_calls: list[Any] = [
        lambda: untyped.get_visitor(""),
        lambda: untyped.get_visitor(".."),
        lambda: untyped.get_visitor(12),
        lambda: untyped.get_visitor(b"V"),
        lambda: untyped.get_visitor(None),
        lambda: untyped.list_visitors(max_results=11),
        lambda: untyped.lookup_agent(email="a", external_id="b"),
        lambda: untyped.create_watch_url("V", agent={"name": "x"}),
        lambda: untyped.create_watch_url("V", agent={"id": "x"}, metadata={"a": [1]}),
        lambda: untyped.create_watch_url("V", agent={"id": "x"}, metadata={"a": float("nan")}),
        lambda: untyped.create_watch_url("V", agent={"id": "\ud800"}),
        lambda: untyped.request("GET", "/../x"),
        lambda: untyped.request("TRACE", "/x"),
        lambda: untyped.request("POST", "/x", body={1: 2}),
        lambda: untyped.request("POST", "/x", body=object()),
        lambda: untyped.call("get_usage", {"extra": 1}),
        lambda: untyped.call("get_uasge"),
        lambda: untyped.get_usage(options={"timeout": 0}),
        lambda: untyped.get_usage(options={"timeout": float("nan")}),
        lambda: untyped.get_usage(options={"retries": 0}),
        lambda: untyped.get_usage(options=3),
        lambda: untyped.iter_sessions(after_id=""),
    ]
    for call in invalid_calls:
        with pytest.raises(upscope.InvalidArgumentError) as caught:
            call()
        assert isinstance(caught.value, ValueError)
        assert caught.value.message
    assert sandbox.requests() == []


def test_messages_name_the_invalid_key(client: upscope.Client) -> None:
    with pytest.raises(upscope.InvalidArgumentError, match=r"^body\.list\.1\.when is a datetime without a time zone"):
        client.request("POST", "/x", body={"list": [0, {"when": datetime(2026, 1, 1)}]})
    untyped: Any = client
    with pytest.raises(
        upscope.InvalidArgumentError,
        match=r"^updated_after is a date without a time: pass an aware datetime, such as "
        r"datetime\.combine\(day, time\.min, tzinfo=timezone\.utc\)",
    ):
        untyped.list_sessions(updated_after=date.today())
    start_of_day = datetime.combine(date(2020, 1, 31), datetime.min.time(), tzinfo=timezone.utc)
    assert client.list_sessions(updated_after=start_of_day)
    with pytest.raises(upscope.InvalidArgumentError, match="does not know the key"):
        client.create_watch_url("V", agent={"idd": "x"})  # type: ignore[typeddict-unknown-key,typeddict-item]
    cyclic: list[Any] = []
    cyclic.append(cyclic)
    with pytest.raises(upscope.InvalidArgumentError, match="contains itself"):
        client.request("POST", "/x", body=cyclic)


def test_the_cause_is_chained(client: upscope.Client) -> None:
    with pytest.raises(upscope.InvalidArgumentError, match="surrogate") as caught:
        client.get_visitor("\ud800")
    assert isinstance(caught.value.__cause__, UnicodeEncodeError)
    assert caught.value.operation == "get_visitor"


def test_missing_arguments_raise_type_error(client: upscope.Client) -> None:
    with pytest.raises(TypeError):
        client.get_visitor()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        client.create_watch_url("V")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        client.list_sessions("s_1")  # type: ignore[call-arg]
