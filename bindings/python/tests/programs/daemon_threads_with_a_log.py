"""Every attempt is logged, by a handler in Python, while daemon threads are in calls and the program ends."""
# stdout: ready

import logging
import threading

import upscope


class Keeping(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


handler = Keeping()
logging.getLogger("upscope").addHandler(handler)
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
assert len(handler.lines) >= 4
print("ready")
