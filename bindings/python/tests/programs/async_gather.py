"""Many concurrent calls, the last of which end just before the program does."""
# stdout: 60

import asyncio

import upscope


async def main() -> None:
    async with upscope.AsyncClient() as client:
        print(len(await asyncio.gather(*(client.get_usage() for _ in range(60)))))


asyncio.run(main())
