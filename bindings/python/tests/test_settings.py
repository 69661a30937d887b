"""Settings, options, closing, webhooks, and what is shown of a client."""

from __future__ import annotations

import gc
import json
import weakref
from datetime import datetime, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import upscope
from conftest import Sandbox
from scripted import ScriptedServer, answer

USAGE = answer({"usage": {}})


def test_key_and_url_come_from_the_environment(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(upscope.InvalidArgumentError, match="UPSCOPE_API_KEY"):
        upscope.Client()
    monkeypatch.setenv("UPSCOPE_API_KEY", sandbox.api_key)
    monkeypatch.setenv("UPSCOPE_BASE_URL", sandbox.base_url)
    with upscope.Client() as client:
        assert client.get_usage()
        assert sandbox.base_url in repr(client)
    with upscope.Client("wrong") as client, pytest.raises(upscope.UnauthorizedError):
        client.get_usage()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"api_key": "a\nb"}, "api_key"),
        ({"api_key": 3}, "api_key"),
        ({"base_url": "http://example.com"}, "allow_http"),
        ({"timeout": 0}, "timeout must be a number of seconds"),
        ({"timeout": -1.5}, "timeout must be a number of seconds"),
        ({"timeout": "3"}, "timeout must be a number of seconds"),
        ({"timeout": True}, "timeout must be a number of seconds"),
        ({"timeout": 1e6}, "timeout_ms must be"),
        ({"connect_timeout": float("inf")}, "connect_timeout must be a number of seconds"),
        ({"max_retries": -1}, "max_retries"),
        ({"proxy": "::"}, "proxy"),
        ({"ca_file": Path("/nowhere/roots.pem")}, "ca_file does not exist"),
        ({"user_agent": "a\r\nb"}, "user_agent"),
        ({"max_response_bytes": 0}, "max_response_bytes"),
        ({"ascii_json": "yes"}, "ascii_json"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(upscope.InvalidArgumentError, match=message):
        upscope.Client(**{"api_key": "k", **settings})
    with pytest.raises(upscope.InvalidArgumentError, match=message):
        upscope.AsyncClient(**{"api_key": "k", **settings})


def test_unknown_settings_are_type_errors() -> None:
    with pytest.raises(TypeError):
        upscope.Client("k", timeout_ms=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        upscope.Client("k", "https://example.com")  # type: ignore[call-arg]


def test_closing(sandbox: Sandbox) -> None:
    client = sandbox.client()
    with client as same:
        assert same is client
        client.get_usage()
    client.close()
    client.close()
    for use in (client.get_usage, client.iter_sessions, client.with_options, lambda: client.call("get_usage")):
        with pytest.raises(upscope.InvalidArgumentError, match="closed"):
            use()
    assert repr(client) == "<upscope.Client closed>"


def test_options_of_a_client_hold_for_its_calls(server: ScriptedServer) -> None:
    server.answers = [USAGE]
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


def test_a_derived_client_shares_the_connections(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        client.get_usage()
        derived = client.with_options(max_retries=0)
        derived.get_usage()
    derived.get_usage()
    assert len({request["connection"] for request in sandbox.requests()}) == 1
    assert isinstance(derived, upscope.Client)


def test_options_of_a_call(server: ScriptedServer) -> None:
    server.answers = [answer("", "503 Service Unavailable"), answer({"watch_url": "https://x"})]
    with server.client() as client:
        with pytest.raises(upscope.ServerError) as caught:
            client.get_usage(options={"max_retries": 0, "timeout": None})
        assert caught.value.attempts == 1
        client.create_watch_url("V", agent={"id": "1"}, options={"extra_body": {"later": [1, None]}})
    assert json.loads(server.requests[-1].partition(b"\r\n\r\n")[2]) == {"agent": {"id": "1"}, "later": [1, None]}


def test_short_timeouts_are_rounded_up(server: ScriptedServer) -> None:
    server.answers = [b"hang"]
    with server.client(timeout=0.0001) as client, pytest.raises(upscope.CallTimeoutError):
        client.get_usage()


def test_what_may_stand_in_a_request(server: ScriptedServer) -> None:
    class Text(str):
        __slots__ = ()

    server.answers = [answer({})]
    body = {
        "tuple": (1, 2.5, -0.0, 1e300),
        "mapping": MappingProxyType({"a": None}),
        "text": Text('"\\\n\u00e9\U0001f600\x00'),
        "big": -(2**100),
        "when": datetime(2026, 1, 31, 9, 30, 0, 5, timezone.utc),
    }
    with server.client() as client:
        client.request("POST", "/x", query={"n": 1, "t": "a b", "f": True}, body=body)
    head, _, sent = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1.3/x?n=1&t=a%20b&f=true HTTP/1.1") or b"t=a+b" in head
    assert json.loads(sent) == {
        "tuple": [1, 2.5, 0.0, 1e300],
        "mapping": {"a": None},
        "text": '"\\\n\u00e9\U0001f600\x00',
        "big": -(2**100),
        "when": "2026-01-31T09:30:00.000005+00:00",
    }


def test_the_agent_and_the_key_are_sent(server: ScriptedServer) -> None:
    server.answers = [USAGE]
    with server.client(user_agent="crm/7") as client:
        client.get_usage()
    head = server.requests[0].lower()
    assert b"x-api-key: scripted-key\r\n" in head
    assert b"user-agent: crm/7 libupscope/" in head


def test_a_setting_for_tiny_answers_and_ascii(server: ScriptedServer) -> None:
    server.answers = [answer('{"usage": {"\u00e9": 1}}')]
    with server.client(ascii_json=True) as client:
        assert client.get_usage().to_json() == '{"\\u00e9": 1}'
    with server.client(max_response_bytes=5) as client, pytest.raises(upscope.BadResponseError):
        client.get_usage()


@pytest.mark.parametrize(
    "parse", [upscope.parse_webhook, upscope.Client.parse_webhook, upscope.AsyncClient.parse_webhook]
)
def test_webhook(parse: Any) -> None:
    body = '{"id": "s_1", "length_seconds": 3, "new": "\u00e9"}'
    for given in (body, body.encode(), bytearray(body.encode()), f" {body}\n"):
        session = parse(given)
        assert isinstance(session, upscope.Session)
        assert (session.id, session.length_seconds, session.to_dict()["new"]) == ("s_1", 3, "\u00e9")
    for wrong in ("", "{}", "[]", b"\xff", "ok", 3, None, {"id": "s_1"}):
        with pytest.raises(upscope.InvalidArgumentError):
            parse(wrong)


def test_clients_are_freed(sandbox: Sandbox) -> None:
    client = sandbox.client()
    client.get_usage()
    gone = weakref.ref(client)
    del client
    gc.collect()
    assert gone() is None


def test_an_iteration_goes_on_after_an_error(sandbox: Sandbox) -> None:
    with sandbox.client(max_retries=0) as client:
        # The second page is asked for as soon as the first has come.
        sandbox.faults({"delay_ms": 0}, {"status": 503})
        walk = client.iter_sessions()
        first = [next(walk) for _ in range(50)]
        with pytest.raises(upscope.ServerError):
            next(walk)
        rest = list(walk)
    assert len({session.id for session in first + rest}) == 120


def test_nothing_is_sent_before_an_iteration_begins(sandbox: Sandbox, client: upscope.Client) -> None:
    client.iter_sessions(ongoing_only=True)
    assert sandbox.requests() == []
    with pytest.raises(upscope.InvalidArgumentError):
        client.iter_sessions(updated_after="yesterday")
