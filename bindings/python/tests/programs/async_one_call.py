"""One call in `async with`, then the program ends."""

import asyncio

import upscope


async def main() -> None:
    async with upscope.AsyncClient() as client:
        await client.get_usage()


asyncio.run(main())
