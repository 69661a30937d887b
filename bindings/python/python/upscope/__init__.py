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
    BadResponseError,
    CallCancelledError,
    CallTimeoutError,
    ConflictError,
    HttpError,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    PaymentRequiredError,
    RateLimitedError,
    ServerError,
    TransportError,
    UnauthorizedError,
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
TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._async_client import AsyncClient as AsyncClient
    from ._table import sessions_table as sessions_table

__all__ = [
    "Agent",
    "AgentUsage",
    "ApiError",
    "ApiObject",
    "AsyncClient",
    "Attempt",
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
    "RateLimitedError",
    "ServerError",
    "Session",
    "SessionCountUsage",
    "SessionPage",
    "SessionSecondsUsage",
    "Team",
    "TransportError",
    "UnauthorizedError",
    "UpscopeError",
    "Usage",
    "Visitor",
    "VisitorUsage",
    "WatchUrl",
    "__version__",
    "parse_webhook",
    "sessions_table",
]

# Imported on first use, because asyncio is far larger than this package.
_LAZY = {"AsyncClient": "._async_client", "sessions_table": "._table"}


def __getattr__(name: str) -> object:
    if name in _LAZY:
        from importlib import import_module

        value: object = getattr(import_module(_LAZY[name], __name__), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY])
