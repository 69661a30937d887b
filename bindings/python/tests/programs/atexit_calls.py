"""An exit function that was registered before the package was imported makes calls and joins a daemon thread."""
# stdout: joined\n3

import atexit
import threading

stop = threading.Event()
calls: list[object] = []


def finish() -> None:
    stop.set()
    worker.join(10)
    print("still running" if worker.is_alive() else "joined")
    for _ in range(3):
        calls.append(client.get_usage())
    print(len(calls))


atexit.register(finish)

import upscope  # noqa: E402

client = upscope.Client()


def make_call() -> None:
    while not stop.is_set():
        client.get_usage()


worker = threading.Thread(target=make_call, daemon=True)
worker.start()
client.get_usage()
