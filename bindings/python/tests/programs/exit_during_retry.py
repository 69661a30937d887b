"""A daemon thread waits for its next attempt when the program ends. A warning about it was logged."""
# stdout: logged

import logging
import threading

import upscope

logged = threading.Event()


class NotifyingHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        logged.set()


logging.getLogger("upscope").addHandler(NotifyingHandler())
logging.getLogger("upscope").propagate = False
# Nothing listens on this port.
client = upscope.Client(base_url="http://127.0.0.1:9/v1.3", max_retries=8)
threading.Thread(target=client.get_usage, daemon=True).start()
print("logged" if logged.wait(10) else "not logged")
