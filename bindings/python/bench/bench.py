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

# Carries a call out so many times.
Calls = Callable[[int], object]


def looped(once: Callable[[], object]) -> Calls:
    def calls(count: int) -> None:
        for _ in range(count):
            once()

    return calls


def use(call: str, answer: dict[str, Any]) -> object:
    """What a program does with it: three attributes of each session, or one part of the rest."""
    if call == "list_sessions":
        return [(s["id"], s["visitor_id"], s["length_seconds"]) for s in answer["cobrowsing_sessions"]]
    return answer[{"get_usage": "usage", "get_visitor": "visitor", "create_watch_url": "watch_url"}[call]]


def use_object(call: str, answer: Any) -> object:
    """The same, of the package's objects."""
    if call == "list_sessions":
        return [(s.id, s.visitor_id, s.length_seconds) for s in answer]
    return getattr(answer, {"get_usage": "visitors", "get_visitor": "name", "create_watch_url": "watch_url"}[call])


def arguments(call: str) -> tuple[list[Any], dict[str, Any]]:
    if call in ("get_visitor", "create_watch_url"):
        return ["VISITOR42"], BODY if call == "create_watch_url" else {}
    return [], {}


def by_raw_socket(port: int, call: str, parse: bool) -> Calls:
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
        return use(call, json.loads(body)) if parse else body

    return looped(once)


def by_upscope(port: int, call: str) -> Calls:
    client = upscope.Client(KEY, base_url=f"http://127.0.0.1:{port}/v1.3", proxy="")
    method = getattr(client, call)
    positional, named = arguments(call)
    return looped(lambda: use_object(call, method(*positional, **named)))


def by_upscope_async(port: int, call: str, loop: asyncio.AbstractEventLoop) -> Calls:
    client = upscope.AsyncClient(KEY, base_url=f"http://127.0.0.1:{port}/v1.3", proxy="")
    method = getattr(client, call)
    positional, named = arguments(call)

    async def calls(count: int) -> None:
        for _ in range(count):
            use_object(call, await method(*positional, **named))

    return lambda count: loop.run_until_complete(calls(count))


def by_requests(url: str, call: str) -> Calls:
    session = importlib.import_module("requests").Session()
    session.trust_env = False
    if call == "create_watch_url":
        return looped(lambda: use(call, session.post(url, headers=HEADERS, json=BODY).json()))
    return looped(lambda: use(call, session.get(url, headers=HEADERS).json()))


def by_httpx(url: str, call: str) -> Calls:
    client = importlib.import_module("httpx").Client(trust_env=False)
    if call == "create_watch_url":
        return looped(lambda: use(call, client.post(url, headers=HEADERS, json=BODY).json()))
    return looped(lambda: use(call, client.get(url, headers=HEADERS).json()))


def by_urllib3(url: str, call: str) -> Calls:
    pool = importlib.import_module("urllib3").PoolManager()
    if call == "create_watch_url":
        return looped(lambda: use(call, pool.request("POST", url, headers=HEADERS, json=BODY).json()))
    return looped(lambda: use(call, pool.request("GET", url, headers=HEADERS).json()))


def by_aiohttp(url: str, call: str, loop: asyncio.AbstractEventLoop, at_end: ExitStack) -> Calls:
    module = importlib.import_module("aiohttp")

    async def opened() -> Any:
        return module.ClientSession(headers=HEADERS)

    session = loop.run_until_complete(opened())
    at_end.callback(lambda: loop.run_until_complete(session.close()))

    async def calls(count: int) -> None:
        for _ in range(count):
            sent = session.post(url, json=BODY) if call == "create_watch_url" else session.get(url)
            async with sent as answer:
                use(call, await answer.json())

    return lambda count: loop.run_until_complete(calls(count))


def by_pycurl(url: str, call: str, loads: Callable[[bytes], Any]) -> Calls:
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
        return use(call, loads(body.getvalue()))

    return looped(once)


def clients(port: int, call: str, loop: asyncio.AbstractEventLoop, at_end: ExitStack) -> list[tuple[str, Calls]]:
    url = f"http://127.0.0.1:{port}/v1.3{PATHS[call]}"
    return [
        ("raw", by_raw_socket(port, call, parse=False)),
        ("raw+json", by_raw_socket(port, call, parse=True)),
        ("upscope", by_upscope(port, call)),
        ("upscope_async", by_upscope_async(port, call, loop)),
        ("pycurl+json", by_pycurl(url, call, json.loads)),
        ("pycurl+orjson", by_pycurl(url, call, importlib.import_module("orjson").loads)),
        ("requests", by_requests(url, call)),
        ("httpx", by_httpx(url, call)),
        ("urllib3", by_urllib3(url, call)),
        ("aiohttp", by_aiohttp(url, call, loop, at_end)),
    ]


def say(call: str, client: str, number: int, cpu: float, wall: float, system: float) -> None:
    print(call, client, number, round(cpu), round(wall), round(system), flush=True)


def system_seconds() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_stime


def slice_of(call: str, client: str, number: int, calls: Calls, repeats: int) -> None:
    calls(3)
    system, wall, cpu = system_seconds(), time.perf_counter_ns(), time.process_time_ns()
    calls(repeats)
    cpu = time.process_time_ns() - cpu
    wall = time.perf_counter_ns() - wall
    system = (system_seconds() - system) * 1e9
    say(call, client, number, cpu / repeats, wall / repeats, system / repeats)


def four_calls(port: int, rounds: int) -> None:
    loop = asyncio.new_event_loop()
    for call, repeats in REPEATS.items():
        with ExitStack() as at_end:
            each = clients(port, call, loop, at_end)
            for number in range(rounds):
                # Each client comes first equally often.
                for turn in range(len(each)):
                    name, calls = each[(turn + number) % len(each)]
                    slice_of(call, name, number, calls, repeats)


def imports(rounds: int) -> None:
    """CPU and wall time of an interpreter that does nothing but import."""
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
                say("import", name, number, (used.ru_utime + used.ru_stime) * 1e9, wall, used.ru_stime * 1e9)


def waiting(port: int, rounds: int) -> None:
    """Threads that wait for the service do so beside each other."""
    calls_of_each = 20
    with upscope.Client(KEY, base_url=f"http://127.0.0.1:{port}/pages-1-5000", proxy="") as client:
        for number in range(rounds):
            for threads in (1, 8):
                wall, cpu = time.perf_counter_ns(), time.process_time_ns()
                workers = [
                    threading.Thread(target=looped(client.list_sessions), args=[calls_of_each]) for _ in range(threads)
                ]
                for worker in workers:
                    worker.start()
                for worker in workers:
                    worker.join()
                wall, cpu = time.perf_counter_ns() - wall, time.process_time_ns() - cpu
                count = calls_of_each * threads
                say(f"waiting_{threads}", "upscope", number, cpu / count, wall / count, 0)


def main() -> None:
    port, rounds = int(sys.argv[1]), int(sys.argv[2])
    four_calls(port, rounds)
    imports(rounds)
    waiting(port, max(3, rounds // 5))


if __name__ == "__main__":
    main()
