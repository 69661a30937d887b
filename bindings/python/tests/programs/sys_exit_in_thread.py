"""`sys.exit` in a thread ends that thread. The main thread decides the exit status."""
# status: 4

import sys
import threading

import upscope

client = upscope.Client()


def make_call() -> None:
    client.get_usage()
    sys.exit(9)


threads = [threading.Thread(target=make_call) for _ in range(4)]
for thread in threads:
    thread.start()
sys.exit(4)
