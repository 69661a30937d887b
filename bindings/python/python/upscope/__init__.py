"""Client for the Upscope co-browsing REST API.

    import upscope

    with upscope.Client() as client:          # the key is in UPSCOPE_API_KEY
        visitor = client.get_visitor("1234")
        print(visitor.name, visitor.last_seen_at)

`Client` blocks, `AsyncClient` is the same for asyncio. Both may be shared by threads or tasks: make one and keep it.
What goes wrong is an `UpscopeError`. Times are in seconds, and every `datetime` has its time zone.
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

# `typing` is not imported when the package is used: that alone would cost more than the rest.
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

# Imported when first asked for: asyncio is far larger than this package.
_LATER = {"AsyncClient": "._async_client", "sessions_table": "._table"}


def __getattr__(name: str) -> object:
    if name in _LATER:
        from importlib import import_module

        value: object = getattr(import_module(_LATER[name], __name__), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LATER])
