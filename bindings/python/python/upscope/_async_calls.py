"""Awaits calls that run on the threads of the native client."""

from __future__ import annotations

import asyncio

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from ._upscope import CallHandle, CallResult


async def result_of(start: Callable[[Callable[[CallResult], object], Callable[..., object]], CallHandle]) -> Any:
    """Starts a call and awaits its result. `start` takes a callback and the `call_soon_threadsafe` of the loop."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            "AsyncClient needs a running asyncio event loop. trio and curio are not supported: make the calls of "
            "upscope.Client in a worker thread there, such as trio.to_thread.run_sync(client.get_usage)."
        ) from None
    future: asyncio.Future[Any] = loop.create_future()

    def callback(result: CallResult) -> None:
        # Runs on a thread of the native client.
        loop.call_soon_threadsafe(_set_result, future, result)

    handle = start(callback, loop.call_soon_threadsafe)
    try:
        return await future
    finally:
        # Does nothing if the call has ended.
        handle.cancel()


def _set_result(future: asyncio.Future[Any], result: CallResult) -> None:
    if future.done():
        return
    try:
        future.set_result(result.take())
    except Exception as error:
        future.set_exception(error)
