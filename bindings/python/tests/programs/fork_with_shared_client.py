"""Children use the client of their parent while the threads of the parent use it, and exit normally."""
# stdout: \[5, 5, 5\]

import os
import sys
import threading

import upscope

client = upscope.Client()


def call_repeatedly() -> None:
    while True:
        client.get_usage()


for _ in range(2):
    threading.Thread(target=call_repeatedly, daemon=True).start()
client.get_usage()
children = []
for _ in range(3):
    child = os.fork()
    if child == 0:
        for _ in range(2):
            threading.Thread(target=call_repeatedly, daemon=True).start()
        client.list_visitors(max_results=1)
        # Runs the exit functions while the child's own daemon threads are in calls.
        sys.exit(5)
    children.append(child)
print([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children])
