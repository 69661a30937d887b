"""Ends while a call waits for a response that never arrives."""

import asyncio
import os

import upscope


async def main() -> None:
    client = upscope.AsyncClient(base_url=os.environ["SILENT_URL"])
    call = asyncio.ensure_future(client.get_usage())
    await asyncio.sleep(0.01)
    assert not call.done()


asyncio.run(main())
