"""Uses that type checkers must reject, on the marked lines. Not run."""

from __future__ import annotations

import upscope


def blocking(client: upscope.Client) -> None:
    client.get_visitor(12)  # error
    client.get_visitor()  # error
    client.get_vistor("V")  # error
    client.get_usage().visitors.online_now  # error
    client.list_visitors(max_results="10")  # error
    client.list_sessions("s_1")  # error
    client.list_sessions(updated_after=12)  # error
    client.delete_all_visitors()  # error
    client.delete_all_visitors(all=False)  # error
    client.create_watch_url("V")  # error
    client.create_watch_url("V", agent={"name": "Joe"})  # error
    client.create_watch_url("V", agent={"id": "1"}, branding={"naked": "all"})  # error
    client.create_watch_url("V", agent={"id": "1"}, permissions={"allow_clicks": True})  # error
    client.create_watch_url("V", agent={"id": "1"}, metadata={"a": [1]})  # error
    client.authorize_onpremise_session("V", agent={"id": "1"})  # error
    client.request("TRACE", "/x")  # error
    client.with_options(retries=1)  # error
    client.get_usage(options={"timeout_ms": 1})  # error
    client.list_sessions().has_more = False  # error
    client.list_sessions().features  # error
    client.list_sessions()["id"]  # error
    client.list_sessions().next_page().sessions  # error
    upscope.NotFoundError("x").status  # error
    upscope.Client("key", "https://example.com")  # error
    upscope.Client(timeout_ms=3)  # error
    upscope.Client(timeout=None)  # error
    upscope.Client(on_attempt=3)  # error
    upscope.Client(default_headers={"a": 1})  # error
    client.get_usage(timeout=None)  # error
    client.get_usage(options={"timeout": None})  # error
    client.connection_info()["key"]  # error


async def asynchronous(client: upscope.AsyncClient) -> None:
    client.get_visitor("V").name  # error
    (await client.list_sessions()).next_page().sessions  # error
    for _ in client.iter_sessions():  # error
        pass
