"""Tests of the application with a sandbox, which the fixtures of `upscope.testing` start."""

import logging
import threading
import time

import httpx2
import pytest
import upscope
import uvicorn
from app import app
from fastapi.testclient import TestClient


@pytest.fixture
def http(upscope_sandbox):
    """The application. Its client calls the sandbox, because the fixture sets UPSCOPE_API_KEY and UPSCOPE_BASE_URL."""
    upscope_sandbox.put_visitor("1234", lookup_code="0042", is_online=True)
    with TestClient(app, base_url="http://helpdesk.example", follow_redirects=False) as http:
        yield http


def watch(http):
    return http.post("/watch/0042", params={"agent_id": "agent-7"})


def test_the_agent_is_redirected_to_a_new_link(http, upscope_sandbox):
    response = watch(http)
    assert (response.status_code, response.headers["Cache-Control"]) == (303, "no-store")
    assert httpx2.get(response.headers["Location"], trust_env=False).status_code == 200
    request = upscope_sandbox.requests()[1]
    assert (request["method"], request["path"]) == ("POST", "/v1.3/visitors/1234/watch_url")
    assert "http://helpdesk.example/webhook" in str(request["body"])
    # The second link is another one.
    assert watch(http).headers["Location"] != response.headers["Location"]


def test_the_link_expires(http, upscope_sandbox):
    link = watch(http).headers["Location"]
    upscope_sandbox.advance(3600)
    assert httpx2.get(link, trust_env=False).status_code == 410


def test_an_unknown_code_is_not_found(http):
    response = http.post("/watch/9999", params={"agent_id": "agent-7"})
    assert (response.status_code, response.json()) == (404, {"detail": "no visitor has this code"})


def test_a_search_for_anything_but_a_code_finds_nothing(http):
    assert http.post("/watch/online", params={"agent_id": "agent-7"}).status_code == 404


def test_a_failed_search_is_retried(http, upscope_sandbox):
    upscope_sandbox.faults({"status": 503}, {"drop": "before_response"})
    assert watch(http).status_code == 303
    assert len(upscope_sandbox.requests()) == 4


@pytest.mark.parametrize(
    ("fault", "status", "detail"),
    [
        ({"status": 401}, 502, "unauthorized"),
        ({"status": 402}, 503, "payment_required"),
        ({"status": 404}, 404, "not_found"),
        ({"status": 500}, 502, "server_error"),
        ({"status": 200, "body": "<html>"}, 502, "bad_response"),
        ({"drop": "before_response"}, 502, "connection"),
    ],
)
def test_errors_are_mapped_to_http(http, upscope_sandbox, caplog, fault, status, detail):
    upscope_sandbox.faults(None, fault)  # the search works, the creation of the link fails
    response = watch(http)
    assert (response.status_code, response.json()) == (status, {"detail": detail})
    assert detail in caplog.text


def test_the_agent_learns_when_to_try_again(http, upscope_sandbox):
    upscope_sandbox.faults({"status": 429, "headers": {"Retry-After": "120"}})
    response = watch(http)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "120")


def test_a_slow_service_is_a_timeout(http, upscope_sandbox):
    app.state.upscope = app.state.upscope.with_options(timeout=0.2)
    upscope_sandbox.faults({"delay_ms": 5000})
    assert watch(http).status_code == 504


def test_the_webhook_takes_a_session(http, upscope_client, caplog):
    caplog.set_level(logging.INFO)
    session = upscope_client.list_sessions().sessions[0]
    assert http.post("/webhook", content=session.to_json()).status_code == 204
    assert f"session {session.id} ended" in caplog.text


def test_the_webhook_refuses_anything_else(http):
    response = http.post("/webhook", content=b"{")
    assert (response.status_code, response.json()) == (422, {"detail": "invalid_argument"})


@pytest.fixture
def server(upscope_sandbox):
    """The application in a real server, which the sandbox can send webhooks to."""
    upscope_sandbox.put_visitor("1234", lookup_code="0042", is_online=True)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            yield http
    finally:
        server.should_exit = True
        thread.join()


def wait_until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_service_reports_the_end_of_a_session(server, upscope_client, caplog):
    caplog.set_level(logging.INFO)
    link = watch(server).headers["Location"]
    # Opens the link as a browser does: the page starts the session with a POST, older sandboxes with the GET.
    for method in ("GET", "POST"):
        httpx2.request(method, link, trust_env=False)
    [session] = [s for s in upscope_client.iter_sessions(ongoing_only=True) if s.visitor_id == "1234"]
    upscope_client.stop_session("1234")
    wait_until(lambda: f"session {session.id} ended" in caplog.text)


def test_the_exception_handler_covers_every_error(http, monkeypatch):
    """Without a sandbox: any exception, raised by a replaced method."""

    async def fail(search):
        raise upscope.ConflictError("the visitor is in a session")

    monkeypatch.setattr(app.state.upscope, "list_visitors", fail)
    assert watch(http).json() == {"detail": "conflict"}
