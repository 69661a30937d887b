"""Settings of a client: defaults, validation, and what they change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import upscope
from conftest import Sandbox
from scripted_server import ScriptedServer, response

USAGE = response({"usage": {}})


def test_api_key_and_base_url_default_to_environment_variables(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
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
        (
            {"timeout": None},
            "timeout must be a number of seconds greater than 0, but is None: every call has a time limit",
        ),
        ({"connect_timeout": None}, "connect_timeout must be a number of seconds greater than 0, but is None"),
        ({"timeout": 1e6}, "timeout_ms must be"),
        ({"connect_timeout": float("inf")}, "connect_timeout must be a number of seconds"),
        ({"max_retries": -1}, "max_retries"),
        ({"proxy": "::"}, "proxy is not a proxy URL"),
        ({"proxy": "https//proxy.example:8080"}, "proxy is not a proxy URL"),
        ({"proxy": "proxy.example:0"}, "proxy is not a proxy URL"),
        ({"ca_file": Path("/nowhere/roots.pem")}, 'ca_file does not exist: "/nowhere/roots.pem"'),
        ({"ca_file": "/"}, 'ca_file cannot be read: "/"'),
        ({"user_agent": "a\r\nb"}, "user_agent"),
        ({"max_response_bytes": 0}, "max_response_bytes"),
        ({"ascii_json": "yes"}, "ascii_json"),
    ],
)
def test_invalid_settings_are_rejected(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(upscope.InvalidArgumentError, match=message):
        upscope.Client(**{"api_key": "k", **settings})
    with pytest.raises(upscope.InvalidArgumentError, match=message):
        upscope.AsyncClient(**{"api_key": "k", **settings})


@pytest.mark.parametrize("create", [upscope.Client, upscope.AsyncClient])
def test_connection_info_says_how_the_service_is_reached(create: Any) -> None:
    info = create(
        "k", base_url="https://desk.example/v1", proxy="http://user:hidden@proxy.example:8080"
    ).connection_info()
    assert list(info) == ["base_url", "proxy", "proxy_reason", "roots"]
    assert info["base_url"] == "https://desk.example/v1"
    assert info["proxy"] == "http://proxy.example:8080"
    assert "configuration" in info["proxy_reason"]
    assert "hidden" not in str(info)
    assert create("k").connection_info()["proxy"] is None


def test_unknown_settings_raise_type_error() -> None:
    with pytest.raises(TypeError):
        upscope.Client("k", timeout_ms=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        upscope.Client("k", "https://example.com")  # type: ignore[call-arg]


def test_api_key_and_user_agent_are_sent(server: ScriptedServer) -> None:
    server.responses = [USAGE]
    with server.client(user_agent="crm/7") as client:
        client.get_usage()
    head = server.requests[0].lower()
    assert b"x-api-key: scripted-key\r\n" in head
    assert b"user-agent: crm/7 libupscope/" in head


def test_ascii_json_escapes_non_ascii_characters(server: ScriptedServer) -> None:
    server.responses = [response('{"usage": {"\u00e9": 1}}')]
    with server.client(ascii_json=True) as client:
        assert client.get_usage().to_json() == '{"\\u00e9": 1}'


def test_a_response_above_max_response_bytes_is_rejected(server: ScriptedServer) -> None:
    server.responses = [USAGE]
    with server.client(max_response_bytes=5) as client, pytest.raises(upscope.BadResponseError):
        client.get_usage()
