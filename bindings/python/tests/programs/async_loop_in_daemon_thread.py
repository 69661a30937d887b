"""Runs an event loop in a daemon thread, as a library with a blocking interface may do."""
# stdout: True
# stderr: (Task was destroyed but it is pending!\n.*)?

import asyncio
import threading

import upscope

loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()
client = upscope.AsyncClient()


async def call_repeatedly() -> None:
    while True:
        await client.get_usage()


def call() -> upscope.Usage:
    async def get_usage() -> upscope.Usage:
        return await client.get_usage()

    return asyncio.run_coroutine_threadsafe(get_usage(), loop).result(10)


for _ in range(4):
    asyncio.run_coroutine_threadsafe(call_repeatedly(), loop)
print(isinstance(call(), upscope.Usage))
