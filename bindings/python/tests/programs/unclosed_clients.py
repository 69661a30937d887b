"""Clients that are never closed: in the module, in a reference cycle and in thread-local data."""

import threading

import upscope

local = threading.local()
clients = [upscope.Client() for _ in range(5)]


def make_call(client: upscope.Client) -> None:
    local.client = client
    cycle: list[object] = [client]
    cycle.append(cycle)
    client.get_usage()


threads = [threading.Thread(target=make_call, args=(client,)) for client in clients]
for thread in threads:
    thread.start()
