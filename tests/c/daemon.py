#!/usr/bin/env python3
"""Runs examples/daemon.c: links, every class of error, and SIGTERM while the service does not respond.

Usage, within scripts/with-sandbox: daemon.py SOURCE PROGRAM
"""

import os
import pathlib
import signal
import subprocess
import sys
import time

from sandbox_control import check, control_request, failures

MAX_LINES = 80
# Far less than the deadline of a call, which is 30 s. The usual time is a tenth of this.
SHUTDOWN_SECONDS = 1.0
HANG = {"delay_ms": 60_000}
source, program = sys.argv[1:]


def prepare(faults=()):
    control_request("/reset", {})
    for number in range(40):
        control_request("/visitors", {"short_id": f"V{number}", "is_online": True})
    control_request("/faults", list(faults))


def run(lines, faults=(), **environment):
    """Returns the exit code, and the words and text that follow each ticket."""
    prepare(faults)
    done = subprocess.run([program], input="".join(f"{line}\n" for line in lines), env=os.environ | environment,
                          timeout=60, text=True, capture_output=True)
    return done.returncode, dict(line.split(" ", 1) for line in done.stdout.splitlines()), done.stderr


def start():
    return subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def wait_for_requests(count):
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if len(control_request("/requests")["requests"]) >= count:
            return
    check(False, f"fewer than {count} requests arrived")


def terminate(daemon, sent=signal.SIGTERM):
    """Returns the output, and how long the daemon took to end."""
    began = time.monotonic()
    daemon.send_signal(sent)
    output, _ = daemon.communicate(timeout=60)
    return output.splitlines(), time.monotonic() - began


code, results, errors = run([f"T{number} V{number} 7" for number in range(40)] + ["", "   "])
check(code == 0 and errors == "", f"links: {code} {errors}")
check(len(results) == 40 and all(text.startswith("ok http") for text in results.values()), f"links: {results}")

# One ticket at a time, so that each fault is for a known ticket.
for status, outcome in ((400, "failed"), (402, "failed"), (404, "rejected"), (409, "rejected"), (418, "failed"),
                        (500, "retry"), (503, "retry")):
    code, results, _ = run(["T V0 7"], [{"status": status, "body": "{}"}] * 3)
    check(results["T"].startswith(outcome + " "), f"{status}: {results}")
    check(code == (1 if status == 402 else 0), f"{status}: exit code {code}")
_, results, _ = run(["T V0 7"], [{"status": 429, "headers": {"Retry-After": "90"}}])
check(results["T"].startswith("retry 90000 ms: "), f"429: {results}")
_, results, _ = run(["T V0 7"], [{"status": 200, "body": "{}"}])
check(results["T"].startswith("failed "), f"a bad response: {results}")
_, results, _ = run(["T V0 7"], [{"drop": "before_response"}])
check(results["T"].startswith("retry "), f"a lost connection: {results}")
_, results, _ = run(["T1 nobody 7", "T2 V1", "T3"])
check([results[ticket].split()[0] for ticket in ("T1", "T2", "T3")] == ["rejected"] * 3, f"bad tickets: {results}")
# A quotation mark does not change the request.
_, results, _ = run(['T","x":" V0 7","permissions":{"allow_console":true}'])
check(list(results.values())[0].startswith("ok http"), f"a quotation mark: {results}")
code, results, _ = run(["T V0 7"], UPSCOPE_API_KEY="nonsense")
check(code == 1 and results["T"].startswith("failed "), f"a wrong key: {code} {results}")
code, _, errors = run([], UPSCOPE_API_KEY="")
check(code == 2 and "api_key" in errors, f"no key: {code} {errors}")

# More tickets than run at the same time: some wait in standard input.
times = []
for sent, tickets, hanging in ((signal.SIGTERM, 3, 3), (signal.SIGINT, 1, 1), (signal.SIGTERM, 40, 32)):
    prepare([HANG] * tickets)
    daemon = start()
    daemon.stdin.write("".join(f"T{number} V{number} 7\n" for number in range(tickets)))
    daemon.stdin.flush()
    wait_for_requests(hanging)
    output, seconds = terminate(daemon, sent)
    times.append(seconds)
    check(daemon.returncode == 0, f"{sent.name}: exit code {daemon.returncode}")
    check(len(output) == hanging and all(" cancelled " in line for line in output), f"{sent.name}: {output}")
# Without a call, and after one that has ended.
prepare()
daemon = start()
daemon.stdin.write("T V0 7\n")
daemon.stdin.flush()
check(daemon.stdout.readline().startswith("T ok http"), "no link while standard input is open")
output, seconds = terminate(daemon)
times.append(seconds)
check(daemon.returncode == 0 and output == [], f"idle: {daemon.returncode} {output}")
check(max(times) < SHUTDOWN_SECONDS, f"the shutdown took {max(times):.3f} s")
daemon = start()
daemon.stdin.close()
check(daemon.wait(10) == 0, "the daemon does not end with its input")

lines = pathlib.Path(source).read_text(encoding="utf-8").splitlines()
check(len(lines) <= MAX_LINES, f"{source} has {len(lines)} lines, more than {MAX_LINES}")

for failure in failures:
    print(f"daemon: {failure}")
print(f"    daemon: {len(failures)} failed, shut down within {max(times) * 1000:.0f} ms")
sys.exit(1 if failures else 0)
