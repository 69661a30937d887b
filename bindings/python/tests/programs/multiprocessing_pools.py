"""Pools of processes, made by fork and by spawn, beside a daemon thread."""
# stdout: \[2, 2, 2, 2\]\n\[2, 2, 2, 2\]

import multiprocessing
import threading

import upscope

client = upscope.Client()


def visitors(_: int) -> int:
    return len(client.list_visitors(max_results=2))


def work() -> None:
    while True:
        client.get_usage()


if __name__ == "__main__":
    threading.Thread(target=work, daemon=True).start()
    client.get_usage()
    for method in ("fork", "spawn"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            print(pool.map(visitors, range(4)))
