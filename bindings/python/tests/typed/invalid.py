"""Uses that type checkers must refuse, on the lines that say so. Not run."""

from __future__ import annotations

import upscope


def refused(client: upscope.Client) -> None:
    client.get_visitor(12)  # wrong
    client.get_visitor()  # wrong
    client.get_vistor("V")  # wrong
    client.get_usage().visitors.online_now  # wrong
    client.list_visitors(max_results="10")  # wrong
    client.list_sessions("s_1")  # wrong
    client.list_sessions(updated_after=12)  # wrong
    client.delete_all_visitors()  # wrong
    client.delete_all_visitors(all=False)  # wrong
    client.create_watch_url("V")  # wrong
    client.create_watch_url("V", agent={"name": "Joe"})  # wrong
    client.create_watch_url("V", agent={"id": "1"}, branding={"naked": "all"})  # wrong
    client.create_watch_url("V", agent={"id": "1"}, permissions={"allow_clicks": True})  # wrong
    client.create_watch_url("V", agent={"id": "1"}, metadata={"a": [1]})  # wrong
    client.authorize_onpremise_session("V", agent={"id": "1"})  # wrong
    client.request("TRACE", "/x")  # wrong
    client.with_options(retries=1)  # wrong
    client.get_usage(options={"timeout_ms": 1})  # wrong
    client.list_sessions().has_more = False  # wrong
    client.list_sessions().features  # wrong
    upscope.Client("key", "https://example.com")  # wrong
    upscope.Client(timeout_ms=3)  # wrong


async def refused_too(client: upscope.AsyncClient) -> None:
    client.get_visitor("V").name  # wrong
    for _ in client.iter_sessions():  # wrong
        pass
