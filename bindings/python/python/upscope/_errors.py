"""The exceptions. Their attributes are the keys of the library's error object."""

from __future__ import annotations

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    import typing
else:
    from ._annotations import typing


class UpscopeError(Exception):
    """The base class of all exceptions of this package.

    The message never contains the API key, a proxy password, a watch link or a token. Exceptions can be pickled and
    copied with all their attributes. `args` is the message, followed by a dict of the attributes that differ from the
    defaults of the class. Calling the class with `args`, as Celery does, creates an exception with the same attributes.
    """

    code: str = "internal"
    """The kind of failure, such as `"not_found"`. The same in every language."""
    message: str = ""
    """What went wrong, in one sentence."""
    operation: str | None = None
    """The operation that failed, such as `"get_visitor"`."""
    http_status: int | None = None
    """The HTTP status of the last response, if there was one."""
    api_error: str | None = None
    """The service's own `error` text, such as `"invalid_api_key"`."""
    api_message: str | None = None
    """The service's own `message`, if it sent one."""
    request_id: str | None = None
    """The `X-Request-Id` or `Request-Id` of the last response, if it had one. Give it to the service's support."""
    attempts: int = 0
    """The number of attempts."""
    retryable: bool = False
    """Whether the same call may succeed later and is safe to repeat."""
    retry_after_ms: int | None = None
    """How many milliseconds the service asked to wait, if it did."""
    may_have_applied: bool = False
    """Whether a call that changes data was sent and its outcome is unknown."""

    def __init__(
        self,
        message: str = "",
        attributes: dict[str, typing.Any] | None = None,
        *,
        operation: str | None = None,
        http_status: int | None = None,
        api_error: str | None = None,
        api_message: str | None = None,
        request_id: str | None = None,
        attempts: int | None = None,
        retryable: bool | None = None,
        retry_after_ms: int | None = None,
        may_have_applied: bool | None = None,
    ) -> None:
        """Creates an exception. An attribute that is not given has the default of the class.

        Args:
            message: What went wrong, in one sentence.
            attributes: Attributes as a dict, as in `args`. Names that are unknown are ignored.
            operation: The operation that failed.
            http_status: The HTTP status of the last response.
            api_error: The service's own `error` text.
            api_message: The service's own `message`.
            request_id: The id of the last response.
            attempts: The number of attempts.
            retryable: Whether the same call may succeed later and is safe to repeat.
            retry_after_ms: How many milliseconds the service asked to wait.
            may_have_applied: Whether a call that changes data was sent and its outcome is unknown.
        """
        super().__init__(message)
        self.message = message
        given = {
            "operation": operation,
            "http_status": http_status,
            "api_error": api_error,
            "api_message": api_message,
            "request_id": request_id,
            "attempts": attempts,
            "retryable": retryable,
            "retry_after_ms": retry_after_ms,
            "may_have_applied": may_have_applied,
        }
        changed: dict[str, typing.Any] = {}
        for name in ("code", *given):
            value = given.get(name)
            if value is None and attributes:
                value = attributes.get(name)
            if value is not None and value != getattr(self, name):
                changed[name] = value
        self.__dict__.update(changed)
        if changed:
            # Set afterwards, because OSError takes a second argument for an error number.
            self.args = (message, changed)

    @property
    def retry_after(self) -> float | None:
        """How many seconds the service asked to wait, if it did."""
        return None if self.retry_after_ms is None else self.retry_after_ms / 1000

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[typing.Any, ...]:
        return _restore, (type(self), self.args), self.__dict__.copy()

    def __copy__(self) -> UpscopeError:
        copied = _restore(type(self), self.args)
        copied.__dict__.update(self.__dict__)
        return copied


class InvalidArgumentError(UpscopeError, ValueError):
    """The request or the configuration is invalid. Nothing was sent."""

    code = "invalid_argument"


class ApiError(UpscopeError):
    """The service responded with an error status."""


class UnauthorizedError(ApiError):
    """HTTP 401: the service rejected the API key."""

    code = "unauthorized"
    http_status = 401


class PaymentRequiredError(ApiError):
    """HTTP 402: the subscription does not cover this call."""

    code = "payment_required"
    http_status = 402


class NotFoundError(ApiError):
    """HTTP 404: the visitor, agent or path does not exist."""

    code = "not_found"
    http_status = 404


class ConflictError(ApiError):
    """HTTP 409: the current state forbids the call. For example, a visitor who is online cannot be deleted."""

    code = "conflict"
    http_status = 409


class RateLimitedError(ApiError):
    """HTTP 429 after the last retry. `retry_after` is the time to wait, if the service sent one."""

    code = "rate_limited"
    http_status = 429
    retryable = True


class ServerError(ApiError):
    """HTTP 5xx after the last retry."""

    code = "server_error"


class HttpError(ApiError):
    """Any other status that is not 2xx. Redirects are not followed."""

    code = "http_error"


class BadRequestError(HttpError):
    """HTTP 400: the service rejected the request as invalid."""

    http_status = 400


class PermissionDeniedError(HttpError):
    """HTTP 403: the API key is not allowed to make this call."""

    http_status = 403


class UnprocessableEntityError(HttpError):
    """HTTP 422: the service rejected a value in the request."""

    http_status = 422


class CallTimeoutError(UpscopeError, TimeoutError):
    """The call did not complete within its `timeout`."""

    code = "timeout"


class TransportError(UpscopeError, ConnectionError):
    """The connection failed or broke: DNS, connection refused, TLS, proxy, reset or closed."""

    code = "connection"


class BadResponseError(UpscopeError):
    """A 2xx response is invalid, or lacks what the operation promises."""

    code = "bad_response"


class CallCancelledError(UpscopeError):
    """The call was cancelled."""

    code = "cancelled"


class InternalError(UpscopeError):
    """A bug in this package. Please report it."""

    code = "internal"


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

# The kinds of HttpError.
_BY_HTTP_STATUS: dict[int | None, type[UpscopeError]] = {
    error.http_status: error for error in (BadRequestError, PermissionDeniedError, UnprocessableEntityError)
}

# Tracebacks and pickles show the public name.
for _error in (UpscopeError, ApiError, *_BY_CODE.values(), *_BY_HTTP_STATUS.values()):
    _error.__module__ = "upscope"


def from_core(fields: dict[str, typing.Any]) -> UpscopeError:
    """Creates the exception for an error object of the core."""
    error_class = _BY_CODE.get(fields["code"], UpscopeError)
    if error_class is HttpError:
        error_class = _BY_HTTP_STATUS.get(fields["http_status"], HttpError)
    return error_class(fields["message"], fields)


def _restore(error_class: type[UpscopeError], args: tuple[typing.Any, ...]) -> UpscopeError:
    # Does not call the class, because a user's subclass may take other arguments.
    error = error_class.__new__(error_class, *args)
    error.args = args
    return error
