"""Uses that type checkers must accept. Not run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timezone
from typing import Any

import upscope
from upscope.types import Branding, ConnectionInfo, Options, Permissions, WatchAgent


def blocking(client: upscope.Client) -> None:
    usage: upscope.Usage = client.get_usage(options={"timeout": 5, "max_retries": 0})
    online: int | None = usage.visitors.online_now if usage.visitors else None
    visitors: list[upscope.Visitor] = client.list_visitors("online", max_results=1)
    agent: WatchAgent = {"id": "1"}
    branding: Branding = {"naked": "page_only"}
    permissions = Permissions(allow_click=False)
    link = client.create_watch_url(
        visitors[0].short_id or "",
        agent=agent,
        branding=branding,
        permissions=permissions,
        metadata={"ticket": 1, "tier": "gold", "vip": True},
    )
    text: str | None = link.watch_url
    expiration: datetime | None = link.expiration
    page: upscope.SessionPage = client.list_sessions(updated_after=datetime.now(timezone.utc), ongoing_only=True)
    sessions: list[upscope.Session] = page.sessions
    following: upscope.SessionPage | None = page.next_page()
    first: upscope.Session = page[0]
    rest: list[upscope.Session] = page[1:]
    print(following, first.id, rest, page._repr_html_())
    iterator: Iterator[upscope.Session] = client.iter_sessions(updated_after="2026-01-01T00:00:00Z")
    client.delete_all_visitors(all=True)
    response: dict[str, Any] = client.request("POST", "/later", body=[1, None])
    derived: upscope.Client = client.with_options(timeout=2, extra_query={"a": 1})
    columns: dict[str, list[Any]] = upscope.sessions_table(page)
    upscope.display.show_personal_data(True)
    options: Options = {"extra_body": {"a": [1]}}
    client.get_usage(options=options)
    print(online, text, expiration, sessions, iterator, response, derived, columns)
    for session in page:
        names: list[str] = session.features_used or []
        print(names, session.team and session.team.domain)
    try:
        client.stop_session("V")
    except upscope.RateLimitedError as error:
        wait: float | None = error.retry_after
        print(wait, error.http_status, error.may_have_applied)
    except upscope.BadRequestError as error:
        print(error.api_message, error.request_id)
    with upscope.Client("key", timeout=1.5, ca_file="roots.pem") as other:
        print(other.parse_webhook(b"{}").id)
    attempts: list[upscope.Attempt] = []
    observed = upscope.Client("key", on_attempt=attempts.append, default_headers={"traceparent": "00"})
    traced = upscope.Client("key", on_attempt=print, default_headers=lambda: {"traceparent": "00"})
    info: ConnectionInfo = observed.connection_info()
    proxy: str | None = info["proxy"]
    problem: upscope.UpscopeError | None = attempts[0].error
    print(traced.get_usage(timeout=2.5, options={"max_retries": 0}), proxy, problem, attempts[0].duration_ms)


async def asynchronous() -> None:
    async with upscope.AsyncClient() as client:
        visitor: upscope.Visitor = await client.get_visitor("V")
        iterator: AsyncIterator[upscope.Session] = client.iter_sessions()
        page = await client.list_sessions()
        while (following := await page.next_page()) is not None:
            page = following
            last_id: str | None = page.last_id
            print(last_id, page[0].id)
        print(visitor.tags, [session.id async for session in iterator])
