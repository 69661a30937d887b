"""Iterators over all sessions, page by page."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._upscope import Pages, Session


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
