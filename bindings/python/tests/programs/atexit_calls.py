"""An exit function, registered before the package was imported, that makes calls and joins a daemon thread."""
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


def work() -> None:
    while not stop.is_set():
        client.get_usage()


worker = threading.Thread(target=work, daemon=True)
worker.start()
client.get_usage()
