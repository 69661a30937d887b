"""Finalizers, and the callback of a weak reference, that call the client after the exit functions."""
# stdout: ended\nfinalized\nfinalized

import os
import weakref

import upscope

client = upscope.Client()


class Report:
    def __init__(self) -> None:
        # What a finalizer needs once the modules are cleared, and standard output with them.
        self.client, self.write = client, os.write

    def __del__(self) -> None:
        self.client.get_usage()
        self.write(1, b"finalized\n")


report = Report()
cycle = [Report()]
cycle.append(cycle)  # type: ignore[arg-type]
gone = weakref.ref(report, lambda _, client=client: client.get_usage())  # type: ignore[misc]
client.get_usage()
print("ended", flush=True)
