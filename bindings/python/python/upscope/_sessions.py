"""Iterators over all sessions, page by page."""

from __future__ import annotations

from ._errors import BadResponseError
from ._upscope import Pages, Session, SessionPage

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    import typing
    from collections.abc import Awaitable, Callable, Iterator

    @typing.final
    class AsyncSessionPage(SessionPage):  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]
        """A page that an `AsyncClient` fetched."""

        async def next_page(self) -> AsyncSessionPage | None:  # type: ignore[override]
            """Fetches the next page. Returns None after the last page."""
else:
    from ._annotations import Awaitable, Callable, Iterator, typing

    # The same class, whose `next_page` returns a coroutine then.
    AsyncSessionPage = SessionPage


class SessionIterator:
    """All matching sessions, from first to last.

    After an exception the iteration can continue: it fetches the same page again.
    """

    __slots__ = ("_page", "_pages")

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._page: Iterator[Session] = iter(())

    def __iter__(self) -> SessionIterator:
        return self

    def __next__(self) -> Session:
        while True:
            for session in self._page:
                return session
            page = self._pages.next_page()
            if page is None:
                raise StopIteration
            self._page = iter(page)


class AsyncSessionIterator:
    """All matching sessions, from first to last, for `async for`."""

    __slots__ = ("_page", "_pages")

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._page: Iterator[Session] = iter(())

    def __aiter__(self) -> AsyncSessionIterator:
        return self

    async def __anext__(self) -> Session:
        while True:
            for session in self._page:
                return session
            from ._async_calls import result_of

            page = await result_of(self._pages.start_next)
            if page is None:
                raise StopAsyncIteration
            self._page = iter(page)


class _Position:
    """The position of a page in the list. Detects a list that does not advance."""

    __slots__ = ("_checkpoint", "_page_count")

    def __init__(self, checkpoint: str | None = None, page_count: int = 0) -> None:
        # An earlier `last_id`, replaced at increasing distances. If it appears again, the pages form a cycle.
        self._checkpoint = checkpoint
        self._page_count = page_count

    def next_after(self, page: SessionPage) -> _Position | None:
        """The position of the page after this one. None after the last page."""
        if not page.has_more:
            return None
        problem = None
        if not page.last_id:
            problem = "gives no last_id"
        elif page.last_id == self._checkpoint:
            problem = "gives a last_id that does not advance"
        if problem is not None:
            raise BadResponseError(
                f"list_sessions was answered, but the answer says that there are more sessions and {problem}.",
                operation="list_sessions",
                http_status=200,
                attempts=1,
            )
        count = self._page_count + 1
        return _Position(page.last_id if count & (count - 1) == 0 else self._checkpoint, count)


def first_page(call: Callable[[str, dict[str, typing.Any]], typing.Any], request: dict[str, typing.Any]) -> SessionPage:
    """Fetches a page that can fetch the next one."""
    return _page(call, request, _Position(request.get("after_id")))


def _page(
    call: Callable[[str, dict[str, typing.Any]], typing.Any], request: dict[str, typing.Any], position: _Position
) -> SessionPage:
    def fetch_next(page: SessionPage) -> SessionPage | None:
        following = position.next_after(page)
        return None if following is None else _page(call, {**request, "after_id": page.last_id}, following)

    page: SessionPage = call("list_sessions", dict(request))
    page._set_fetch_next(fetch_next)
    return page


async def first_page_async(
    call: Callable[[str, dict[str, typing.Any]], Awaitable[typing.Any]], request: dict[str, typing.Any]
) -> AsyncSessionPage:
    """Fetches a page whose `next_page` has to be awaited."""
    return await _page_async(call, request, _Position(request.get("after_id")))


async def _page_async(
    call: Callable[[str, dict[str, typing.Any]], Awaitable[typing.Any]],
    request: dict[str, typing.Any],
    position: _Position,
) -> AsyncSessionPage:
    async def fetch_next(page: SessionPage) -> AsyncSessionPage | None:
        following = position.next_after(page)
        return None if following is None else await _page_async(call, {**request, "after_id": page.last_id}, following)

    page: AsyncSessionPage = await call("list_sessions", dict(request))
    page._set_fetch_next(fetch_next)
    return page
