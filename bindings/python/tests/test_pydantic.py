"""Answers in pydantic models, `validate_call` and FastAPI."""

from __future__ import annotations

import json
from typing import Any, Optional

import pytest
import upscope

pydantic: Any = pytest.importorskip("pydantic", minversion="2.0", reason="pydantic 2 is not installed")

VISITOR: dict[str, Any] = {
    "short_id": "V1",
    "is_online": True,
    "last_seen_at": "2018-07-05T11:53:38.000+01:00",
    "sessions": [{"id": 3, "agents": [{"id": "u_1", "sessions": []}], "team": {"domain": "acme.example"}}],
    "new_field": {"nested": [1, None]},
}

ANSWERS = [
    value
    for value in vars(upscope).values()
    if isinstance(value, type) and issubclass(value, upscope.ApiObject) and value is not upscope.ApiObject
]


class Ticket(pydantic.BaseModel):  # type: ignore[misc]
    number: int
    visitor: upscope.Visitor
    agents: list[upscope.Agent] = pydantic.Field(default_factory=list)
    # pydantic cannot evaluate `X | None` on Python 3.9.
    page: Optional[upscope.SessionPage] = None  # noqa: UP045


def test_an_instance_is_kept() -> None:
    visitor = upscope.Visitor.from_dict(VISITOR)
    assert pydantic.TypeAdapter(upscope.Visitor).validate_python(visitor) is visitor
    assert Ticket(number=1, visitor=visitor).visitor is visitor


def test_a_dict_and_json_are_validated() -> None:
    adapter = pydantic.TypeAdapter(upscope.Visitor)
    expected = upscope.Visitor.from_dict(VISITOR)
    assert adapter.validate_python(VISITOR) == expected
    assert adapter.validate_json(json.dumps(VISITOR)) == expected
    # As tolerant as a response of the service.
    assert adapter.validate_python({"is_online": "yes"}).is_online is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("visitor", 3), ("visitor", None), ("visitor", []), ("agents", [1]), ("page", {"has_more": True})],
)
def test_anything_else_is_a_validation_error(field: str, value: object) -> None:
    with pytest.raises(pydantic.ValidationError) as caught:
        Ticket.model_validate({"number": 1, "visitor": VISITOR, field: value})
    assert caught.value.errors()[0]["loc"][0] == field


def test_serialization_writes_all_that_the_service_sent() -> None:
    page = {"cobrowsing_sessions": [{"id": "s_1"}], "has_more": False}
    ticket = Ticket.model_validate({"number": 1, "visitor": VISITOR, "agents": [{"id": 7}], "page": page})
    expected = {"number": 1, "visitor": VISITOR, "agents": [{"id": 7}], "page": page}
    assert ticket.model_dump() == json.loads(ticket.model_dump_json()) == expected
    assert Ticket.model_validate_json(ticket.model_dump_json()) == ticket
    assert json.loads(pydantic.TypeAdapter(list[upscope.Agent]).dump_json(ticket.agents)) == [{"id": 7}]


def test_validate_call() -> None:
    def read_id(visitor: upscope.Visitor) -> object:
        return visitor.short_id

    name_of: Any = pydantic.validate_call(read_id)
    assert name_of(upscope.Visitor.from_dict(VISITOR)) == "V1"
    assert name_of(VISITOR) == "V1"
    with pytest.raises(pydantic.ValidationError):
        name_of("V1")


@pytest.mark.parametrize("mode", ["validation", "serialization"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_the_json_schema_describes_every_attribute(answer: type[upscope.ApiObject], mode: Any) -> None:
    schema = pydantic.TypeAdapter(answer).json_schema(mode=mode)
    schemas = dict(schema.get("$defs", {}))
    if "properties" in schema:
        schemas[answer.__name__] = schema
    assert answer.__name__ in schemas
    for name, described in schemas.items():
        cls = getattr(upscope, name)
        assert described["description"] == cls.__doc__
        assert described["title"] == name
        for attribute, property_schema in described["properties"].items():
            assert property_schema["description"] == getattr(cls, attribute).__doc__
    if answer is upscope.Visitor:
        assert {"Session", "Agent", "Team"} <= set(schemas)
        assert schema["properties"]["last_seen_at"]["anyOf"][0] == {"type": "string", "format": "date-time"}
        assert schema["properties"]["sessions"]["anyOf"][0]["items"] == {"$ref": "#/$defs/Session"}


def test_the_schema_names_each_answer_once() -> None:
    schema = Ticket.model_json_schema()
    assert set(schema["$defs"]) == {"Agent", "Session", "SessionPage", "Team", "Visitor"}


def test_fastapi_response_models() -> None:
    fastapi = pytest.importorskip("fastapi", reason="FastAPI is not installed")
    testclient = pytest.importorskip("fastapi.testclient", reason="the test client of FastAPI needs httpx")
    app = fastapi.FastAPI()

    def visitor() -> object:
        return upscope.Visitor.from_dict(VISITOR)

    def visitors() -> object:
        return [upscope.Visitor.from_dict(VISITOR)]

    def echo(session: upscope.Session = fastapi.Body()) -> object:  # noqa: B008
        return {"id": session.id}

    app.get("/visitor", response_model=upscope.Visitor)(visitor)
    app.get("/visitors", response_model=list[upscope.Visitor])(visitors)
    app.post("/sessions")(echo)
    client = testclient.TestClient(app)
    assert client.get("/visitor").json() == VISITOR
    assert client.get("/visitors").json() == [VISITOR]
    assert client.post("/sessions", json={"id": 3}).json() == {"id": "3"}
    assert client.post("/sessions", json=[]).status_code == 422
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert schemas["Visitor"]["properties"]["short_id"]["description"] == upscope.Visitor.short_id.__doc__
    assert schemas["Visitor"]["description"] == upscope.Visitor.__doc__
