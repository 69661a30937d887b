"""Calls that fail, including one whose exception is never retrieved."""
# stdout: 20
# stderr: .*Task exception was never retrieved.*NotFoundError.*

import asyncio

import upscope


async def main() -> None:
    async with upscope.AsyncClient() as client:
        found = await asyncio.gather(*(client.get_visitor("nobody") for _ in range(20)), return_exceptions=True)
        print(sum(isinstance(error, upscope.NotFoundError) for error in found))
        task = asyncio.ensure_future(client.get_visitor("nobody"))
        await asyncio.wait([task])


asyncio.run(main())
