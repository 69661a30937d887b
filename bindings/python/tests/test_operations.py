"""Every operation, with both clients: the request and the response."""

from __future__ import annotations

import asyncio
import inspect
import json
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

import pytest
import upscope
from conftest import Sandbox
from upscope import _upscope

Call = Callable[[Any], Any]
"""Calls an operation of the client that it is given."""


def sync_caller(sandbox: Sandbox) -> Callable[[Call], Any]:
    def call(operation: Call) -> Any:
        with sandbox.client() as client:
            return operation(client)

    return call


def async_caller(sandbox: Sandbox) -> Callable[[Call], Any]:
    def call(operation: Call) -> Any:
        async def run() -> Any:
            async with sandbox.async_client() as client:
                result = operation(client)
                if inspect.isawaitable(result):
                    return await result
                return [element async for element in result]

        return asyncio.run(run())

    return call


@pytest.fixture(params=[sync_caller, async_caller], ids=["sync", "async"])
def call(request: pytest.FixtureRequest, sandbox: Sandbox) -> Callable[[Call], Any]:
    caller: Callable[[Call], Any] = request.param(sandbox)
    return caller


@pytest.fixture
def visitor_id(sandbox: Sandbox) -> str:
    sandbox.control("/visitors", {"short_id": "V1", "name": "Ada", "is_online": False, "tags": ["vip", "é"]})
    return "V1"


def last_request(sandbox: Sandbox) -> tuple[str, str, str]:
    last = sandbox.requests()[-1]
    return last["method"], last["path"], last["query"] or ""


def all_sessions(client: Any) -> Any:
    sessions = client.iter_sessions()
    return list(sessions) if isinstance(client, upscope.Client) else sessions


def test_get_usage(call: Callable[[Call], Any], sandbox: Sandbox) -> None:
    usage: Any = call(lambda client: client.get_usage())
    assert type(usage).__name__ == "Usage"
    assert isinstance(usage.visitors.online_now, int)
    assert usage.to_dict()["session_counts"]["today"] == usage.session_counts.today
    assert last_request(sandbox) == ("GET", "/v1.3/usage", "")


def test_list_visitors(call: Callable[[Call], Any], sandbox: Sandbox, visitor_id: str) -> None:
    visitors = call(lambda client: client.list_visitors("Ada", max_results=3))
    assert isinstance(visitors, list)
    assert visitors[0].short_id == visitor_id
    assert last_request(sandbox) == ("GET", "/v1.3/list", "search=Ada&max_results=3")
    assert 1 < len(call(lambda client: client.list_visitors())) <= 10


def test_get_visitor(call: Callable[[Call], Any], visitor_id: str) -> None:
    visitor = call(lambda client: client.get_visitor(visitor_id))
    assert (visitor.short_id, visitor.name, visitor.tags, visitor.is_online) == ("V1", "Ada", ["vip", "é"], False)


def test_create_watch_url(call: Callable[[Call], Any], sandbox: Sandbox, visitor_id: str) -> None:
    link = call(
        lambda client: client.create_watch_url(
            visitor_id,
            agent={"id": "a1", "name": None},
            branding={"naked": "page_only"},
            metadata={"ticket": 12, "tier": "gold", "big": 2**70, "ok": True, "share": 0.5},
            permissions={"allow_click": False},
            viewer={"id": "v"},
            language="de",
            initial_notes="Hello",
            webhook_url="http://127.0.0.1:9/hook",
        )
    )
    assert link.watch_url.startswith("http")
    assert link.expiration > datetime.now(timezone.utc) - timedelta(days=1)
    assert sandbox.requests()[-1]["method"] == "POST"
    body = sandbox.requests()[-1]["body"]
    body = json.loads(body) if isinstance(body, str) else body
    assert body["agent"] == {"id": "a1"}
    assert body["metadata"] == {"ticket": 12, "tier": "gold", "big": 2**70, "ok": True, "share": 0.5}
    assert body["branding"] == {"naked": "page_only"}
    assert set(body) == {
        "agent",
        "branding",
        "metadata",
        "permissions",
        "viewer",
        "language",
        "initial_notes",
        "webhook_url",
    }


def test_stop_session(call: Callable[[Call], Any], sandbox: Sandbox, visitor_id: str) -> None:
    assert call(lambda client: client.stop_session(visitor_id)) is None
    assert last_request(sandbox) == ("DELETE", "/v1.3/visitors/V1/session", "")


