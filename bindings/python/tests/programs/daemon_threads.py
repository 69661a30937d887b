"""Daemon threads are in the middle of calls when the program ends."""
# stdout: ready

import threading

import upscope

client = upscope.Client()
ready = threading.Barrier(5)


def work() -> None:
    client.get_usage()
    ready.wait(10)
    while True:
        client.list_visitors(max_results=2)


for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
ready.wait(10)
print("ready")
