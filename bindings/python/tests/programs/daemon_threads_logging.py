"""Daemon threads are in calls, and log each attempt to a file, when the program ends."""
# stdout: ready

import logging
import os
import threading

import upscope

logging.getLogger("upscope").addHandler(logging.FileHandler(os.devnull))
logging.getLogger("upscope").setLevel(logging.DEBUG)
client = upscope.Client()
ready = threading.Barrier(5)


def call_repeatedly() -> None:
    client.get_usage()
    ready.wait(10)
    while True:
        client.get_usage()


for _ in range(4):
    threading.Thread(target=call_repeatedly, daemon=True).start()
ready.wait(10)
print("ready")
