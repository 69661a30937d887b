"""A call ends within its timeout."""

from __future__ import annotations

import pytest
import upscope
from scripted_server import NO_RESPONSE, ScriptedServer


def test_a_call_raises_call_timeout_error_at_its_deadline(server: ScriptedServer) -> None:
    server.responses = [NO_RESPONSE]
    with server.client() as client, pytest.raises(upscope.CallTimeoutError) as caught:
        client.create_watch_url("V", agent={"id": "1"}, options={"timeout": 0.05})
    assert isinstance(caught.value, TimeoutError)
    assert isinstance(caught.value, OSError)
    assert caught.value.may_have_applied is True
    assert caught.value.errno is None


def test_a_very_short_timeout_is_not_rounded_down_to_zero(server: ScriptedServer) -> None:
    server.responses = [NO_RESPONSE]
    with server.client(timeout=0.0001) as client, pytest.raises(upscope.CallTimeoutError):
        client.get_usage()
