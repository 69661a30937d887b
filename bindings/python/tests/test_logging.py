"""Log records of the logger `upscope`, and that no text holds a secret."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator

import pytest
import upscope
from conftest import Sandbox
from scripted import ScriptedServer, answer

LOGGER = logging.getLogger("upscope")
SECRETS = ["key-3f9a0c7d81", "pass-77b1", "a964e00a-c685-4d54-98d4", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkw"]


@pytest.fixture(autouse=True)
def level_afterwards() -> Iterator[None]:
    yield
    LOGGER.setLevel(logging.NOTSET)


def test_a_line_for_each_attempt(client: upscope.Client, caplog: pytest.LogCaptureFixture) -> None:
    LOGGER.setLevel(logging.DEBUG)
    client.list_visitors("secret words")
    records = [record for record in caplog.records if record.name == "upscope"]
    assert [record.levelname for record in records] == ["DEBUG"]
    assert re.fullmatch(r"GET (/v1\.3)?/list 200 \d+ ms attempt 1", records[0].getMessage())


def test_a_warning_for_each_retry(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    sandbox.faults({"status": 503, "headers": {"Retry-After": "0"}})
    with sandbox.client() as client:
        client.get_usage()
    records = [record for record in caplog.records if record.name == "upscope"]
    assert [record.levelname for record in records] == ["WARNING"]
    assert "trying again" in records[0].getMessage()


def test_the_level_may_change_at_any_time(client: upscope.Client, caplog: pytest.LogCaptureFixture) -> None:
    def lines() -> int:
        caplog.clear()
        client.get_usage()
        return len(caplog.records)

    assert lines() == 0
    LOGGER.setLevel(logging.DEBUG)
    assert lines() == 1
    LOGGER.setLevel(logging.ERROR)
    assert lines() == 0
    LOGGER.setLevel(logging.DEBUG)
    logging.disable(logging.CRITICAL)
    assert lines() == 0
    logging.disable(logging.NOTSET)
    assert lines() == 1


def test_a_new_client_is_worth_a_line(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    LOGGER.setLevel(logging.INFO)
    sandbox.client().close()
    assert sandbox.base_url in caplog.text


def test_nothing_is_printed_unless_asked_for(server: ScriptedServer) -> None:
    server.answers = [answer("", "503 Service Unavailable", "Retry-After: 0\r\n"), answer({"usage": {}})]
    code = f"import logging, upscope; upscope.Client('k', base_url={server.base_url!r}).get_usage()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout + done.stderr == ""
    assert len(server.requests) == 2


def test_logging_imported_later_is_found(server: ScriptedServer) -> None:
    server.answers = [answer({"usage": {}})]
    code = f"""
import upscope
client = upscope.Client('k', base_url={server.base_url!r})
client.get_usage()
import logging, sys
logging.basicConfig(stream=sys.stdout)
logging.getLogger("upscope").setLevel(logging.DEBUG)
client.get_usage()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.count("DEBUG:upscope:GET ") == 1


def test_threads_log_while_the_level_changes(client: upscope.Client) -> None:
    LOGGER.setLevel(logging.DEBUG)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            client.get_usage()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for turn in range(40):
        LOGGER.setLevel(logging.DEBUG if turn % 2 else logging.ERROR)
        client.get_usage()
    stop.set()
    for worker in workers:
        worker.join(20)
        assert not worker.is_alive()


def test_what_a_handler_raises(client: upscope.Client) -> None:
    class Raising(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise KeyboardInterrupt

    handler = Raising()
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.DEBUG)
    try:
        with pytest.raises(KeyboardInterrupt):
            client.get_usage()
    finally:
        LOGGER.removeHandler(handler)
    assert client.get_usage()


def test_a_handler_may_call_the_client(client: upscope.Client) -> None:
    class Calling(logging.Handler):
        calls = 0

        def emit(self, record: logging.LogRecord) -> None:
            if self.calls < 2:
                self.calls += 1
                client.get_usage()

    handler = Calling()
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.DEBUG)
    try:
        client.get_usage()
    finally:
        LOGGER.removeHandler(handler)
    assert handler.calls == 2


def test_no_text_holds_a_secret(server: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    key, password, link, token = SECRETS
    LOGGER.setLevel(logging.DEBUG)
    shown: list[str] = []
    proxy = server.base_url.replace("http://", f"http://user:{password}@").replace("/v1.3", "")
    for settings in ({}, {"proxy": proxy}):
        with server.client(api_key=key, max_retries=1, **settings) as client:
            # A proxy's password is known to who uses the proxy.
            echoed = password if settings else ""
            shown += [repr(client), str(client), repr(client._native), repr(vars(type(client)))]
            for said in (
                answer({"error": f"bad key {key}, see https://x.example/{link}"}, "401 Unauthorized"),
                answer({"error": f"{token} {echoed}"}, "503 Service Unavailable", "Retry-After: 0\r\n"),
                answer({"watch_url": f"https://x.example/{link}", "token": token, "authorized": True}),
                answer({"watch_url": 3, "token": token, "link": link}),
                answer(f'{{"token": "{token}"'),
            ):
                server.answers = [said]
                for call in (
                    lambda: client.create_watch_url("V", agent={"id": "1"}),
                    lambda: client.authorize_onpremise_session("V", agent={"id": "1", "name": "J"}),
                    lambda: client.get_visitor("V"),
                ):
                    try:
                        shown.append(repr(call()))
                    except upscope.UpscopeError as error:
                        shown += [repr(error), str(error), repr(error.__dict__)]
                        shown += traceback.format_exception(type(error), error, error.__traceback__)
    for wrong in ({"api_key": key + "\n"}, {"api_key": key, "proxy": f"ftp://u:{password}@h"}):
        with pytest.raises(upscope.InvalidArgumentError) as caught:
            server.client(**wrong)
        shown.append(repr(caught.value))
    text = "\n".join(shown) + caplog.text
    assert len(shown) > 60
    for secret in SECRETS:
        assert secret not in text
