"""Copies the same sessions to SQLite with `requests` and `sqlite3`, and with `upscope.history`, in alternating rounds.

    python bench/history.py [--sessions 20000] [--rounds 3]

A process of its own serves pages of 100 sessions. Prints, for each way, the sessions per second of wall time and of CPU
time and the peak memory, from the best round, and the ratio to `requests`. Each way runs in its own process.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PAGE = 100
COLUMNS = ["id", "visitor_id", "started_at", "ended_at", "length_seconds", "call_length_seconds", "formatted_length",
           "formatted_call_length", "went_live"]  # fmt: skip


def session_json(number: int) -> str:
    """A session of about 460 bytes."""
    day, hour, minute = number // 1440 % 28 + 1, number // 60 % 24, number % 60
    return json.dumps(
        {
            "id": f"s_{number}",
            "visitor_id": f"VISITOR{number % 977}",
            "started_at": f"2026-01-{day:02}T{hour:02}:{minute:02}:00.000Z",
            "ended_at": f"2026-01-{day:02}T{hour:02}:{minute:02}:59.000Z",
            "length_seconds": number % 3600,
            "call_length_seconds": 0,
            "formatted_length": "1 minute",
            "formatted_call_length": "-",
            "went_live": True,
            "features_used": ["click", "scroll"],
            "agents": [
                {"id": "u_2006", "name": "Joe Smith", "agent_identifier": "ext-123", "email": "joe@example.com"}
            ],
            "team": {"id": "t_1", "domain": "acme.example"},
            "metadata": {"ticket": f"T-{number}", "priority": number % 5, "vip": False},
        },
        separators=(",", ":"),
    )


def serve(listener: socket.socket, count: int) -> None:
    """Serves the pages, one connection at a time. The pages are made beforehand."""
    pages = []
    for first in range(0, count, PAGE):
        last = min(first + PAGE, count)
        sessions = ",".join(session_json(number) for number in range(first, last))
        more = "true" if last < count else "false"
        body = (
            f'{{"status":"ok","cobrowsing_sessions":[{sessions}],"has_more":{more},"last_id":"s_{last - 1}"}}'.encode()
        )
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        pages.append(head.encode() + body)
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        received = b""
        while True:
            while b"\r\n\r\n" not in received:
                part = connection.recv(65536)
                if not part:
                    break
                received += part
            if b"\r\n\r\n" not in received:
                break
            request, _, received = received.partition(b"\r\n\r\n")
            _, found, rest = request.partition(b"after_id=s_")
            number = int(rest.split(b" ")[0].split(b"&")[0]) // PAGE + 1 if found else 0
            connection.sendall(pages[number])
        connection.close()


def with_requests(url: str, file: str) -> int:
    """What people write."""
    import sqlite3

    import requests

    database = sqlite3.connect(file)
    names = [*COLUMNS, "features_used", "agents", "team", "metadata", "raw"]
    database.execute(f"CREATE TABLE sessions ({', '.join(names)}, PRIMARY KEY (id))")
    insert = f"INSERT OR REPLACE INTO sessions VALUES ({', '.join('?' * len(names))})"
    count, after = 0, None
    with requests.Session() as http:
        http.headers["X-Api-Key"] = "k"
        while True:
            answer = http.get(
                f"{url}/cobrowsing_sessions/list", params={"after_id": after} if after else {}, timeout=30
            )
            answer.raise_for_status()
            page: dict[str, Any] = answer.json()
            for session in page["cobrowsing_sessions"]:
                row = [session.get(name) for name in COLUMNS]
                row += [json.dumps(session.get(name)) for name in ("features_used", "agents", "team", "metadata")]
                row.append(json.dumps(session))
                database.execute(insert, row)
                count += 1
            database.commit()
            if not page["has_more"]:
                break
            after = page["last_id"]
    database.close()
    return count


def with_history(url: str, file: str) -> int:
    """`upscope.history`, to SQLite."""
    import upscope.history

    with upscope.Client("k", base_url=url, proxy="") as client:
        return upscope.history.sync(client, f"sqlite:{file}").added


def with_history_parquet(url: str, file: str) -> int:
    """`upscope.history`, to Parquet."""
    import upscope.history

    with upscope.Client("k", base_url=url, proxy="") as client:
        return upscope.history.sync(client, f"parquet:{file}").added


WAYS = {"requests + sqlite3": with_requests, "history, SQLite": with_history, "history, Parquet": with_history_parquet}


def measure(way: str, url: str, results: Any) -> None:
    """Runs in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu = time.perf_counter(), time.process_time()
        count = WAYS[way](url, str(Path(folder) / "sessions"))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    results.put((count, wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def main() -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ways", nargs="*", choices=sorted(WAYS), default=list(WAYS))
    options = parser.parse_args()
    # A new interpreter for each, so that the peak memory is its own.
    processes = multiprocessing.get_context("spawn")
    listener = socket.create_server(("127.0.0.1", 0), backlog=16)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1.3"
    server = processes.Process(target=serve, args=(listener, options.sessions), daemon=True)
    server.start()
    best: dict[str, tuple[float, float, float]] = {}
    for _ in range(options.rounds):
        for way in options.ways:
            results = processes.SimpleQueue()
            process = processes.Process(target=measure, args=(way, url, results))
            process.start()
            process.join()
            if process.exitcode != 0:
                return 1
            count, wall, cpu, memory = results.get()
            assert count == options.sessions
            before = best.get(way, (wall, cpu, memory))
            best[way] = min(before[0], wall), min(before[1], cpu), min(before[2], memory)
    server.terminate()
    first = best[options.ways[0]]
    print(f"{options.sessions:,} sessions, best of {options.rounds}")
    for way, (wall, cpu, memory) in best.items():
        print(
            f"{way:<20} {options.sessions / wall:>9,.0f} sessions/s ({first[0] / wall:.2f} x)"
            f"  {options.sessions / cpu:>9,.0f} per CPU second ({first[1] / cpu:.2f} x)  {memory:.0f} MB"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
