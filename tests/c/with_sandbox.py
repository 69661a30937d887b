#!/usr/bin/env python3
"""scripts/with-sandbox passes on the exit code, enforces the time limit, and always ends the sandbox."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

PROGRAM = str(pathlib.Path(__file__).resolve().parents[2] / "scripts" / "with-sandbox")
# Prints the URL of the sandbox, then waits longer than this test takes.
WAIT = ["sh", "-c", 'echo "$UPSCOPE_BASE_URL"; exec sleep 45']
failures = []


def check(ok, message):
    if not ok:
        failures.append(message)


def is_running(url):
    address = urllib.parse.urlparse(url)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname, address.port)) == 0


def has_ended(url):
    until = time.monotonic() + 10
    while is_running(url) and time.monotonic() < until:
        time.sleep(0.02)
    return not is_running(url)


for code in (0, 1, 7):
    check(subprocess.run([PROGRAM, "sh", "-c", f"exit {code}"]).returncode == code, f"exit code {code}")
check(subprocess.run([PROGRAM, "sh", "-c", "kill -9 $$"]).returncode == 128 + 9, "the exit code of a killed program")
late = subprocess.run([PROGRAM, "--limit", "0.5", *WAIT], capture_output=True, text=True)
check(late.returncode == 124, f"the limit: {late.returncode}")
check(has_ended(late.stdout.strip()), "the sandbox still runs after the limit")
without = dict(os.environ, UPSCOPE_SANDBOX="/no/such/program")
check(subprocess.run([PROGRAM, "true"], env=without, stderr=subprocess.DEVNULL).returncode == 1, "no sandbox program")

for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
    running = subprocess.Popen([PROGRAM, *WAIT], stdout=subprocess.PIPE, text=True, start_new_session=True)
    url = running.stdout.readline().strip()
    check(is_running(url), f"no sandbox at {url!r}")
    running.send_signal(sent)
    running.wait(10)
    check(has_ended(url), f"the sandbox still runs after {sent.name}")

for failure in failures:
    print(f"with-sandbox: {failure}")
print(f"    with-sandbox: {len(failures)} failed")
sys.exit(1 if failures else 0)
