"""A SIGTERM handler ends the program while a call waits."""
# status: 3
# stdout: bye

import os
import signal
import sys
import threading

import upscope


def stop(*_: object) -> None:
    print("bye")
    sys.exit(3)


signal.signal(signal.SIGTERM, stop)
client = upscope.Client(base_url=os.environ["SILENT_URL"])
threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGTERM)).start()
client.get_usage()
