"""The client for asyncio."""

from __future__ import annotations

from functools import partial

from ._async_calls import result_of
from ._async_operations import AsyncOperations
from ._base import BaseClient
from ._options import CLIENT_TIMEOUT
from ._sessions import AsyncSessionIterator, AsyncSessionPage, first_page_async
from ._upscope import loads

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    import typing

    import typing_extensions
else:
    from ._annotations import typing, typing_extensions


class AsyncClient(BaseClient, AsyncOperations):
    """A client for the Upscope REST API, for asyncio. It has the methods of `Client`, with `await`.

        async with upscope.AsyncClient("secret") as client:
            visitors = await client.list_visitors("online")

    Any number of calls can be in flight. Up to 32 calls of a client run at once; the time that others wait for their
    turn counts towards their timeout. Cancelling a task cancels its call. Several event loops can share a client.
    """

    # With an instance dict, tests can replace a method: `patch.object(client, "get_usage")`.
    __slots__ = ("__dict__",)

    async def call(
        self, operation: str, request: dict[str, typing.Any] | None = None, *, timeout: float = CLIENT_TIMEOUT
    ) -> dict[str, typing.Any]:
        """Calls an operation by name. Takes and returns JSON as a dict: the whole response, as the service sent it.

        Args:
            operation: The operation's name, such as `"get_visitor"`.
            request: The operation's keys. The keys of `options` are those of the C library, such as `timeout_ms`.
            timeout: Seconds for the whole call. Defaults to the client's.
        """
        text = await self._call_json(operation, self._request(dict(request or {}), timeout))
        response: dict[str, typing.Any] = loads(text)
        return response

    async def close(self) -> None:
        """Closes the client. Running calls complete normally. Closing a client again does nothing."""
        self._native.close()

    async def __aenter__(self) -> typing_extensions.Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _call(self, operation: str, request: dict[str, typing.Any]) -> typing.Any:
        timeout = request.pop("timeout", CLIENT_TIMEOUT)
        return await result_of(partial(self._native.start, operation, self._request(request, timeout)))

    async def _call_json(self, operation: str, request: dict[str, typing.Any] | str) -> str:
        response: str = await result_of(partial(self._native.start_json, operation, request))
        return response

    async def _page(self, request: dict[str, typing.Any]) -> AsyncSessionPage:
        return await first_page_async(self._call, request)

    def _iterate(self, request: dict[str, typing.Any]) -> AsyncSessionIterator:
        timeout = request.pop("timeout", CLIENT_TIMEOUT)
        return AsyncSessionIterator(self._native.pages(self._request(request, timeout)))
