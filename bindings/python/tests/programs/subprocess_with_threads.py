"""Starts other programs while threads are in calls."""
# stdout: \[0, 0, 0\]

import subprocess
import sys
import threading

import upscope

client = upscope.Client()


def work() -> None:
    while True:
        client.get_usage()


for _ in range(2):
    threading.Thread(target=work, daemon=True).start()
client.get_usage()
print([subprocess.run([sys.executable, "-c", "import upscope"], check=False).returncode for _ in range(3)])
