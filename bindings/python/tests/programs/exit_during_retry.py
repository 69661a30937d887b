"""A daemon thread waits for its next attempt when the program ends; a warning about it was logged."""
# stdout: logged

import logging
import threading

import upscope

logged = threading.Event()


class Telling(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        logged.set()


logging.getLogger("upscope").addHandler(Telling())
logging.getLogger("upscope").propagate = False
# Nobody listens there.
client = upscope.Client(base_url="http://127.0.0.1:9/v1.3", max_retries=8)
threading.Thread(target=client.get_usage, daemon=True).start()
print("logged" if logged.wait(10) else "not logged")
