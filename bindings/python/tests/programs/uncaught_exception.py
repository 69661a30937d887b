"""An exception that nobody catches, beside daemon threads in calls."""
# status: 1
# stderr: Traceback .*upscope\.NotFoundError: .*

import threading

import upscope

client = upscope.Client()


def work() -> None:
    while True:
        client.get_usage()


for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
client.get_visitor("nobody")
