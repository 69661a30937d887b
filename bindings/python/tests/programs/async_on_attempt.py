"""Async calls with an observer, headers and a log handler are in flight when the program ends."""
# status: 4
# stdout: 30 calls, 3 sessions

import asyncio
import logging
import os
import sys

import upscope

logging.getLogger("upscope").addHandler(logging.FileHandler(os.devnull))
logging.getLogger("upscope").setLevel(logging.DEBUG)
attempts = []
client = upscope.AsyncClient(on_attempt=attempts.append, default_headers=lambda: {"x-request": str(len(attempts))})
slow_client = upscope.AsyncClient(
    base_url=os.environ["SLOW_URL"], on_attempt=attempts.append, default_headers=lambda: {"x-request": "slow"}
)


async def main() -> None:
    await asyncio.gather(*(client.get_usage() for _ in range(30)))
    count = len(attempts)
    sessions = client.iter_sessions()
    ids = [(await sessions.__anext__()).id for _ in range(3)]
    print(count, "calls,", len(ids), "sessions", flush=True)
    pending = [asyncio.ensure_future(slow_client.get_usage()) for _ in range(20)]
    await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    sys.exit(4)


asyncio.run(main())
