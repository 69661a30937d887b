"""One client in two event loops, never closed."""
# stdout: 2

import asyncio

import upscope

client = upscope.AsyncClient()


async def count() -> int:
    await asyncio.gather(*(client.get_usage() for _ in range(5)))
    return 1


print(asyncio.run(count()) + asyncio.run(count()))
