"""Requests go through the configured proxy."""

from __future__ import annotations

import pytest
import upscope
from scripted_server import ScriptedServer, response

SERVICE = "http://service.example/v1.3"
USAGE = response({"usage": {}})

UNUSED_PROXY = "http://127.0.0.1:9"
"""A proxy that does not exist: a request through it fails."""


@pytest.fixture
def proxy(server: ScriptedServer) -> str:
    """The URL of a proxy that also responds in place of the service."""
    server.responses = [b"HTTP/1.1 200 Connection established\r\n\r\n", USAGE]
    return server.base_url.replace("/v1.3", "")


def request_lines(server: ScriptedServer) -> list[bytes]:
    return [request.partition(b"\r\n")[0] for request in server.requests]


THROUGH_PROXY = [b"CONNECT service.example:80 HTTP/1.1", b"GET /v1.3/usage HTTP/1.1"]


def test_requests_go_through_the_proxy_setting(server: ScriptedServer, proxy: str) -> None:
    with upscope.Client("k", base_url=SERVICE, allow_http=True, proxy=proxy) as client:
        client.get_usage()
    assert request_lines(server) == THROUGH_PROXY


def test_requests_go_through_the_proxy_of_the_environment(
    server: ScriptedServer, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy)
    with upscope.Client("k", base_url=SERVICE, allow_http=True) as client:
        client.get_usage()
    assert request_lines(server) == THROUGH_PROXY


def test_an_empty_proxy_setting_overrides_the_environment(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.responses = [USAGE]
    monkeypatch.setenv("HTTP_PROXY", UNUSED_PROXY)
    with server.client(proxy="") as client:
        client.get_usage()
    assert request_lines(server) == [b"GET /v1.3/usage HTTP/1.1"]


def test_no_proxy_excludes_a_host(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.responses = [USAGE]
    monkeypatch.setenv("HTTP_PROXY", UNUSED_PROXY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with server.client(max_retries=0) as client:
        client.get_usage()
    assert request_lines(server) == [b"GET /v1.3/usage HTTP/1.1"]
