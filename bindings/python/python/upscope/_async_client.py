"""The client for asyncio."""

from __future__ import annotations

import asyncio
from functools import partial

from ._async_operations import AsyncOperations
from ._base import BaseClient
from ._sessions import AsyncSessionIterator
from ._upscope import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from typing_extensions import Self

    from ._upscope import Outcome, Pending


class AsyncClient(BaseClient, AsyncOperations):
    """A client of the Upscope REST API for asyncio: the methods of `Client`, with `await`.

        async with upscope.AsyncClient("secret") as client:
            visitors = await client.list_visitors("online")

    Any number of calls may be in flight; up to 32 of a client run at once, and the others wait for their turn while
    their time runs. Cancelling a task cancels its call. One client may serve several loops.
    """

    __slots__ = ()

    async def call(self, operation: str, request: dict[str, Any] | None = None) -> dict[str, Any]:
        """Calls an operation by its name, JSON in and JSON out: the answer whole, as the service sent it.

        Args:
            operation: The operation's name, such as `"get_visitor"`.
            request: Its keys; `options` has `timeout_ms` and the others as in C.
        """
        answer: dict[str, Any] = loads(await self._call_json(operation, self._request(dict(request or {}))))
        return answer

    async def close(self) -> None:
        """Closes the connections. Closing twice does nothing; calls that run go on to their end."""
        self._native.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _call(self, operation: str, request: dict[str, Any]) -> Any:
        return await _result(partial(self._native.start, operation, self._request(request)))

    async def _call_json(self, operation: str, request: dict[str, Any] | str) -> str:
        answer: str = await _result(partial(self._native.start_json, operation, request))
        return answer

    def _iterate(self, request: dict[str, Any]) -> AsyncSessionIterator:
        return AsyncSessionIterator(self._native.pages(self._request(request)))


async def _result(start: Callable[[Callable[[Outcome], object]], Pending]) -> Any:
    """Starts a call and awaits its result."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def done(outcome: Outcome) -> None:
        # Called from a thread of the native client's.
        loop.call_soon_threadsafe(_settle, future, outcome)

    pending = start(done)
    try:
        return await future
    finally:
        pending.cancel()


def _settle(future: asyncio.Future[Any], outcome: Outcome) -> None:
    if future.done():
        return
    try:
        future.set_result(outcome.take())
    except Exception as error:
        future.set_exception(error)
