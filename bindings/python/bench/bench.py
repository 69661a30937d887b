"""Makes the four calls with each Python client, in interleaved rounds: `python bench.py PORT ROUNDS`.

Prints a line for each slice: call, client, round, and the CPU time of all threads, wall time and system time of one
call in nanoseconds. There are also lines for `import`, for a whole interpreter, and for `waiting_1` and `waiting_8`:
calls that take the service 5 ms, from 1 and 8 threads on one client. The service on PORT is `bench/c/server.c`.
"""

from __future__ import annotations

import asyncio
import importlib
import io
import json
import os
import resource
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import upscope

KEY = "bench-key"
HEADERS = {"X-Api-Key": KEY, "Accept": "application/json"}
BODY = {"agent": {"id": "7", "name": "Joe Smith"}, "branding": {"naked": True}, "metadata": {"ticket": 4711}}
PATHS = {
    "get_usage": "/usage",
    "get_visitor": "/visitors/VISITOR42",
    "create_watch_url": "/visitors/VISITOR42/watch_url",
    "list_sessions": "/cobrowsing_sessions/list",
}
REPEATS = {"get_usage": 100, "get_visitor": 100, "create_watch_url": 100, "list_sessions": 25}
PEERS = ("requests", "httpx", "urllib3", "aiohttp", "pycurl")

Calls = Callable[[int], object]
"""Makes a call the given number of times."""


def repeated(once: Callable[[], object]) -> Calls:
    def calls(count: int) -> None:
        for _ in range(count):
            once()

    return calls


def read(call: str, response: dict[str, Any]) -> object:
    """Reads three attributes of each session, or one attribute of another response."""
    if call == "list_sessions":
        return [(s["id"], s["visitor_id"], s["length_seconds"]) for s in response["cobrowsing_sessions"]]
    return response[{"get_usage": "usage", "get_visitor": "visitor", "create_watch_url": "watch_url"}[call]]


def read_object(call: str, response: Any) -> object:
    """Reads the same attributes from the objects of this package."""
    if call == "list_sessions":
        return [(s.id, s.visitor_id, s.length_seconds) for s in response]
    return getattr(response, {"get_usage": "visitors", "get_visitor": "name", "create_watch_url": "watch_url"}[call])


def arguments(call: str) -> tuple[list[Any], dict[str, Any]]:
    if call in ("get_visitor", "create_watch_url"):
        return ["VISITOR42"], BODY if call == "create_watch_url" else {}
    return [], {}


def raw_socket_calls(port: int, call: str, parse: bool) -> Calls:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    body = json.dumps(BODY) if call == "create_watch_url" else ""
    length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    request = (
        f"{'POST' if body else 'GET'} /v1.3{PATHS[call]} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Api-Key: {KEY}\r\n"
        f"Accept: application/json\r\n{length}\r\n{body}"
    ).encode()

    def once() -> object:
        connection.sendall(request)
        received = connection.recv(131072)
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += connection.recv(131072)
        return read(call, json.loads(body)) if parse else body

    return repeated(once)


def upscope_calls(port: int, call: str) -> Calls:
    client = upscope.Client(KEY, base_url=f"http://127.0.0.1:{port}/v1.3", proxy="")
    method = getattr(client, call)
    args, kwargs = arguments(call)
    return repeated(lambda: read_object(call, method(*args, **kwargs)))


def upscope_async_calls(port: int, call: str, loop: asyncio.AbstractEventLoop) -> Calls:
    client = upscope.AsyncClient(KEY, base_url=f"http://127.0.0.1:{port}/v1.3", proxy="")
    method = getattr(client, call)
    args, kwargs = arguments(call)

    async def calls(count: int) -> None:
        for _ in range(count):
            read_object(call, await method(*args, **kwargs))

    return lambda count: loop.run_until_complete(calls(count))


def requests_calls(url: str, call: str) -> Calls:
    session = importlib.import_module("requests").Session()
    session.trust_env = False
    if call == "create_watch_url":
        return repeated(lambda: read(call, session.post(url, headers=HEADERS, json=BODY).json()))
    return repeated(lambda: read(call, session.get(url, headers=HEADERS).json()))


def httpx_calls(url: str, call: str) -> Calls:
    client = importlib.import_module("httpx").Client(trust_env=False)
    if call == "create_watch_url":
        return repeated(lambda: read(call, client.post(url, headers=HEADERS, json=BODY).json()))
    return repeated(lambda: read(call, client.get(url, headers=HEADERS).json()))


def urllib3_calls(url: str, call: str) -> Calls:
    pool = importlib.import_module("urllib3").PoolManager()
    if call == "create_watch_url":
        return repeated(lambda: read(call, pool.request("POST", url, headers=HEADERS, json=BODY).json()))
    return repeated(lambda: read(call, pool.request("GET", url, headers=HEADERS).json()))


