"""An uncaught exception while daemon threads are in calls."""
# status: 1
# stderr: Traceback .*upscope\.NotFoundError: .*

import threading

import upscope

client = upscope.Client()


def call_repeatedly() -> None:
    while True:
        client.get_usage()


for _ in range(2):
    threading.Thread(target=call_repeatedly, daemon=True).start()
client.get_visitor("nobody")
