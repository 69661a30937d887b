"""Daemon threads make calls that fail, and create exceptions while the program ends."""
# stdout: ready

import threading

import upscope

client = upscope.Client()
ready = threading.Barrier(5)


def call() -> None:
    try:
        client.get_visitor("nobody")
    except upscope.NotFoundError:
        return


def call_repeatedly() -> None:
    call()
    ready.wait(10)
    while True:
        call()


for _ in range(4):
    threading.Thread(target=call_repeatedly, daemon=True).start()
ready.wait(10)
print("ready")
