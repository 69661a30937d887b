"""Parsing the body of a webhook."""

from __future__ import annotations

from typing import Any

import pytest
import upscope


@pytest.mark.parametrize(
    "parse", [upscope.parse_webhook, upscope.Client.parse_webhook, upscope.AsyncClient.parse_webhook]
)
def test_parse_webhook(parse: Any) -> None:
    body = '{"id": "s_1", "length_seconds": 3, "new": "\u00e9"}'
    for valid in (body, body.encode(), bytearray(body.encode()), f" {body}\n"):
        session = parse(valid)
        assert isinstance(session, upscope.Session)
        assert (session.id, session.length_seconds, session.to_dict()["new"]) == ("s_1", 3, "\u00e9")
    for invalid in ("", "{}", "[]", b"\xff", "ok", 3, None, {"id": "s_1"}):
        with pytest.raises(upscope.InvalidArgumentError):
            parse(invalid)
