"""Executes the conformance vectors (see tests/vectors/README.md).

Reads lines `operation TAB configuration TAB request`, and writes lines `status TAB text`. With `--async` it uses the
asyncio client.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import upscope

DONE = 100
ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def keyword_arguments(config: str) -> dict[str, Any]:
    """Converts a configuration of the C library to keyword arguments."""
    arguments: dict[str, Any] = json.loads(config)
    for name in ("timeout", "connect_timeout"):
        if f"{name}_ms" in arguments:
            arguments[name] = arguments.pop(f"{name}_ms") / 1000
    return arguments


# The codes of errors, in the order of their numbers in C.
STATUSES = [
    "ok",
    "invalid_argument",
    "unauthorized",
    "payment_required",
    "not_found",
    "conflict",
    "rate_limited",
    "server_error",
    "http_error",
    "timeout",
    "connection",
    "bad_response",
    "cancelled",
    "internal",
]


def error_object(error: upscope.UpscopeError) -> str:
    keys = "code message operation http_status api_error api_message request_id attempts"
    keys += " retryable retry_after_ms may_have_applied"
    # The number of the code is for C alone.
    status = {"status": STATUSES.index(error.code)}
    return json.dumps({"error": {**status, **{key: getattr(error, key) for key in keys.split()}}})


def execute_blocking(operation: str, config: str, request: str) -> tuple[int, str]:
    with upscope.Client(**keyword_arguments(config)) as client:
        if operation != "@pages":
            return 0, client._call_json(operation, request)
        pages = client._native.pages(json.loads(request))
        results = []
        while (page := pages.next_page()) is not None:
            results.append(page.to_json())
        return DONE, f"[{','.join(results)}]"


async def execute_async(operation: str, config: str, request: str) -> tuple[int, str]:
    from upscope._async_calls import result_of

    async with upscope.AsyncClient(**keyword_arguments(config)) as client:
        if operation != "@pages":
            return 0, await client._call_json(operation, request)
        pages = client._native.pages(json.loads(request))
        results = []
        while (page := await result_of(pages.start_next)) is not None:
            results.append(page.to_json())
        return DONE, f"[{','.join(results)}]"


def execute(operation: str, config: str, request: str) -> tuple[int, str]:
    try:
        if operation == "@parse_webhook":
            return 0, upscope.parse_webhook(request).to_json()
        if "--async" in sys.argv:
            return asyncio.run(execute_async(operation, config, request))
        return execute_blocking(operation, config, request)
    except upscope.UpscopeError as error:
        return STATUSES.index(error.code), error_object(error)


def main() -> None:
    for line in sys.stdin.buffer:
        operation, config, request = line.decode().rstrip("\n").split("\t", 2)
        status, text = execute(operation, config, request)
        escaped = "".join(ESCAPES.get(letter, letter) for letter in text)
        sys.stdout.buffer.write(f"{status}\t{escaped}\n".encode())
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
