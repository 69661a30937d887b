import asyncio

import upscope

REASON = "She asked for it."

with upscope.Client() as client:
    visitor = client.rename_visitor("1234", name="Ann Lee", renamer={"id": "7"}, reason=REASON)
    assert isinstance(visitor, upscope.Visitor)
    print(visitor.name)
assert asyncio.iscoroutinefunction(upscope.AsyncClient.rename_visitor)
