"""Daemon threads are in calls, and write a line for each attempt to a file, when the program ends."""
# stdout: ready

import logging
import os
import threading

import upscope

logging.getLogger("upscope").addHandler(logging.FileHandler(os.devnull))
logging.getLogger("upscope").setLevel(logging.DEBUG)
client = upscope.Client()
ready = threading.Barrier(5)


def work() -> None:
    client.get_usage()
    ready.wait(10)
    while True:
        client.get_usage()


for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
ready.wait(10)
print("ready")