def aiohttp_calls(url: str, call: str, loop: asyncio.AbstractEventLoop, exit_stack: ExitStack) -> Calls:
    module = importlib.import_module("aiohttp")

    async def open_session() -> Any:
        return module.ClientSession(headers=HEADERS)

    session = loop.run_until_complete(open_session())
    exit_stack.callback(lambda: loop.run_until_complete(session.close()))

    async def calls(count: int) -> None:
        for _ in range(count):
            request = session.post(url, json=BODY) if call == "create_watch_url" else session.get(url)
            async with request as response:
                read(call, await response.json())

    return lambda count: loop.run_until_complete(calls(count))


def pycurl_calls(url: str, call: str, loads: Callable[[bytes], Any]) -> Calls:
    module = importlib.import_module("pycurl")
    curl = module.Curl()
    curl.setopt(module.URL, url)
    curl.setopt(module.PROXY, "")
    headers = [f"{name}: {value}" for name, value in HEADERS.items()]
    if call == "create_watch_url":
        headers.append("Content-Type: application/json")
    curl.setopt(module.HTTPHEADER, headers)

    def once() -> object:
        if call == "create_watch_url":
            curl.setopt(module.POSTFIELDS, json.dumps(BODY))
        body = io.BytesIO()
        curl.setopt(module.WRITEDATA, body)
        curl.perform()
        return read(call, loads(body.getvalue()))

    return repeated(once)


def all_clients(
    port: int, call: str, loop: asyncio.AbstractEventLoop, exit_stack: ExitStack
) -> list[tuple[str, Calls]]:
    url = f"http://127.0.0.1:{port}/v1.3{PATHS[call]}"
    return [
        ("raw", raw_socket_calls(port, call, parse=False)),
        ("raw+json", raw_socket_calls(port, call, parse=True)),
        ("upscope", upscope_calls(port, call)),
        ("upscope_async", upscope_async_calls(port, call, loop)),
        ("pycurl+json", pycurl_calls(url, call, json.loads)),
        ("pycurl+orjson", pycurl_calls(url, call, importlib.import_module("orjson").loads)),
        ("requests", requests_calls(url, call)),
        ("httpx", httpx_calls(url, call)),
        ("urllib3", urllib3_calls(url, call)),
        ("aiohttp", aiohttp_calls(url, call, loop, exit_stack)),
    ]


def print_result(call: str, client: str, number: int, cpu: float, wall: float, system: float) -> None:
    print(call, client, number, round(cpu), round(wall), round(system), flush=True)


def system_seconds() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_stime


def measure(call: str, client: str, number: int, calls: Calls, repeats: int) -> None:
    calls(3)
    system, wall, cpu = system_seconds(), time.perf_counter_ns(), time.process_time_ns()
    calls(repeats)
    cpu = time.process_time_ns() - cpu
    wall = time.perf_counter_ns() - wall
    system = (system_seconds() - system) * 1e9
    print_result(call, client, number, cpu / repeats, wall / repeats, system / repeats)


def measure_calls(port: int, rounds: int) -> None:
    loop = asyncio.new_event_loop()
    for call, repeats in REPEATS.items():
        with ExitStack() as exit_stack:
            each = all_clients(port, call, loop, exit_stack)
            for number in range(rounds):
                # Each client is first equally often.
                for position in range(len(each)):
                    name, calls = each[(position + number) % len(each)]
                    measure(call, name, number, calls, repeats)


def measure_imports(rounds: int) -> None:
    """Measures the CPU and wall time of an interpreter that only imports a package."""
    codes = {"bare": "pass", "upscope": "import upscope"} | {name: f"import {name}" for name in PEERS}
    for number in range(-1, rounds):
        for name, code in codes.items():
            wall = time.perf_counter_ns()
            child = os.posix_spawn(sys.executable, [sys.executable, "-c", code], dict(os.environ))
            _, status, used = os.wait4(child, 0)
            wall = time.perf_counter_ns() - wall
            if status != 0:
                raise SystemExit(f"bench.py: {name} cannot be imported")
            # The first round only warms the caches.
            if number >= 0:
                print_result("import", name, number, (used.ru_utime + used.ru_stime) * 1e9, wall, used.ru_stime * 1e9)


def measure_waiting_calls(port: int, rounds: int) -> None:
    """Measures threads that wait for the service at the same time."""
    calls_per_thread = 20
    with upscope.Client(KEY, base_url=f"http://127.0.0.1:{port}/pages-1-5000", proxy="") as client:
        for number in range(rounds):
            for threads in (1, 8):
                wall, cpu = time.perf_counter_ns(), time.process_time_ns()
                workers = [
                    threading.Thread(target=repeated(client.list_sessions), args=[calls_per_thread])
                    for _ in range(threads)
                ]
                for worker in workers:
                    worker.start()
                for worker in workers:
                    worker.join()
                wall, cpu = time.perf_counter_ns() - wall, time.process_time_ns() - cpu
                count = calls_per_thread * threads
                print_result(f"waiting_{threads}", "upscope", number, cpu / count, wall / count, 0)


def main() -> None:
    port, rounds = int(sys.argv[1]), int(sys.argv[2])
    measure_calls(port, rounds)
    measure_imports(rounds)
    measure_waiting_calls(port, max(3, rounds // 5))


if __name__ == "__main__":
    main()
