"""Uses the first response and cancels the other calls."""
# stdout: True

import asyncio
import os

import upscope


async def main() -> None:
    async with upscope.AsyncClient(base_url=os.environ["SLOW_URL"]) as client:
        tasks = [asyncio.ensure_future(client.get_usage()) for _ in range(8)]
        done, others = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in others:
            task.cancel()
        print(len(done) > 0)


asyncio.run(main())
