"""Finalizers and a weak reference callback call the client after the exit functions."""
# stdout: ended\nfinalized\nfinalized

import os
import weakref

import upscope

client = upscope.Client()


class Report:
    def __init__(self) -> None:
        # A finalizer that runs after the modules are cleared cannot use `sys.stdout`.
        self.client, self.write = client, os.write

    def __del__(self) -> None:
        self.client.get_usage()
        self.write(1, b"finalized\n")


report = Report()
cycle = [Report()]
cycle.append(cycle)  # type: ignore[arg-type]
reference = weakref.ref(report, lambda _, client=client: client.get_usage())  # type: ignore[misc]
client.get_usage()
print("ended", flush=True)
