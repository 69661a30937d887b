"""Starts other programs while threads make calls."""
# stdout: \[0, 0, 0\]

import subprocess
import sys
import threading

import upscope

client = upscope.Client()


def call_repeatedly() -> None:
    while True:
        client.get_usage()


for _ in range(2):
    threading.Thread(target=call_repeatedly, daemon=True).start()
client.get_usage()
print([subprocess.run([sys.executable, "-c", "import upscope"], check=False).returncode for _ in range(3)])
