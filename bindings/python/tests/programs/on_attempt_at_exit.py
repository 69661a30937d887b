"""Threads are in calls with an observer, headers and log handlers when the program ends. An exit function calls."""
# status: 3
# stdout: ready\nexit 200

import atexit
import logging
import os
import sys
import threading

import upscope

logging.getLogger("upscope").addHandler(logging.FileHandler(os.devnull))
logging.getLogger("upscope").setLevel(logging.DEBUG)
ready = threading.Barrier(5)
last = []


def on_attempt(attempt: upscope.Attempt) -> None:
    last.append(attempt.http_status)


def default_headers() -> "dict[str, str]":
    return {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}


client = upscope.Client(on_attempt=on_attempt, default_headers=default_headers)


def call_repeatedly() -> None:
    next(iter(client.iter_sessions()))
    ready.wait(10)
    while True:
        client.get_usage()
        next(iter(client.iter_sessions()))


@atexit.register
def call_at_exit() -> None:
    client.get_usage()
    print("exit", last[-1])


for _ in range(4):
    threading.Thread(target=call_repeatedly, daemon=True).start()
ready.wait(10)
print("ready", flush=True)
sys.exit(3)
