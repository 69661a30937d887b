"""Response objects: attributes, conversion, equality, pickling and repr."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import upscope
from upscope import _upscope

SESSION: dict[str, Any] = {
    "id": "s_1",
    "visitor_id": "V1",
    "started_at": "2018-03-16T15:25:59.000Z",
    "ended_at": None,
    "length_seconds": 61,
    "went_live": True,
    "features_used": ["draw", "cl\u0069ck", "\u00e9\U0001f600\n"],
    "agents": [{"id": 17, "name": "Joe", "_type": "external_agent"}],
    "team": {"id": "t_1", "domain": "acme.example"},
    "metadata": {"ticket": 12, "vip": True},
    "new_field": {"nested": [1, 2.5, None]},
}


def test_attributes_are_converted_when_read() -> None:
    session = upscope.Session.from_dict(SESSION)
    assert (session.id, session.visitor_id, session.length_seconds, session.went_live) == ("s_1", "V1", 61, True)
    assert session.started_at == datetime(2018, 3, 16, 15, 25, 59, tzinfo=timezone.utc)
    assert session.ended_at is None
    assert session.call_length_seconds is None
    assert session.features_used == ["draw", "click", "\u00e9\U0001f600\n"]
    assert session.agents is not None
    assert session.team is not None
    assert [(agent.id, agent.name) for agent in session.agents] == [("17", "Joe")]
    assert session.team.domain == "acme.example"
    assert session.metadata == {"ticket": 12, "vip": True}


def test_to_dict_and_to_json_return_everything() -> None:
    assert upscope.Session.from_dict(SESSION).to_dict() == SESSION
    assert json.loads(upscope.Session.from_dict(SESSION).to_json()) == SESSION
    text = '{"id": "s_1", "big": 123456789012345678901234567890, "id\\u0032": "\\ud800"}'
    assert upscope.Session.from_json(text).to_json() == text
    assert upscope.Session.from_json(text).to_dict() == json.loads(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018-03-16T15:25:59Z", datetime(2018, 3, 16, 15, 25, 59, tzinfo=timezone.utc)),
        (
            "2018-07-05T11:53:38.000+01:00",
            datetime(2018, 7, 5, 11, 53, 38, tzinfo=timezone(timedelta(hours=1))),
        ),
        (
            "2018-07-05t11:53:38.123456789-11:30",
            datetime(2018, 7, 5, 11, 53, 38, 123456, tzinfo=timezone(-timedelta(hours=11, minutes=30))),
        ),
        ("2018-07-05 11:53:38.5z", datetime(2018, 7, 5, 11, 53, 38, 500000, tzinfo=timezone.utc)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=timezone.utc)),
        ("9999-12-31T23:59:60Z", None),
        ("2018-02-30T00:00:00Z", None),
        ("0000-01-01T00:00:00Z", None),
        ("2018-07-05T11:53:38", None),
        ("2018-07-05T11:53:38.Z", None),
        ("2018-07-05T11:53:38+1:00", None),
        ("2018-07-05T11:53:38+24:00", None),
        ("2018-07-05", None),
        ("yesterday", None),
        ("", None),
        ("2018-07-05T11:5\u00e9:38Z", None),
    ],
)
def test_timestamps(text: str, expected: datetime | None) -> None:
    session = upscope.Session.from_dict({"id": "s", "started_at": text})
    assert session.started_at == expected
    if session.started_at is not None and expected is not None:
        assert session.started_at.utcoffset() == expected.utcoffset()
    assert session.to_dict()["started_at"] == text


@pytest.mark.parametrize("value", [None, 3.5, [], {}, "text", True, "3"])
def test_a_value_of_another_type_is_none(value: object) -> None:
    fields = {name: value for name, _, _ in _upscope.attributes("Session")}
    session = upscope.Session.from_dict(fields)
    types = {"str": str, "bool": bool, "int": int, "datetime": datetime}
    for name, annotation, _ in _upscope.attributes("Session"):
        converted = getattr(session, name)
        expected = types.get(annotation)
        if expected is None:
            expected = list if annotation.startswith("list") else dict if annotation.startswith("dict") else object
        assert converted is None or isinstance(converted, expected), name
    assert session.went_live is (True if value is True else None)
    assert session.length_seconds is None
    assert session.to_dict() == fields


def test_a_list_with_an_element_of_another_type_is_none() -> None:
    session = upscope.Session.from_dict({"agents": [{"id": "1"}, None], "features_used": ["a", {}]})
    assert session.agents is None
    assert session.features_used is None


def test_every_documented_attribute_exists() -> None:
    documented = {
        "Visitor": "short_id unique_id lookup_code identities tags email name nickname added_at first_seen_at "
        "last_seen_at api_key browser_name call_name integration last_url device_name device_type ip_address is_online "
        "is_in_session is_supported is_waiting_for_call js_configuration location_city location_country "
        "location_country_name watch_link sessions",
        "Session": "id visitor_id started_at ended_at length_seconds call_length_seconds formatted_length "
        "formatted_call_length went_live features_used agents team metadata",
        "Agent": "id name agent_identifier email sessions",
        "WatchUrl": "watch_url expiration",
        "OnpremiseToken": "authorized token",
        "Usage": "agents session_counts session_seconds visitors",
    }
    for name, attributes in documented.items():
        empty = getattr(upscope, name).from_json("{}")
        for attribute in attributes.split():
            assert getattr(empty, attribute) is None
            assert getattr(type(empty), attribute).__doc__


def test_objects_are_immutable() -> None:
    session = upscope.Session.from_dict(SESSION)
    with pytest.raises(AttributeError, match="immutable"):
        session.id = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        del session.id
    with pytest.raises(AttributeError):
        session.unknown = 1  # type: ignore[attr-defined]
    assert session.features_used is not None
    session.features_used.append("more")
    session.to_dict()["id"] = "other"
    assert session.features_used == ["draw", "click", "\u00e9\U0001f600\n"]
    assert session.id == "s_1"
    with pytest.raises(TypeError):
        upscope.Session()
    with pytest.raises(TypeError):
        type("Subclass", (upscope.Session,), {})


def test_equality_and_hash_depend_on_content() -> None:
    one = upscope.Session.from_dict(SESSION)
    other = upscope.Session.from_dict(dict(reversed(SESSION.items())))
    assert one == other
    assert hash(one) == hash(other)
    assert len({one, other}) == 1
    assert one != upscope.Session.from_dict({**SESSION, "new_field": 1})
    assert upscope.Team.from_json("{}") != upscope.Agent.from_json("{}")
    assert one != SESSION
    with pytest.raises(TypeError):
        one < other  # type: ignore[operator]  # noqa: B015


def test_objects_can_be_pickled_and_copied() -> None:
    page = upscope.SessionPage.from_dict({"cobrowsing_sessions": [SESSION], "has_more": False, "last_id": "s_1"})
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        for original in (page, page.sessions[0]):
            restored = pickle.loads(pickle.dumps(original, protocol))
            assert restored == original
            assert type(restored) is type(original)
            assert restored.to_json() == original.to_json()
    assert copy.copy(page) == copy.deepcopy(page) == page
    assert copy.deepcopy([page.sessions[0]])[0].team == page.sessions[0].team


def test_from_json_and_from_dict_reject_anything_but_objects() -> None:
    for text in ("", "[]", "3", '{"a":', '{"a":1} x', "nul", "[" * 5000):
        with pytest.raises(upscope.InvalidArgumentError):
            upscope.Session.from_json(text)
    invalid: list[Any] = [[], None, {1: 2}]
    for data in invalid:
        with pytest.raises(upscope.InvalidArgumentError):
            upscope.Session.from_dict(data)


def test_repr_shows_known_attributes() -> None:
    text = repr(upscope.Session.from_dict(SESSION))
    assert text.startswith("Session(id='s_1', visitor_id='V1', started_at=2018-03-16T15:25:59.000Z, length_seconds=61")
    assert "team=Team(id='t_1', domain='acme.example')" in text
    assert "new_field" not in text
    assert len(repr(upscope.Team.from_dict({"id": "x" * 5000}))) < 100


def test_a_page_is_a_sequence_of_sessions() -> None:
    sessions = [{"id": "s_1"}, {"id": "s_2"}, {"id": "s_3"}]
    page = upscope.SessionPage.from_dict({"cobrowsing_sessions": sessions})
    assert (page[0].id, page[-1].id, len(page)) == ("s_1", "s_3", 3)
    assert page[1:] == page.sessions[1:]
    assert isinstance(page[:1], list)
    assert [session.id for session in reversed(page)] == ["s_3", "s_2", "s_1"]
    assert page[1] in page
    with pytest.raises(IndexError):
        page[3]
    with pytest.raises(TypeError):
        page["id"]  # type: ignore[call-overload]
    with pytest.raises(upscope.InvalidArgumentError, match="cobrowsing_sessions"):
        upscope.SessionPage.from_dict({"has_more": True})


def test_the_json_module_writes_answers() -> None:
    session = upscope.Session.from_dict(SESSION)
    assert json.loads(json.dumps({"session": session}, default=upscope.ApiObject.to_dict)) == {"session": SESSION}
    with pytest.raises(TypeError):
        json.dumps({"session": object()}, default=upscope.ApiObject.to_dict)
