#!/usr/bin/env python3
"""Runs the programs of docs/daemons.md: results, and SIGTERM while the service does not respond.

Usage, within scripts/with-sandbox: daemon_guide.py PROGRAM...
"""

import os
import pathlib
import signal
import subprocess
import sys
import time

from sandbox_control import check, control_request, failures

# Far less than the deadline of a call, which is 30 s. The guide says 0.1 s, which a busy computer may exceed.
SHUTDOWN_SECONDS = 1.0
VISITORS = [f"V{number}" for number in range(6)]


def prepare(faults):
    control_request("/reset", {})
    for visitor in VISITORS:
        control_request("/visitors", {"short_id": visitor})
    control_request("/faults", faults)


def wait_for_requests(count):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if len(control_request("/requests")["requests"]) >= count:
            return
    check(False, f"fewer than {count} requests arrived")


def run(program):
    """Returns how long the shutdown took."""
    name = pathlib.Path(program).name
    prepare([])
    arguments = [program, *VISITORS, "nobody", ""]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=30)
    wanted = sorted([f"{visitor}: ok" for visitor in VISITORS] + ["nobody: not_found", ": invalid_argument"])
    check(done.returncode == 0 and sorted(done.stdout.splitlines()) == wanted, f"{name}: {done}")
    environment = os.environ | {"UPSCOPE_API_KEY": ""}
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=30, env=environment)
    check(done.returncode == 1 and "api_key" in done.stderr, f"{name} without a key: {done}")

    prepare([{"delay_ms": 60_000}] * len(VISITORS))
    running = subprocess.Popen([program, *VISITORS], stdout=subprocess.PIPE, text=True)
    # The threads of the first program make four calls at a time.
    wait_for_requests(4 if name == "threads" else len(VISITORS))
    began = time.monotonic()
    running.send_signal(signal.SIGTERM)
    output, _ = running.communicate(timeout=60)
    seconds = time.monotonic() - began
    lines = output.splitlines()
    check(running.returncode == 0, f"{name}: exit code {running.returncode}")
    check(len(lines) >= 4 and all(line.endswith(": cancelled") for line in lines), f"{name}: {lines}")
    check(seconds < SHUTDOWN_SECONDS, f"{name}: the shutdown took {seconds:.3f} s")
    return seconds


times = {pathlib.Path(program).name: run(program) for program in sys.argv[1:]}
for failure in failures:
    print(f"daemon_guide: {failure}")
measured = ", ".join(f"{name} in {seconds * 1000:.0f} ms" for name, seconds in times.items())
print(f"    daemon_guide: {len(failures)} failed; shutdown: {measured}")
sys.exit(1 if failures or not times else 0)
