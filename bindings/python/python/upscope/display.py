"""How notebooks display answers.

Tables hide e-mail and IP addresses, because notebooks are often shared. `show_personal_data()` shows them. Watch links,
tokens and the values of `metadata` are never displayed: read them from the object.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from ipaddress import ip_address
from typing import cast

from ._upscope import Agent, ApiObject, Session, SessionPage, Team, attributes

__all__ = ["show_personal_data", "to_html"]

_HIDDEN = "[hidden]"

_PERSONAL = {"email", "ip_address"}

_MAX_TEXT = 200

_PAGE_COLUMNS = ("id", "visitor_id", "started_at", "ended_at", "length_seconds", "went_live", "agents", "features_used")

_EMAIL = re.compile(r"[^\s@/?&=<>,;:\"'()]+(?:@|%40)[^\s@/?&=<>,;:\"'()]+")
_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.]*\d)")
_IPV6 = re.compile(r"(?<![\w:])[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")

_shows_personal_data = False


def show_personal_data(show: bool = True) -> None:
    """Shows, or hides again, e-mail and IP addresses in the tables that notebooks display from now on."""
    global _shows_personal_data
    _shows_personal_data = show


def to_html(answer: ApiObject) -> str:
    """The HTML table that a notebook displays for an answer."""
    if isinstance(answer, SessionPage):
        caption = _count(len(answer), "session") + (", and there are more" if answer.has_more else "")
        return _table(caption, _PAGE_COLUMNS, [[_cell(session, name) for name in _PAGE_COLUMNS] for session in answer])
    name = type(answer).__name__
    present = [attribute for attribute, _, _ in attributes(name) if getattr(answer, attribute) is not None]
    return _table(name, (), [[f"<b>{escape(attribute)}</b>", _cell(answer, attribute)] for attribute in present])


def _table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in header)
    head = head and f"<thead><tr>{head}</tr></thead>"
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption>{head}<tbody>{body}</tbody></table>"


def _cell(answer: ApiObject, name: str) -> str:
    value = getattr(answer, name)
    if getattr(vars(type(answer)).get(name), "is_secret", False) or (name in _PERSONAL and not _shows_personal_data):
        return "" if value is None else _HIDDEN
    text = _text(value)
    return escape(text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, dict):
        return _count(len(cast("dict[str, object]", value)), "key")
    if isinstance(value, list):
        values = cast("list[object]", value)
        if values and isinstance(values[0], Session):
            return _count(len(values), "session")
        return ", ".join(map(_text, values))
    if isinstance(value, Agent):
        return _text(value.name or value.id)
    if isinstance(value, Team):
        return _text(value.domain or value.id)
    if isinstance(value, ApiObject):
        return ", ".join(f"{name}: {_text(getattr(value, name))}" for name, _, _ in attributes(type(value).__name__))
    return str(value) if _shows_personal_data else _hide_personal_data(str(value))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _hide_personal_data(text: str) -> str:
    """Hides addresses that are part of other attributes, such as `identities` or `last_url`."""
    text = _EMAIL.sub(_HIDDEN, text)
    text = _IPV4.sub(_HIDDEN, text)
    return _IPV6.sub(_hide_ipv6, text)


def _hide_ipv6(found: re.Match[str]) -> str:
    try:
        ip_address(found[0])
    except ValueError:
        # A time, for example.
        return found[0]
    return _HIDDEN
