"""`sys.exit` in a thread ends that thread; the main thread decides the exit status."""
# status: 4

import sys
import threading

import upscope

client = upscope.Client()


def work() -> None:
    client.get_usage()
    sys.exit(9)


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
sys.exit(4)
