"""Children that use their parent's client while the parent's threads use it, and end as programs do."""
# stdout: \[5, 5, 5\]

import os
import sys
import threading

import upscope

client = upscope.Client()


def work() -> None:
    while True:
        client.get_usage()


for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
client.get_usage()
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        for _ in range(2):
            threading.Thread(target=work, daemon=True).start()
        client.list_visitors(max_results=1)
        # With the exit functions, and daemon threads of its own in calls.
        sys.exit(5)
    children.append(child)
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
