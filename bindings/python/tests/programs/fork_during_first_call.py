"""Forks again and again while another thread takes its first answers; each child makes the same calls."""
# stdout: \[\]

import contextlib
import os
import signal
import sys
import threading

import upscope

client = upscope.Client(timeout=5)
# Threads take turns as often as they can: the fork falls everywhere within the other thread's work.
sys.setswitchinterval(1e-6)


def use() -> None:
    client.get_usage()
    client.request("GET", "/usage")
    for visitor in client.list_visitors(max_results=1):
        assert visitor.last_seen_at
        visitor.to_dict()
    with contextlib.suppress(upscope.NotFoundError):
        client.get_visitor("nobody")


children = []
worker = threading.Thread(target=use)
worker.start()
while worker.is_alive() and len(children) < 12:
    child = os.fork()
    if child == 0:
        # Past every deadline.
        signal.alarm(15)
        use()
        os._exit(0)
    children.append(child)
worker.join()
statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
print([status for status in statuses if status != 0])
