"""Options of a call, or of all calls of a client."""

from __future__ import annotations

from ._errors import InvalidArgumentError
from ._upscope import suggest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class _ClientTimeout(float):
    """The default of the parameter `timeout`: the client's."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<the client's timeout>"


CLIENT_TIMEOUT = _ClientTimeout()

OPTION_NAMES = ("timeout", "max_retries", "extra_query", "extra_body")
"""The keys of `upscope.types.Options`, which this package imports only for type checkers."""


def to_milliseconds(name: str, seconds: object) -> int:
    """Converts seconds to milliseconds, rounded up so that a short time does not become 0."""
    if seconds is None:
        raise InvalidArgumentError(
            f"{name} must be a number of seconds greater than 0, but is None: every call has a time limit. "
            f"Leave {name} out to use the default."
        )
    # The comparison is false for NaN. The core checks the largest value.
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 < seconds < 1e12:
        raise InvalidArgumentError(f"{name} must be a number of seconds greater than 0, but is {seconds!r}.")
    return int(-(-seconds * 1000 // 1))


def to_core_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Converts options to the names and units of the core."""
    core: dict[str, Any] = {}
    for name, value in options.items():
        if name == "timeout":
            core["timeout_ms"] = to_milliseconds("options.timeout", value)
        elif name not in OPTION_NAMES and name != "timeout_ms":
            suggestion = suggest(str(name), list(OPTION_NAMES))
            raise InvalidArgumentError(f'options does not know the key "{str(name)[:60]}"; {suggestion}')
        elif value is not None:
            core[name] = value
    return core


def merge_options(options: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Merges options. `extra_query` and `extra_body` are merged key by key."""
    result = {**options, **overrides}
    for key in ("extra_query", "extra_body"):
        if isinstance(options.get(key), dict) and isinstance(overrides.get(key), dict):
            result[key] = {**options[key], **overrides[key]}
    return result
