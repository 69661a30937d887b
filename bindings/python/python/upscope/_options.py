"""Options of a call, or of all calls of a client."""

from __future__ import annotations

from ._errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def to_milliseconds(name: str, seconds: object) -> int | None:
    """Converts seconds to milliseconds, rounded up so that a short time does not become 0."""
    if seconds is None:
        return None
    # The comparison is false for NaN. The core checks the largest value.
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds < 1e12:
        raise InvalidArgumentError(f"{name} must be a number of seconds greater than 0, but is {seconds!r}.")
    return int(-(-seconds * 1000 // 1))


def to_core_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Converts options to the names and units of the core."""
    core = {key: value for key, value in options.items() if value is not None}
    if "timeout" in core:
        core["timeout_ms"] = to_milliseconds("timeout", core.pop("timeout"))
    return core


def merge_options(options: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Merges options. `extra_query` and `extra_body` are merged key by key."""
    result = {**options, **overrides}
    for key in ("extra_query", "extra_body"):
        if isinstance(options.get(key), dict) and isinstance(overrides.get(key), dict):
            result[key] = {**options[key], **overrides[key]}
    return result
