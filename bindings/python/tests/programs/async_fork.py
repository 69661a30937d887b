"""Forks while an event loop in a thread has calls under way; the children await calls of their own."""
# stdout: \[0, 0\]

import asyncio
import os
import sys
import threading

import upscope

client = upscope.AsyncClient()


async def use() -> None:
    await asyncio.gather(*(client.get_usage() for _ in range(6)))


async def forever() -> None:
    while True:
        await use()


threading.Thread(target=asyncio.run, args=(forever(),), daemon=True).start()
asyncio.run(use())
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        asyncio.run(use())
        sys.exit(0)
    children.append(child)
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
