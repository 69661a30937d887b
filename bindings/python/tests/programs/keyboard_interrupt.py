"""Ctrl-C while a call waits."""
# status: -2
# stderr: Traceback .*\nKeyboardInterrupt

import os
import signal
import threading

import upscope

signal.signal(signal.SIGINT, signal.default_int_handler)
client = upscope.Client(base_url=os.environ["SILENT_URL"])
threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGINT)).start()
client.get_usage()
