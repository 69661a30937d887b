"""Daemon threads are in calls when the program ends."""
# stdout: ready

import threading

import upscope

client = upscope.Client()
ready = threading.Barrier(5)


def call_repeatedly() -> None:
    client.get_usage()
    ready.wait(10)
    while True:
        client.list_visitors(max_results=2)


for _ in range(4):
    threading.Thread(target=call_repeatedly, daemon=True).start()
ready.wait(10)
print("ready")
