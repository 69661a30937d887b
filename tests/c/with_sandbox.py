#!/usr/bin/env python3
"""scripts/with-sandbox: hands on the exit code, keeps the limit, and leaves no sandbox behind however it ends."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

PROGRAM = str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "with-sandbox")
# Tells where the sandbox is, then waits for longer than any of this takes.
WAIT = ["sh", "-c", 'echo "$UPSCOPE_BASE_URL"; exec sleep 45']
failures = []


def check(holds, what):
    if not holds:
        failures.append(what)


def answers(url):
    place = urllib.parse.urlparse(url)
    with socket.socket() as probe:
        return probe.connect_ex((place.hostname, place.port)) == 0


def gone(url):
    until = time.monotonic() + 10
    while answers(url) and time.monotonic() < until:
        time.sleep(0.02)
    return not answers(url)


for code in (0, 1, 7):
    check(subprocess.run([PROGRAM, "sh", "-c", f"exit {code}"]).returncode == code, f"exit code {code}")
check(subprocess.run([PROGRAM, "sh", "-c", "kill -9 $$"]).returncode == 128 + 9, "the exit code of one that was killed")
late = subprocess.run([PROGRAM, "--limit", "0.5", *WAIT], capture_output=True, text=True)
check(late.returncode == 124, f"the limit: {late.returncode}")
check(gone(late.stdout.strip()), "the sandbox after the limit")
without = dict(os.environ, UPSCOPE_SANDBOX="/no/such/program")
check(subprocess.run([PROGRAM, "true"], env=without, stderr=subprocess.DEVNULL).returncode == 1, "no sandbox program")

for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
    running = subprocess.Popen([PROGRAM, *WAIT], stdout=subprocess.PIPE, text=True, start_new_session=True)
    url = running.stdout.readline().strip()
    check(answers(url), f"there is no sandbox at {url!r}")
    running.send_signal(ending)
    running.wait(10)
    check(gone(url), f"the sandbox is still there after {ending.name}")

for failure in failures:
    print(f"with-sandbox: {failure}")
print(f"    with-sandbox: {len(failures)} failed")
sys.exit(1 if failures else 0)
