"""Records of the logger `upscope`."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
import upscope
from conftest import Sandbox
from scripted_server import ScriptedServer, response

LOGGER = logging.getLogger("upscope")


@pytest.fixture(autouse=True)
def reset_level() -> Iterator[None]:
    yield
    LOGGER.setLevel(logging.NOTSET)


def test_each_attempt_logs_a_debug_record(client: upscope.Client, caplog: pytest.LogCaptureFixture) -> None:
    LOGGER.setLevel(logging.DEBUG)
    client.list_visitors("secret words")
    records = [record for record in caplog.records if record.name == "upscope"]
    assert [record.levelname for record in records] == ["DEBUG"]
    assert re.fullmatch(r"GET (/v1\.3)?/list 200 \d+ ms attempt 1", records[0].getMessage())


def test_each_retry_logs_a_warning(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    sandbox.faults({"status": 503, "headers": {"Retry-After": "0"}})
    with sandbox.client() as client:
        client.get_usage()
    records = [record for record in caplog.records if record.name == "upscope"]
    assert [record.levelname for record in records] == ["WARNING"]
    assert "trying again" in records[0].getMessage()


def test_a_new_client_logs_an_info_record(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    LOGGER.setLevel(logging.INFO)
    sandbox.client().close()
    assert sandbox.base_url in caplog.text


def test_a_level_change_takes_effect_at_the_next_call(client: upscope.Client, caplog: pytest.LogCaptureFixture) -> None:
    def count_records() -> int:
        caplog.clear()
        client.get_usage()
        return len(caplog.records)

    assert count_records() == 0
    LOGGER.setLevel(logging.DEBUG)
    assert count_records() == 1
    LOGGER.setLevel(logging.ERROR)
    assert count_records() == 0
    LOGGER.setLevel(logging.DEBUG)
    logging.disable(logging.CRITICAL)
    assert count_records() == 0
    logging.disable(logging.NOTSET)
    assert count_records() == 1


def test_nothing_is_printed_by_default(server: ScriptedServer) -> None:
    server.responses = [response("", "503 Service Unavailable", "Retry-After: 0\r\n"), response({"usage": {}})]
    code = f"import logging, upscope; upscope.Client('k', base_url={server.base_url!r}).get_usage()"
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert completed.stdout + completed.stderr == ""
    assert len(server.requests) == 2


def test_logging_can_be_imported_after_the_first_call(server: ScriptedServer) -> None:
    server.responses = [response({"usage": {}})]
    code = f"""
import upscope
client = upscope.Client('k', base_url={server.base_url!r})
client.get_usage()
import logging, sys
logging.basicConfig(stream=sys.stdout)
logging.getLogger("upscope").setLevel(logging.DEBUG)
client.get_usage()
"""
    completed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert completed.stdout.count("DEBUG:upscope:GET ") == 1


def test_threads_log_while_the_level_changes(client: upscope.Client) -> None:
    LOGGER.setLevel(logging.DEBUG)
    stop = threading.Event()

    def call_repeatedly() -> None:
        while not stop.is_set():
            client.get_usage()

    workers = [threading.Thread(target=call_repeatedly) for _ in range(4)]
    for worker in workers:
        worker.start()
    for number in range(40):
        LOGGER.setLevel(logging.DEBUG if number % 2 else logging.ERROR)
        client.get_usage()
    stop.set()
    for worker in workers:
        worker.join(20)
        assert not worker.is_alive()


def test_a_keyboard_interrupt_in_a_handler_ends_the_call(client: upscope.Client) -> None:
    class RaisingHandler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise KeyboardInterrupt

    handler = RaisingHandler()
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.DEBUG)
    try:
        with pytest.raises(KeyboardInterrupt):
            client.get_usage()
    finally:
        LOGGER.removeHandler(handler)
    assert client.get_usage()


def test_a_handler_may_call_the_client(client: upscope.Client) -> None:
    class CallingHandler(logging.Handler):
        calls = 0

        def emit(self, record: logging.LogRecord) -> None:
            if self.calls < 2:
                self.calls += 1
                client.get_usage()

    handler = CallingHandler()
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.DEBUG)
    try:
        client.get_usage()
    finally:
        LOGGER.removeHandler(handler)
    assert handler.calls == 2
