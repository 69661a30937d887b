"""The exceptions. Their attributes are the keys of the library's error object."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class UpscopeError(Exception):
    """The base class of all exceptions of this package.

    The message never contains the API key, a proxy password, a watch link or a token. Exceptions can be pickled and
    copied with all their attributes.
    """

    code: str = "internal"
    """The kind of failure, such as `"not_found"`. The same in every language."""
    status: int = 13
    """The number of `code` in the C library."""
    message: str
    """What went wrong, in one sentence."""
    operation: str | None
    """The operation that failed, such as `"get_visitor"`."""
    http_status: int | None
    """The HTTP status of the last response, if there was one."""
    api_error: str | None
    """The service's own `error` text, such as `"invalid_api_key"`."""
    api_message: str | None
    """The service's own `message`, if it sent one."""
    request_id: str | None
    """The `X-Request-Id` or `Request-Id` of the last response, if it had one. Give it to the service's support."""
    attempts: int
    """The number of attempts."""
    retryable: bool
    """Whether the same call may succeed later and is safe to repeat."""
    retry_after_ms: int | None
    """How many milliseconds the service asked to wait, if it did."""
    may_have_applied: bool
    """Whether a call that changes data was sent and its outcome is unknown."""

    def __init__(
        self,
        message: str = "",
        *,
        operation: str | None = None,
        http_status: int | None = None,
        api_error: str | None = None,
        api_message: str | None = None,
        request_id: str | None = None,
        attempts: int = 0,
        retryable: bool = False,
        retry_after_ms: int | None = None,
        may_have_applied: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.operation = operation
        self.http_status = http_status
        self.api_error = api_error
        self.api_message = api_message
        self.request_id = request_id
        self.attempts = attempts
        self.retryable = retryable
        self.retry_after_ms = retry_after_ms
        self.may_have_applied = may_have_applied

    @property
    def retry_after(self) -> float | None:
        """How many seconds the service asked to wait, if it did."""
        return None if self.retry_after_ms is None else self.retry_after_ms / 1000

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args), self.__dict__.copy()

    def __copy__(self) -> UpscopeError:
        copied = _restore(type(self), self.args)
        copied.__dict__.update(self.__dict__)
        return copied


class InvalidArgumentError(UpscopeError, ValueError):
    """The request or the configuration is invalid. Nothing was sent."""

    code = "invalid_argument"
    status = 1


class ApiError(UpscopeError):
    """The service responded with an error status."""


class UnauthorizedError(ApiError):
    """HTTP 401: the service rejected the API key."""

    code = "unauthorized"
    status = 2


class PaymentRequiredError(ApiError):
    """HTTP 402: the subscription does not cover this call."""

    code = "payment_required"
    status = 3


class NotFoundError(ApiError):
    """HTTP 404: the visitor, agent or path does not exist."""

    code = "not_found"
    status = 4


class ConflictError(ApiError):
    """HTTP 409: the current state forbids the call. For example, a visitor who is online cannot be deleted."""

    code = "conflict"
    status = 5


class RateLimitedError(ApiError):
    """HTTP 429 after the last retry. `retry_after` is the time to wait, if the service sent one."""

    code = "rate_limited"
    status = 6


class ServerError(ApiError):
    """HTTP 5xx after the last retry."""

    code = "server_error"
    status = 7


class HttpError(ApiError):
    """Any other status that is not 2xx. Redirects are not followed."""

    code = "http_error"
    status = 8


class CallTimeoutError(UpscopeError, TimeoutError):
    """The call did not complete within its `timeout`."""

    code = "timeout"
    status = 9


class TransportError(UpscopeError, ConnectionError):
    """The connection failed or broke: DNS, connection refused, TLS, proxy, reset or closed."""

    code = "connection"
    status = 10


class BadResponseError(UpscopeError):
    """A 2xx response is invalid, or lacks what the operation promises."""

    code = "bad_response"
    status = 11


class CallCancelledError(UpscopeError):
    """The call was cancelled."""

    code = "cancelled"
    status = 12


class InternalError(UpscopeError):
    """A bug in this package. Please report it."""

    code = "internal"
    status = 13


_BY_CODE: dict[str, type[UpscopeError]] = {
    error.code: error
    for error in (
        InvalidArgumentError,
        UnauthorizedError,
        PaymentRequiredError,
        NotFoundError,
        ConflictError,
        RateLimitedError,
        ServerError,
        HttpError,
        CallTimeoutError,
        TransportError,
        BadResponseError,
        CallCancelledError,
        InternalError,
    )
}

# Tracebacks and pickles show the public name.
for _error in (UpscopeError, ApiError, *_BY_CODE.values()):
    _error.__module__ = "upscope"


def from_core(fields: dict[str, Any]) -> UpscopeError:
    """Creates the exception for an error object of the core."""
    code, status, message = fields.pop("code"), fields.pop("status"), fields.pop("message")
    error = _BY_CODE.get(code, UpscopeError)(message, **fields)
    if error.code != code:
        error.code, error.status = code, status
    return error


def _restore(error_class: type[UpscopeError], args: tuple[Any, ...]) -> UpscopeError:
    # Does not call the class, because a user's subclass may take other arguments.
    error = error_class.__new__(error_class, *args)
    error.args = args
    return error
