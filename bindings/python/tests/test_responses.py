"""Invalid and unusual responses."""

from __future__ import annotations

from typing import Any

import pytest
import upscope
from scripted_server import ScriptedServer, response


@pytest.mark.parametrize("body", ["{", "[]", "{}", '{"usage": 3}', b'{"usage": {"\xff": 1}}'])
def test_an_invalid_response_raises_bad_response_error(server: ScriptedServer, body: Any) -> None:
    server.responses = [response(body)]
    with server.client() as client, pytest.raises(upscope.BadResponseError):
        client.get_usage()


def test_a_list_with_wrong_elements_raises_bad_response_error(server: ScriptedServer) -> None:
    server.responses = [response({"cobrowsing_sessions": [1], "visitors": [None]})]
    with server.client() as client:
        for call in (client.list_sessions, client.list_visitors, lambda: list(client.iter_sessions())):
            with pytest.raises(upscope.BadResponseError) as caught:
                call()
            assert caught.value.http_status == 200


def test_keys_may_contain_escapes_and_occur_twice(server: ScriptedServer) -> None:
    body = (
        '{"cobrowsing_sessions":[],"cobrowsing\\u005fsessions":\n[ {"i\\u0064" : "s_2" } ] ,'
        '"has_more":true, "last_id": 7}'
    )
    server.responses = [response(body)]
    with server.client() as client:
        page = client.list_sessions()
    assert [session.id for session in page] == ["s_2"]
    assert (page.has_more, page.last_id) == (True, "7")
