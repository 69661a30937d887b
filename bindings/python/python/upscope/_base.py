"""The common base of both clients: their settings, their options and the native client."""

from __future__ import annotations

from os import PathLike

from ._options import merge_options, to_core_options, to_milliseconds
from ._upscope import NativeClient, Session, parse_webhook

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    import typing
    from collections.abc import Mapping

    import typing_extensions
else:
    from ._annotations import Mapping, typing, typing_extensions


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
        timeout: float | None = 30.0,
        connect_timeout: float | None = 10.0,
        max_retries: int | None = 2,
        proxy: str | None = None,
        ca_file: str | PathLike[str] | None = None,
        user_agent: str | None = None,
        max_response_bytes: int | None = None,
        ascii_json: bool | None = None,
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

        Raises:
            InvalidArgumentError: A setting is invalid, or there is no API key.
        """
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
            }
        )
        self._options = None

    def with_options(
        self,
        *,
        timeout: float | None = None,
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
                "timeout": timeout,
                "max_retries": max_retries,
                "extra_query": None if extra_query is None else dict(extra_query),
                "extra_body": None if extra_body is None else dict(extra_body),
            }
        )
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

    def _request(self, request: dict[str, typing.Any]) -> dict[str, typing.Any]:
        """Adds the options of the client to those of the request."""
        options = request.get("options")
        if options is None:
            request["options"] = self._options
        elif hasattr(options, "items"):
            request["options"] = merge_options(self._options or {}, to_core_options(options))
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


def _to_path(path: str | PathLike[str]) -> str:
    from os import fspath

    return fspath(path)