def test_delete_visitor(call: Callable[[Call], Any], visitor_id: str) -> None:
    assert call(lambda client: client.delete_visitor(visitor_id)) is None
    with pytest.raises(upscope.NotFoundError):
        call(lambda client: client.get_visitor(visitor_id))


def test_delete_all_visitors(call: Callable[[Call], Any], sandbox: Sandbox) -> None:
    assert call(lambda client: client.delete_all_visitors(all=True)) is None
    assert last_request(sandbox) == ("DELETE", "/v1.3/visitors", "all=true")
    with pytest.raises(upscope.InvalidArgumentError, match="all must be true"):
        call(lambda client: client.delete_all_visitors(all=False))


def test_lookup_agent(call: Callable[[Call], Any], visitor_id: str) -> None:
    call(lambda client: client.create_watch_url(visitor_id, agent={"id": "ext-9", "name": "Joe"}))
    with pytest.raises(upscope.NotFoundError):
        call(lambda client: client.lookup_agent(email="nobody@example.com"))
    page = call(lambda client: client.list_sessions())
    agent = next(agent for session in page for agent in session.agents if agent.agent_identifier)
    found = call(lambda client: client.lookup_agent(external_id=agent.agent_identifier))
    assert (found.id, found.name) == (agent.id, agent.name)
    assert found.sessions
    with pytest.raises(upscope.InvalidArgumentError):
        call(lambda client: client.lookup_agent())


def test_list_sessions(call: Callable[[Call], Any], sandbox: Sandbox) -> None:
    after = datetime(2020, 1, 31, 9, 30, tzinfo=timezone(timedelta(hours=1)))
    page = call(lambda client: client.list_sessions(updated_after=after, ongoing_only=False))
    assert isinstance(page, upscope.SessionPage)
    assert page.has_more is True
    assert page.last_id == page.sessions[-1].id
    assert [session.id for session in page] == [session.id for session in page.sessions]
    assert len(page) == len(page.sessions) == len(page.cobrowsing_sessions)
    method, path, query = last_request(sandbox)
    assert (method, path) == ("GET", "/v1.3/cobrowsing_sessions/list")
    assert "updated_after=2020-01-31T09%3A30%3A00%2B01%3A00" in query


def test_iter_sessions(call: Callable[[Call], Any], sandbox: Sandbox) -> None:
    sessions = call(all_sessions)
    assert len(sessions) == 120
    assert len({session.id for session in sessions}) == 120
    assert len(sandbox.requests()) == 3


def test_authorize_onpremise_session(call: Callable[[Call], Any]) -> None:
    token = call(lambda client: client.authorize_onpremise_session("V9", agent={"id": "1", "name": "Joe"}))
    assert token.authorized is True
    assert isinstance(token.token, str)


def test_request(call: Callable[[Call], Any], sandbox: Sandbox) -> None:
    result = call(lambda client: client.request("GET", "/list", query={"max_results": 1}))
    assert isinstance(result, dict)
    assert len(result["visitors"]) == 1
    assert last_request(sandbox) == ("GET", "/v1.3/list", "max_results=1")


def test_call(call: Callable[[Call], Any], visitor_id: str) -> None:
    result = call(
        lambda client: client.call("get_visitor", {"visitor_id": visitor_id, "options": {"timeout_ms": 9000}})
    )
    assert result["visitor"]["short_id"] == visitor_id
    assert result["status"] == "ok"
    assert call(lambda client: client.call("get_usage"))["usage"]


def test_every_operation_has_methods_and_a_test() -> None:
    names = {definition["name"] for definition in json.loads(_upscope.operations_json())}
    assert len(names) >= 11
    for name in names:
        method, async_method = getattr(upscope.Client, name), getattr(upscope.AsyncClient, name)
        assert inspect.signature(method) == inspect.signature(async_method), name
        assert inspect.iscoroutinefunction(async_method), name
        assert f"test_{name}" in globals(), name


def test_path_parameters_are_positional_and_others_keyword_only() -> None:
    def positional_parameters(name: str) -> str:
        parameters = list(inspect.signature(getattr(upscope.Client, name)).parameters.values())[1:]
        return ",".join(p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD)

    assert positional_parameters("create_watch_url") == "visitor_id"
    assert positional_parameters("authorize_onpremise_session") == "visitor_id"
    assert positional_parameters("list_visitors") == "search"
    assert positional_parameters("request") == "method,path"
    assert (
        positional_parameters("lookup_agent")
        == positional_parameters("list_sessions")
        == positional_parameters("iter_sessions")
        == positional_parameters("delete_all_visitors")
        == ""
    )
