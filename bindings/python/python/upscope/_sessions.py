"""Iterators over all sessions, page by page."""

from __future__ import annotations

from ._upscope import CancelToken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._upscope import Pages, Session, SessionPage


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
            page = await _next_page(self._pages)
            if page is None:
                raise StopAsyncIteration
            self._page = iter(page)


async def _next_page(pages: Pages) -> SessionPage | None:
    from asyncio import get_running_loop

    cancel_token = CancelToken()
    try:
        return await get_running_loop().run_in_executor(None, pages.next_page, cancel_token)
    finally:
        # Does nothing if the page was received.
        cancel_token.cancel()
