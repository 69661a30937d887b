"""Client for the Upscope co-browsing REST API.

    import upscope

    with upscope.Client() as client:  # the API key is in UPSCOPE_API_KEY
        visitor = client.get_visitor("1234")
        print(visitor.name, visitor.last_seen_at)

`Client` is blocking, and `AsyncClient` has the same methods for asyncio. Create one client and keep it: threads or
tasks can share it. Every exception is an `UpscopeError`. Durations are in seconds, and every `datetime` is
timezone-aware.
"""

from ._client import Client
from ._errors import (
    ApiError,
    BadRequestError,
    BadResponseError,
    CallCancelledError,
    CallTimeoutError,
    ConflictError,
    HttpError,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    PaymentRequiredError,
    PermissionDeniedError,
    RateLimitedError,
    ServerError,
    TransportError,
    UnauthorizedError,
    UnprocessableEntityError,
    UpscopeError,
)
from ._upscope import (
    Agent,
    AgentUsage,
    ApiObject,
    Attempt,
    OnpremiseToken,
    Session,
    SessionCountUsage,
    SessionPage,
    SessionSecondsUsage,
    Team,
    Usage,
    Visitor,
    VisitorUsage,
    WatchUrl,
    __version__,
    parse_webhook,
)

# Importing `typing` would take longer than importing the rest of the package.
TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    from . import display as display
    from . import types as types
    from ._async_client import AsyncClient as AsyncClient
    from ._table import sessions_table as sessions_table
else:
    # The annotations of the answers' classes are evaluated in this module.
    from ._annotations import datetime, typing  # noqa: F401

__all__ = [
    "Agent",
    "AgentUsage",
    "ApiError",
    "ApiObject",
    "AsyncClient",
    "Attempt",
    "BadRequestError",
    "BadResponseError",
    "CallCancelledError",
    "CallTimeoutError",
    "Client",
    "ConflictError",
    "HttpError",
    "InternalError",
    "InvalidArgumentError",
    "NotFoundError",
    "OnpremiseToken",
    "PaymentRequiredError",
    "PermissionDeniedError",
    "RateLimitedError",
    "ServerError",
    "Session",
    "SessionCountUsage",
    "SessionPage",
    "SessionSecondsUsage",
    "Team",
    "TransportError",
    "UnauthorizedError",
    "UnprocessableEntityError",
    "UpscopeError",
    "Usage",
    "Visitor",
    "VisitorUsage",
    "WatchUrl",
    "__version__",
    "display",
    "parse_webhook",
    "sessions_table",
    "types",
]

# Imported on first use, because asyncio and typing are far larger than this package.
_LAZY = {"AsyncClient": "._async_client", "display": ".display", "sessions_table": "._table", "types": ".types"}


def __getattr__(name: str) -> object:
    if name in _LAZY:
        from importlib import import_module

        module = import_module(_LAZY[name], __name__)
        value: object = module if _LAZY[name] == f".{name}" else getattr(module, name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY} - {"datetime", "typing"})
