"""No log record, exception, repr or report contains a secret."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator

import pytest
import upscope
from conftest import run_upscope
from scripted_server import ScriptedServer, response

LOGGER = logging.getLogger("upscope")

SECRETS = ["key-3f9a0c7d81", "pass-77b1", "a964e00a-c685-4d54-98d4", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkw"]


@pytest.fixture(autouse=True)
def reset_level() -> Iterator[None]:
    yield
    LOGGER.setLevel(logging.NOTSET)


def test_logs_exceptions_and_reprs_contain_no_secret(server: ScriptedServer, caplog: pytest.LogCaptureFixture) -> None:
    key, password, link, token = SECRETS
    LOGGER.setLevel(logging.DEBUG)
    texts: list[str] = []
    proxy = server.base_url.replace("http://", f"http://user:{password}@").replace("/v1.3", "")
    for settings in ({}, {"proxy": proxy}):
        with server.client(api_key=key, max_retries=1, **settings) as client:
            # Only a client that uses the proxy knows its password.
            echoed = password if settings else ""
            texts += [repr(client), str(client), repr(client._native), repr(vars(type(client)))]
            for scripted in (
                response({"error": f"bad key {key}, see https://x.example/{link}"}, "401 Unauthorized"),
                response({"error": f"{token} {echoed}"}, "503 Service Unavailable", "Retry-After: 0\r\n"),
                response({"watch_url": f"https://x.example/{link}", "token": token, "authorized": True}),
                response({"watch_url": 3, "token": token, "link": link}),
                response(f'{{"token": "{token}"'),
            ):
                server.responses = [scripted]
                for call in (
                    lambda: client.create_watch_url("V", agent={"id": "1"}),
                    lambda: client.authorize_onpremise_session("V", agent={"id": "1", "name": "J"}),
                    lambda: client.get_visitor("V"),
                ):
                    try:
                        texts.append(repr(call()))
                    except upscope.UpscopeError as error:
                        texts += [repr(error), str(error), repr(error.__dict__)]
                        texts += traceback.format_exception(type(error), error, error.__traceback__)
    for invalid in ({"api_key": key + "\n"}, {"api_key": key, "proxy": f"ftp://u:{password}@h"}):
        with pytest.raises(upscope.InvalidArgumentError) as caught:
            server.client(**invalid)
        texts.append(repr(caught.value))
    all_text = "\n".join(texts) + caplog.text
    assert len(texts) > 60
    for secret in SECRETS:
        assert secret not in all_text


def test_repr_hides_links_and_tokens() -> None:
    secret = "https://cobrowsing.example/session/a964e00a-c685"
    for instance in (
        upscope.WatchUrl.from_dict({"watch_url": secret, "other": secret}),
        upscope.OnpremiseToken.from_dict({"authorized": True, "token": secret}),
        upscope.Visitor.from_dict({"short_id": "V", "watch_link": secret}),
        upscope.Session.from_dict({"id": "s", "metadata": {"link": secret}}),
    ):
        assert "a964e00a" not in repr(instance)
        assert "a964e00a" not in str(instance)
        assert "a964e00a" in instance.to_json()


def test_the_command_line_report_contains_no_secret() -> None:
    code, text = run_upscope(
        "https://api.example.com/v1.3",
        UPSCOPE_API_KEY="key-3f9a",
        HTTPS_PROXY="http://user:pa@ss-77b1@proxy.example:8080",
        NO_PROXY="localhost",
    )
    assert code == 0
    assert upscope.__version__ in text
    assert "https://api.example.com/v1.3" in text
    assert re.search(r"^proxy +http://proxy\.example:8080, because .*HTTPS_PROXY", text, re.MULTILINE)
    assert re.search(r"^roots .*the operating system's store$", text, re.MULTILINE)
    assert "[hidden]@proxy.example:8080" in text
    assert "key-3f9a" not in text
    assert "ss-77b1" not in text
