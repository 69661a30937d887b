"""Measures the sandbox: its answers per second with wrk, how fast it starts, and its memory.

The sandbox and wrk share the machine's cores, as a test and its sandbox do.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time
import urllib.parse

# Name: path below the base URL and number of connections.
LOADS = {
    "list_16": ("/list", 16),
    "list_200": ("/list", 200),
    "usage_16": ("/usage", 16),
}
# Searches that no index answers, among 100,000 visitors: one without a match, and one with a typo.
WORDS = ("zzzzzzzz", "schmidz+kierkegart")
MANY = ("--visitors", "100000", "--sessions", "100000")
MILLISECONDS = {"us": 0.001, "ms": 1, "s": 1000}


@contextlib.contextmanager
def sandbox(program, *options):
    """Runs a sandbox. Gives its process, the line that it printed and when it was started."""
    started = time.perf_counter()
    with subprocess.Popen([program, *options, "--exit-with-stdin"], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        try:
            yield process, json.loads(process.stdout.readline()), started
        finally:
            process.stdin.close()
            process.wait(30)


def fetch(connection, line, path):
    """The milliseconds of one request."""
    started = time.perf_counter()
    connection.request("GET", urllib.parse.urlsplit(line["base_url"]).path + path,
                       headers={"X-Api-Key": line["api_key"]})
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        raise SystemExit(f"bench: the sandbox answered {path} with {response.status}")
    return (time.perf_counter() - started) * 1000


def connect(line):
    return http.client.HTTPConnection(urllib.parse.urlsplit(line["base_url"]).netloc, timeout=60)


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return round(int(re.search(r"VmHWM:\s*(\d+)", status)[1]) / 1024, 1)


def load(program, path, connections, seconds):
    with sandbox(program) as (process, line, _):
        before = cpu_seconds(process)
        text = subprocess.run(
            ["wrk", "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--latency", "-H",
             f"X-Api-Key: {line['api_key']}", line["base_url"] + path],
            stdout=subprocess.PIPE, text=True, check=True, timeout=seconds + 60).stdout
        cpu = cpu_seconds(process) - before
    if re.search("Socket errors|Non-2xx", text):
        raise SystemExit(f"bench: wrk met errors at {path}:\n{text}")
    number, unit = re.search(r"^\s*99%\s+([\d.]+)(us|ms|s)$", text, re.M).groups()
    return {
        "per_second": float(re.search(r"^Requests/sec:\s+([\d.]+)", text, re.M)[1]),
        "p99_ms": round(float(number) * MILLISECONDS[unit], 2),
        "cpu_us": round(cpu * 1e6 / int(re.search(r"(\d+) requests in", text)[1]), 1),
    }


def first_answer(program):
    """Milliseconds from the start of the process to the end of the first response."""
    with sandbox(program) as (_, line, started):
        fetch(connect(line), line, "/usage")
        return (time.perf_counter() - started) * 1000


def many(program):
    """100,000 visitors and 100,000 sessions."""
    with sandbox(program, *MANY) as (process, line, started):
        start_ms = (time.perf_counter() - started) * 1000
        start_cpu_ms = cpu_seconds(process) * 1000
        connection = connect(line)
        for path in ("/usage", "/list"):
            fetch(connection, line, path)
        words_ms = max(fetch(connection, line, f"/list?search={words}") for words in WORDS for _ in range(3))
        usage_ms = statistics.median(fetch(connection, line, "/usage") for _ in range(50))
        return {"start_ms": round(start_ms), "start_cpu_ms": round(start_cpu_ms), "memory_mb": peak_mb(process),
                "words_ms": round(words_ms, 1), "usage_ms": round(usage_ms, 2)}


def measure(program, quick):
    """{figure: value}. Without wrk, the figures that need it are left out."""
    starts = [first_answer(program) for _ in range(5 if quick else 21)]
    result = {"first_answer_ms": round(statistics.median(starts), 2), "many": many(program)}
    for name, (path, connections) in LOADS.items():
        if shutil.which("wrk") is None:
            print(f"bench: sandbox, {path} with {connections} connections: skipped, wrk is not installed "
                  "(Debian package wrk)", file=sys.stderr)
            continue
        result[name] = load(program, path, connections, 3 if quick else 10)
    return result
