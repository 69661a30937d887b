"""An exit function that was registered before the package was imported awaits calls."""
# stdout: 5

import asyncio
import atexit


async def report() -> None:
    async with upscope.AsyncClient() as client:
        print(len(await asyncio.gather(*(client.get_usage() for _ in range(5)))))


@atexit.register
def finish() -> None:
    asyncio.run(report())


import upscope  # noqa: E402

asyncio.run(asyncio.sleep(0))
