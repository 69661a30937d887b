"""Daemon threads whose calls fail, so that exceptions are made while the program ends."""
# stdout: ready

import threading

import upscope

client = upscope.Client()
ready = threading.Barrier(5)


def ask() -> None:
    try:
        client.get_visitor("nobody")
    except upscope.NotFoundError:
        return


def work() -> None:
    ask()
    ready.wait(10)
    while True:
        ask()


for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
ready.wait(10)
print("ready")
