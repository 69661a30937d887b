"""Forks repeatedly while another thread makes its first calls. Each child makes the same calls."""
# stdout: \[\]

import contextlib
import os
import signal
import sys
import threading

import upscope

client = upscope.Client(timeout=5)
# Switches threads as often as possible, so that forks happen at every stage of the other thread's calls.
sys.setswitchinterval(1e-6)


def make_calls() -> None:
    client.get_usage()
    client.request("GET", "/usage")
    for visitor in client.list_visitors(max_results=1):
        assert visitor.last_seen_at
        visitor.to_dict()
    with contextlib.suppress(upscope.NotFoundError):
        client.get_visitor("nobody")


children = []
worker = threading.Thread(target=make_calls)
worker.start()
while worker.is_alive() and len(children) < 12:
    child = os.fork()
    if child == 0:
        # Later than every deadline.
        signal.alarm(15)
        make_calls()
        os._exit(0)
    children.append(child)
worker.join()
statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
print([status for status in statuses if status != 0])
