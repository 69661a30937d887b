"""One call within `async with`, and the program ends."""

import asyncio

import upscope


async def main() -> None:
    async with upscope.AsyncClient() as client:
        await client.get_usage()


asyncio.run(main())
