"""The common base of both clients: their settings, their options and the native client."""

from __future__ import annotations

from os import PathLike

from ._errors import InvalidArgumentError
from ._options import CLIENT_TIMEOUT, merge_options, to_core_options, to_milliseconds
from ._upscope import Attempt, NativeClient, Session, parse_webhook

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    import typing
    from collections.abc import Callable, Mapping

    import typing_extensions

    from . import types
else:
    from ._annotations import Callable, Mapping, types, typing, typing_extensions


class BaseClient:
    """A client for the Upscope REST API."""

    __slots__ = ("__weakref__", "_native", "_options")

    _native: NativeClient
    _options: dict[str, typing.Any] | None

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        allow_http: bool | None = None,
        timeout: float = 30.0,
        connect_timeout: float = 10.0,
        max_retries: int | None = 2,
        proxy: str | None = None,
        ca_file: str | PathLike[str] | None = None,
        user_agent: str | None = None,
        max_response_bytes: int | None = None,
        ascii_json: bool | None = None,
        on_attempt: Callable[[Attempt], object] | None = None,
        default_headers: Mapping[str, str] | Callable[[], Mapping[str, str]] | None = None,
    ) -> None:
        """Creates a client. Nothing is sent.

        Args:
            api_key: The secret REST API key. Defaults to the environment variable `UPSCOPE_API_KEY`.
            base_url: The URL of the service, which may have a path. Defaults to the environment variable
                `UPSCOPE_BASE_URL`, then to `https://api.upscope.io/v1.3`.
            allow_http: Whether to allow plain HTTP to hosts other than this computer.
            timeout: Seconds for a whole call: name lookup, connection, all attempts and the waits between them.
            connect_timeout: Seconds for one connection.
            max_retries: How often a failed attempt may be repeated.
            proxy: The URL of a proxy, or `""` for none. Defaults to `HTTPS_PROXY` and `NO_PROXY`.
            ca_file: A PEM file of root certificates to trust in addition to those of the operating system.
            user_agent: The name and version of your program, which precede those of this package.
            max_response_bytes: The largest response to accept, after decompression. Defaults to 64 MiB.
            ascii_json: Whether `to_json()` writes non-ASCII characters as `\\uXXXX`.
            on_attempt: Called with an `Attempt` at the end of each attempt, on the calling thread or the event loop. An
                exception that it raises is logged.
            default_headers: Headers to add to each request, or a callable that returns them. It is called once for each
                call and each page, on the calling thread or the event loop.

        Raises:
            InvalidArgumentError: A setting is invalid, or there is no API key.
        """
        if callable(default_headers):
            from ._observer import refuse_coroutine_function

            refuse_coroutine_function("default_headers", default_headers)
        self._native = NativeClient(
            {
                "api_key": api_key,
                "base_url": base_url,
                "allow_http": allow_http,
                "timeout_ms": to_milliseconds("timeout", timeout),
                "connect_timeout_ms": to_milliseconds("connect_timeout", connect_timeout),
                "max_retries": max_retries,
                "proxy": proxy,
                "ca_file": None if ca_file is None else _to_path(ca_file),
                "user_agent": user_agent,
                "max_response_bytes": max_response_bytes,
                "ascii_json": ascii_json,
            },
            _to_observer(on_attempt),
            default_headers,
        )
        self._options = None

    def with_options(
        self,
        *,
        timeout: float = CLIENT_TIMEOUT,
        max_retries: int | None = None,
        extra_query: Mapping[str, str | float | bool] | None = None,
        extra_body: Mapping[str, typing.Any] | None = None,
    ) -> typing_extensions.Self:
        """Returns a client that uses these options for all its calls. It shares the connections of this client.

        Closing one of them does not close the other.

        Args:
            timeout: Seconds for a whole call.
            max_retries: How often a failed attempt may be repeated.
            extra_query: Query parameters that this package does not know yet.
            extra_body: Members of the JSON body that this package does not know yet.
        """
        options = to_core_options(
            {
                "max_retries": max_retries,
                "extra_query": None if extra_query is None else dict(extra_query),
                "extra_body": None if extra_body is None else dict(extra_body),
            }
        )
        if timeout is not CLIENT_TIMEOUT:
            options["timeout_ms"] = to_milliseconds("timeout", timeout)
        other = object.__new__(type(self))
        other._native = self._native.share()
        other._options = merge_options(self._options or {}, options)
        return other

    @staticmethod
    def parse_webhook(body: str | bytes) -> Session:
        """Parses the session that the service posted to a `webhook_url`. Pass the body exactly as received.

        Raises:
            InvalidArgumentError: The body is not a session's JSON.
        """
        return parse_webhook(body)

    def connection_info(self) -> types.ConnectionInfo:
        """How the client reaches the service, and why: `base_url`, `proxy`, `proxy_reason` and `roots`.

        Look here first if calls fail. It contains no secrets.
        """
        return self._native.connection_info()

    def _request(self, request: dict[str, typing.Any], timeout: float = CLIENT_TIMEOUT) -> dict[str, typing.Any]:
        """Adds the options of the client and the timeout of the call to the options of the request."""
        options = request.get("options")
        if options is None:
            merged = self._options
        elif hasattr(options, "items"):
            merged = merge_options(self._options or {}, to_core_options(options))
        else:
            # The core rejects it.
            return request
        if timeout is not CLIENT_TIMEOUT:
            if options is not None and ("timeout" in options or "timeout_ms" in options):
                raise InvalidArgumentError("timeout is given twice: as an argument and in options.")
            merged = {**(merged or {}), "timeout_ms": to_milliseconds("timeout", timeout)}
        request["options"] = merged
        return request

    def __reduce__(self) -> typing.NoReturn:
        raise TypeError(
            f"{type(self).__name__} objects cannot be pickled or copied, because they hold connections and the API "
            "key. Create a client in each process, for example when a worker starts. After os.fork, the child process "
            "can use the client of its parent. with_options() returns a client that shares the connections."
        )

    def __repr__(self) -> str:
        name = f"{type(self).__module__.partition('.')[0]}.{type(self).__name__}"
        return f"<{name} closed>" if self._native.closed else f"<{name} {self._native.base_url}>"


def _to_observer(on_attempt: Callable[[Attempt], object] | None) -> Callable[[Attempt], object] | None:
    if on_attempt is None:
        return None
    if not callable(on_attempt):
        raise InvalidArgumentError(f"on_attempt must be callable, but is {type(on_attempt).__name__}.")
    from ._observer import Observer, refuse_coroutine_function

    refuse_coroutine_function("on_attempt", on_attempt)
    return Observer(on_attempt)


def _to_path(path: str | PathLike[str]) -> str:
    from os import fspath

    return fspath(path)
