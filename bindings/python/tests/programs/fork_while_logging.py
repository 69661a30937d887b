"""Forks while other threads log and change the log level. The children change the level and log."""
# stdout: \[\]

import logging
import os
import signal
import threading

import upscope

logger = logging.getLogger("upscope")
client = upscope.Client(timeout=5)
stop = threading.Event()
records: list[logging.LogRecord] = []


class RecordingHandler(logging.Handler):
    # Not a FileHandler: another thread may hold the lock of its file during the fork.
    def emit(self, record: logging.LogRecord) -> None:
        records.append(record)


def change_level_and_call() -> None:
    while not stop.is_set():
        logger.setLevel(logging.DEBUG)
        client.get_usage()
        logger.setLevel(logging.ERROR)
        client.get_usage()


def log_in_child() -> bool:
    records.clear()
    logger.setLevel(logging.DEBUG)
    client.get_usage()
    logger.setLevel(logging.ERROR)
    client.get_usage()
    return len(records) == 1


logger.addHandler(RecordingHandler())
threads = [threading.Thread(target=change_level_and_call) for _ in range(3)]
for thread in threads:
    thread.start()
children = []
for _ in range(12):
    child = os.fork()
    if child == 0:
        # Later than every deadline.
        signal.alarm(15)
        os._exit(0 if log_in_child() else 1)
    children.append(child)
statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
stop.set()
for thread in threads:
    thread.join()
print([status for status in statuses if status != 0])
