"""Clients that nobody closes, in the module, in a cycle and in a thread's own data."""

import threading

import upscope

local = threading.local()
clients = [upscope.Client() for _ in range(5)]


def work(client: upscope.Client) -> None:
    local.client = client
    cycle: list[object] = [client]
    cycle.append(cycle)
    client.get_usage()


threads = [threading.Thread(target=work, args=(client,)) for client in clients]
for thread in threads:
    thread.start()
