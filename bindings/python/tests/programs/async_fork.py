"""Forks while an event loop in a thread makes calls. The children await calls too."""
# stdout: \[0, 0\]

import asyncio
import os
import sys
import threading

import upscope

client = upscope.AsyncClient()


async def make_calls() -> None:
    await asyncio.gather(*(client.get_usage() for _ in range(6)))


async def call_repeatedly() -> None:
    while True:
        await make_calls()


threading.Thread(target=asyncio.run, args=(call_repeatedly(),), daemon=True).start()
asyncio.run(make_calls())
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        asyncio.run(make_calls())
        sys.exit(0)
    children.append(child)
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
