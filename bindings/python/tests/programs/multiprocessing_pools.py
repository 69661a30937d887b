"""Process pools, by fork and by spawn, while a daemon thread makes calls."""
# stdout: \[2, 2, 2, 2\]\n\[2, 2, 2, 2\]

import multiprocessing
import threading

import upscope

client = upscope.Client()


def visitors(_: int) -> int:
    return len(client.list_visitors(max_results=2))


def call_repeatedly() -> None:
    while True:
        client.get_usage()


if __name__ == "__main__":
    threading.Thread(target=call_repeatedly, daemon=True).start()
    client.get_usage()
    for method in ("fork", "spawn"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            print(pool.map(visitors, range(4)))
