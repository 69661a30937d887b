"""What the package costs, beside other ways to do the same: `python bench.py [--check]`.

Times are CPU time of this process, user and system; the server is another process. With --check the exit code is 1
when a target is missed.
"""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import upscope

USAGE = {
    "status": "ok",
    "usage": {
        "agents": {"last_30_days": 10, "today": 0},
        "session_counts": {"last_30_days": 20, "now": 0, "today": 0},
        "session_seconds": {"last_30_days": 5000, "today": 0},
        "visitors": {"last_24_hrs": 50000, "online_now": 400},
    },
}


def session(number: int) -> dict[str, Any]:
    return {
        "id": f"s_{number}",
        "visitor_id": f"VISITOR{number}",
        "started_at": "2026-03-16T15:25:59.000Z",
        "ended_at": "2026-03-16T15:45:59.000+01:00",
        "length_seconds": 1200 + number,
        "call_length_seconds": 0,
        "formatted_length": "20 minutes",
        "formatted_call_length": "-",
        "went_live": True,
        "features_used": ["draw", "click", "scroll"],
        "agents": [{"id": "u_1", "name": "Joe Smith", "agent_identifier": "ext-123", "email": "joe@example.com"}],
        "team": {"id": "t_1", "domain": "example.com"},
        "metadata": {"ticket": number, "tier": "gold", "vip": False},
    }


SESSIONS = {
    "status": "ok",
    "cobrowsing_sessions": [session(number) for number in range(100)],
    "has_more": False,
    "last_id": "s_99",
}


@contextmanager
def served(body: Any, delay_ms: float = 0) -> Iterator[int]:
    """The port of a server that answers with this."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "body.json"
        file.write_text(json.dumps(body))
        command = [sys.executable, str(Path(__file__).parent / "server.py"), str(file), str(delay_ms)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdin is not None
            yield int(process.stdout.readline())
            process.stdin.close()
            process.terminate()


def cost(use: Callable[[], object], count: int) -> float:
    """Microseconds of CPU for one, the best of several rounds."""
    for _ in range(20):
        use()
    best = float("inf")
    for _ in range(7):
        began = time.process_time()
        for _ in range(count):
            use()
        best = min(best, (time.process_time() - began) / count)
    return best * 1e6


def compared(ways: dict[str, Callable[[], object]], count: int) -> dict[str, float]:
    return {name: cost(use, count) for name, use in ways.items()}


def import_cost() -> float:
    """Milliseconds of CPU that the import adds to a bare interpreter."""

    def used() -> float:
        times = os.times()
        return times.children_user + times.children_system

    def once(code: str) -> float:
        # Clock ticks are long: many starts for one measurement.
        began = used()
        for _ in range(10):
            subprocess.run([sys.executable, "-c", code], check=True)
        return (used() - began) / 10

    once("import upscope")
    bare, loaded = [], []
    for _ in range(7):
        bare.append(once("pass"))
        loaded.append(once("import upscope"))
    return (min(loaded) - min(bare)) * 1e3


def raw_caller(port: int) -> Callable[[], object]:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    head = f"GET /v1.3/usage HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Api-Key: k\r\nAccept: application/json\r\n\r\n"
    request = head.encode()

    def call() -> object:
        connection.sendall(request)
        received = connection.recv(65536)
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += connection.recv(65536)
        return json.loads(body)

    return call


def usage_ways(port: int) -> dict[str, Callable[[], object]]:
    client = upscope.Client("k", base_url=f"http://127.0.0.1:{port}/v1.3", proxy="")
    return {"raw socket": raw_caller(port), "upscope": lambda: client.get_usage().visitors, **other_ways(port, "usage")}


def session_ways(port: int) -> dict[str, Callable[[], object]]:
    client = upscope.Client("k", base_url=f"http://127.0.0.1:{port}/v1.3", proxy="")

    def typed() -> object:
        return [(s.id, s.visitor_id, s.length_seconds) for s in client.list_sessions()]

    def plain(get: Callable[[], Any]) -> Callable[[], object]:
        return lambda: [(s["id"], s["visitor_id"], s["length_seconds"]) for s in get()["cobrowsing_sessions"]]

    others = {name: plain(get) for name, get in other_ways(port, "cobrowsing_sessions/list").items()}
    return {"upscope": typed, **others}


def other_ways(port: int, path: str) -> dict[str, Callable[[], Any]]:
    """The same request by what people use otherwise, as far as it is installed."""
    url = f"http://127.0.0.1:{port}/v1.3/{path}"
    ways: dict[str, Callable[[], Any]] = {}
    try:
        import pycurl

        curl = pycurl.Curl()
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.HTTPHEADER, ["X-Api-Key: k", "Accept: application/json"])

        def by_curl() -> Any:
            body = io.BytesIO()
            curl.setopt(pycurl.WRITEDATA, body)
            curl.perform()
            return json.loads(body.getvalue())

        ways["pycurl + json"] = by_curl
    except ImportError:
        pass
    try:
        import requests

        opened = requests.Session()
        opened.trust_env = False
        ways["requests"] = lambda: opened.get(url, headers={"X-Api-Key": "k"}).json()
    except ImportError:
        pass
    try:
        import httpx

        http = httpx.Client(trust_env=False)
        ways["httpx"] = lambda: http.get(url, headers={"X-Api-Key": "k"}).json()
    except ImportError:
        pass
    return ways


def calls_per_second(client: upscope.Client, threads: int) -> float:
    """With so many threads on one client."""

    def work() -> None:
        for _ in range(100):
            client.get_usage()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return threads * 100 / (time.perf_counter() - began)


class Report:
    """Prints lines, and remembers a missed target."""

    def __init__(self) -> None:
        self.missed = False

    def line(self, what: str, value: str, target: str = "", met: bool = True) -> None:
        verdict = "" if not target else f"target {target}: {'met' if met else 'MISSED'}"
        print(f"{what:<44} {value:>14}   {verdict}".rstrip(), flush=True)
        self.missed |= not met

    def ways(self, what: str, costs: dict[str, float], against: str, most: float) -> None:
        ours = costs["upscope"]
        for name, micros in costs.items():
            beside = f"{ours / micros:.2f} x" if name != "upscope" else ""
            self.line(f"{what}, {name}", f"{micros:.1f} us  {beside}")
        if against in costs:
            factor = ours / costs[against]
            self.line(f"{what}: upscope / {against}", f"{factor:.2f}", f"<= {most}", factor <= most)


def main() -> int:
    report = Report()
    added = import_cost()
    report.line("import upscope, over a bare interpreter", f"{added:.2f} ms", "<= 5 ms", added <= 5)
    with served(USAGE) as port:
        report.ways("get_usage", compared(usage_ways(port), 2000), "raw socket", 1.8)
    with served(SESSIONS) as port:
        report.ways("100 sessions x 3", compared(session_ways(port), 300), "pycurl + json", 0.6)
    with (
        served(USAGE, delay_ms=5) as port,
        upscope.Client("k", base_url=f"http://127.0.0.1:{port}", proxy="") as client,
    ):
        one, eight = calls_per_second(client, 1), calls_per_second(client, 8)
        report.line("calls a second, 1 thread (service takes 5 ms)", f"{one:.0f}")
        report.line("calls a second, 8 threads on one client", f"{eight:.0f}", ">= 6 x", eight >= 6 * one)
    return 1 if report.missed and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
