"""Options of a call, and of a client whose calls share them."""

from __future__ import annotations

from ._errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def milliseconds(name: str, seconds: object) -> int | None:
    """Seconds as the core takes them, rounded up: a short time must not become none."""
    if seconds is None:
        return None
    # False for NaN as well. The core knows the largest value.
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds < 1e12:
        raise InvalidArgumentError(f"{name} must be a number of seconds greater than 0, but is {seconds!r}.")
    return int(-(-seconds * 1000 // 1))


def to_core(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options with the core's names."""
    core = {key: value for key, value in options.items() if value is not None}
    if "timeout" in core:
        core["timeout_ms"] = milliseconds("timeout", core.pop("timeout"))
    return core


def merged(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Options of which the later ones win; what is extra is merged key by key."""
    result = {**before, **after}
    for key in ("extra_query", "extra_body"):
        if isinstance(before.get(key), dict) and isinstance(after.get(key), dict):
            result[key] = {**before[key], **after[key]}
    return result
