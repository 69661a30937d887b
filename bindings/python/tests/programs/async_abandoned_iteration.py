"""Abandons an async iteration over the sessions while a page is being fetched."""
# stdout: 1

import asyncio
import os

import upscope


async def main() -> None:
    client = upscope.AsyncClient(base_url=os.environ["SLOW_URL"])
    count = 0
    async for _ in client.iter_sessions():
        count += 1
        break
    print(count)


asyncio.run(main())
