"""Carries out the conformance vectors (tests/vectors/README.md): lines `operation TAB configuration TAB request` in,
`status TAB text` out. With --async through the client for asyncio."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import upscope

DONE = 100
ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def settings(config: str) -> dict[str, Any]:
    """Keyword arguments from a configuration as in C."""
    given: dict[str, Any] = json.loads(config)
    for name in ("timeout", "connect_timeout"):
        if f"{name}_ms" in given:
            given[name] = given.pop(f"{name}_ms") / 1000
    return given


def error_object(error: upscope.UpscopeError) -> str:
    keys = "code status message operation http_status api_error api_message request_id attempts"
    keys += " retryable retry_after_ms may_have_applied"
    return json.dumps({"error": {key: getattr(error, key) for key in keys.split()}})


def blocking(operation: str, config: str, request: str) -> tuple[int, str]:
    with upscope.Client(**settings(config)) as client:
        if operation != "@pages":
            return 0, client._call_json(operation, request)
        pages = client._native.pages(json.loads(request))
        found = []
        while (page := pages.next_page()) is not None:
            found.append(page.to_json())
        return DONE, f"[{','.join(found)}]"


async def waiting(operation: str, config: str, request: str) -> tuple[int, str]:
    from upscope._sessions import _fetch

    async with upscope.AsyncClient(**settings(config)) as client:
        if operation != "@pages":
            return 0, await client._call_json(operation, request)
        pages = client._native.pages(json.loads(request))
        found = []
        while (page := await _fetch(pages)) is not None:
            found.append(page.to_json())
        return DONE, f"[{','.join(found)}]"


def carried_out(operation: str, config: str, request: str) -> tuple[int, str]:
    try:
        if operation == "@parse_webhook":
            return 0, upscope.parse_webhook(request).to_json()
        if "--async" in sys.argv:
            return asyncio.run(waiting(operation, config, request))
        return blocking(operation, config, request)
    except upscope.UpscopeError as error:
        return error.status, error_object(error)


def main() -> None:
    for line in sys.stdin.buffer:
        operation, config, request = line.decode().rstrip("\n").split("\t", 2)
        status, text = carried_out(operation, config, request)
        escaped = "".join(ESCAPES.get(letter, letter) for letter in text)
        sys.stdout.buffer.write(f"{status}\t{escaped}\n".encode())
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
