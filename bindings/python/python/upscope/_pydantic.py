"""The schemas of answers, for pydantic 2. Imported when pydantic asks for one.

An answer is validated from an instance, a dict or JSON, as tolerantly as a response of the service: only what is not an
object is refused. It is serialized as everything that the service sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import partial
from typing import Any, cast

# Not a dependency of this package: pydantic has loaded it.
from pydantic_core import (  # type: ignore[import-not-found, unused-ignore]
    CoreSchema,
    PydanticCustomError,
    core_schema,
)

import upscope

from ._upscope import ApiObject, attributes

_SCALARS: dict[str, Callable[[], CoreSchema]] = {
    "str": core_schema.str_schema,
    "bool": core_schema.bool_schema,
    "int": core_schema.int_schema,
    "datetime": core_schema.datetime_schema,
}

# The classes whose schemas are being created. Answers refer to each other in a cycle.
_in_progress: ContextVar[tuple[type, ...]] = ContextVar("_in_progress", default=())


def create_core_schema(answer: type[ApiObject], handler: Any) -> CoreSchema:
    """What `__get_pydantic_core_schema__` returns."""
    reference = f"upscope.{answer.__name__}"
    if answer in _in_progress.get():
        return core_schema.definition_reference_schema(reference)
    token = _in_progress.set((*_in_progress.get(), answer))
    try:
        fields = {
            name: core_schema.typed_dict_field(
                core_schema.nullable_schema(_attribute_schema(annotation, handler)), required=False
            )
            for name, annotation, _ in attributes(answer.__name__)
        }
    finally:
        _in_progress.reset(token)
    return core_schema.no_info_wrap_validator_function(
        partial(_validate, answer),
        # Describes the attributes in the JSON schema.
        core_schema.typed_dict_schema(fields, total=False, extra_behavior="allow"),
        ref=reference,
        serialization=core_schema.plain_serializer_function_ser_schema(_serialize),
    )


def create_json_schema(answer: type[ApiObject], schema: CoreSchema, handler: Any) -> dict[str, Any]:
    """What `__get_pydantic_json_schema__` returns: the JSON schema with descriptions."""
    json_schema: dict[str, Any] = handler(schema)
    resolved = handler.resolve_ref_schema(json_schema)
    resolved.update(title=answer.__name__, description=answer.__doc__)
    for name, property_schema in resolved["properties"].items():
        property_schema["description"] = getattr(answer, name).__doc__
    return json_schema


def _attribute_schema(annotation: str, handler: Any) -> CoreSchema:
    if annotation in _SCALARS:
        return _SCALARS[annotation]()
    if annotation.startswith("dict["):
        return core_schema.dict_schema(core_schema.str_schema())
    if annotation.startswith("list["):
        return core_schema.list_schema(_attribute_schema(annotation[len("list[") : -1], handler))
    schema: CoreSchema = handler.generate_schema(getattr(upscope, annotation))
    return schema


def _validate(answer: type[ApiObject], value: object, _handler: object) -> ApiObject:
    if isinstance(value, answer):
        return value
    if not isinstance(value, Mapping):
        message = "Input should be a dict or an instance of {answer}"
        raise PydanticCustomError("upscope_type", message, {"answer": answer.__name__})
    # pydantic reports InvalidArgumentError, which is a ValueError.
    return answer.from_dict(dict(cast("Mapping[str, Any]", value)))


def _serialize(value: ApiObject) -> dict[str, Any]:
    return value.to_dict()
