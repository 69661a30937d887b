"""Threads that share a client."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import upscope
from conftest import Sandbox
from scripted_server import NO_RESPONSE, ScriptedServer


def test_threads_share_a_client(sandbox: Sandbox, client: upscope.Client) -> None:
    def count_visitors(number: int) -> int:
        return sum(len(client.list_visitors(max_results=1 + number % 3)) for _ in range(25))

    with ThreadPoolExecutor(8) as pool:
        totals = list(pool.map(count_visitors, range(8)))
    assert totals == [25 * (1 + number % 3) for number in range(8)]
    assert len(sandbox.requests()) == 200


def test_other_threads_run_while_a_call_waits(server: ScriptedServer) -> None:
    server.responses = [NO_RESPONSE]
    caught: list[BaseException] = []

    def call() -> None:
        try:
            client.get_usage(options={"timeout": 1})
        except upscope.CallTimeoutError as error:
            caught.append(error)

    with server.client() as client:
        caller = threading.Thread(target=call)
        caller.start()
        assert server.request_received.wait(20)
        count = sum(1 for _ in range(1000))
        assert caller.is_alive()
        caller.join(10)
    assert (count, len(caught)) == (1000, 1)
