"""The columns of a session: one for each documented attribute."""

from __future__ import annotations

import json
import json.encoder
import re
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from .. import Session
from .._upscope import attributes

COLUMNS: list[tuple[str, str]] = [(name, kind) for name, kind, _ in attributes("Session")]
"""The name and the type of each column. New attributes are added at the end of existing stores."""

SCALARS = {"str", "bool", "int", "datetime"}

_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_INTEGER = 2**63


def decode(session: Session) -> dict[str, Any]:
    """The record of a session. Its strings can be encoded."""
    text = session.to_json()
    try:
        record: dict[str, Any] = json.loads(text)
    except ValueError:
        # Python limits the digits of integers.
        record = json.loads(text, parse_int=float)
    if "\\u" in text:
        record = map_strings(record, lambda string: _SURROGATE.sub("\ufffd", string))
    return record


def map_strings(value: Any, change: Callable[[str], str]) -> Any:
    """The value with each string in it changed."""
    kind: object = value.__class__
    if kind is str:
        return change(value)
    if kind is list:
        return [map_strings(element, change) for element in value]
    if kind is dict:
        return {change(key): map_strings(member, change) for key, member in value.items()}
    return value


def to_text(value: Any) -> str | None:
    """A string, or a number as text: older versions of the service sent identifiers as numbers."""
    if type(value) is str:
        return value
    return str(value) if type(value) in (int, float) else None


def to_bool(value: Any) -> bool | None:
    """A boolean, or None."""
    return value if type(value) is bool else None


def to_int(value: Any) -> int | None:
    """An integer of 64 bits, or None."""
    return value if type(value) is int and -_MAX_INTEGER <= value < _MAX_INTEGER else None


def to_datetime(value: Any) -> datetime | None:
    """A time in UTC, or None."""
    if type(value) is not str:
        return None
    # The attribute of the class accepts what the client accepts, with any version of Python.
    time = Session.from_dict({"started_at": value}).started_at
    try:
        return time and time.astimezone(timezone.utc)
    except OverflowError:
        return None


def to_time_text(value: Any) -> str | None:
    """A time as `YYYY-MM-DDTHH:MM:SS.mmmZ`, or None."""
    if type(value) is str and len(value) == 24 and value[23] == "Z" and value[19] == ".":
        try:
            datetime.fromisoformat(value[:23])
        except ValueError:
            return None
        if value[10] == "T":
            return value
    time = to_datetime(value)
    return None if time is None else f"{time.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def to_text_list(value: Any) -> list[str] | None:
    """A list of strings, or None."""
    kind: object = value.__class__
    if kind is not list:
        return None
    texts = [text for text in map(to_text, value) if text is not None]
    return texts if len(texts) == len(value) else None


def to_json(value: Any) -> str | None:
    """An object or a list as JSON, or None."""
    if not isinstance(value, (dict, list)):
        return None
    try:
        return _encode(value)
    except ValueError:
        # A number that is too large for a float. The raw record has it.
        return None


def _create_encoder() -> Callable[[Any], str]:
    """A function that does the same as `json.dumps` without its cost for each call: it creates an encoder anew."""
    slow = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False).encode
    # Not documented, and not in every implementation of Python.
    create = getattr(json.encoder, "c_make_encoder", None)
    try:
        fast = create and create(None, None, json.encoder.encode_basestring, None, ": ", ", ", False, False, False)
        if fast and "".join(fast({"a": [1, None, "\u00e9"]}, 0)) == slow({"a": [1, None, "\u00e9"]}):
            return lambda value: "".join(fast(value, 0))
    except TypeError:
        pass
    return slow


_encode = _create_encoder()


def json_of(kind: str) -> Callable[[Any], str | None]:
    """The converter of an attribute of this type, which is not scalar, to JSON."""
    if kind == "list[str]":
        return lambda value: to_json(to_text_list(value))
    container = list if kind.startswith("list[") else dict
    return lambda value: to_json(value) if type(value) is container else None
