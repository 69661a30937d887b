"""What both clients are made of: their settings, their options, and their handle on the native client."""

from __future__ import annotations

from ._options import merged, milliseconds, to_core
from ._upscope import NativeClient, parse_webhook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike
    from typing import Any

    from typing_extensions import Self

    from ._upscope import Session


class BaseClient:
    """A client of the Upscope REST API."""

    __slots__ = ("__weakref__", "_native", "_options")

    _native: NativeClient
    _options: dict[str, Any] | None

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
        """Checks the settings; nothing is sent.

        Args:
            api_key: The secret REST API key; `UPSCOPE_API_KEY` of the environment when left out.
            base_url: Where the service is; `UPSCOPE_BASE_URL` of the environment when left out, and
                `https://api.upscope.io/v1.3` without it. May carry a path prefix.
            allow_http: Allow plain http to other hosts than this computer.
            timeout: Seconds for a whole call: name look-up, connection, every attempt and the waits between them.
            connect_timeout: Seconds for one connection.
            max_retries: How often a failed attempt may be repeated.
            proxy: The proxy's URL, or `""` for none; as `HTTPS_PROXY` and `NO_PROXY` say when left out.
            ca_file: A PEM file of root certificates to trust besides the operating system's.
            user_agent: Your program's name and version, put in front of this package's.
            max_response_bytes: The largest answer accepted, after decompression; 64 MiB when left out.
            ascii_json: Write characters outside ASCII as `\\uXXXX` in `to_json()`.

        Raises:
            InvalidArgumentError: A setting is wrong, or there is no key.
        """
        self._native = NativeClient(
            {
                "api_key": api_key,
                "base_url": base_url,
                "allow_http": allow_http,
                "timeout_ms": milliseconds("timeout", timeout),
                "connect_timeout_ms": milliseconds("connect_timeout", connect_timeout),
                "max_retries": max_retries,
                "proxy": proxy,
                "ca_file": None if ca_file is None else _path(ca_file),
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
        extra_body: Mapping[str, Any] | None = None,
    ) -> Self:
        """A client with these options for each of its calls. It shares the connections of this one.

        Either may be closed without the other.

        Args:
            timeout: Seconds for a whole call.
            max_retries: How often a failed attempt may be repeated.
            extra_query: Query parameters that this package does not know yet.
            extra_body: Members of the JSON body that this package does not know yet.
        """
        options = to_core(
            {
                "timeout": timeout,
                "max_retries": max_retries,
                "extra_query": None if extra_query is None else dict(extra_query),
                "extra_body": None if extra_body is None else dict(extra_body),
            }
        )
        other = object.__new__(type(self))
        other._native = self._native.share()
        other._options = merged(self._options or {}, options)
        return other

    @staticmethod
    def parse_webhook(body: str | bytes) -> Session:
        """The session that the service posted to a `webhook_url`; the body exactly as it came.

        Raises:
            InvalidArgumentError: The body is not a session's JSON.
        """
        return parse_webhook(body)

    def _request(self, request: dict[str, Any]) -> dict[str, Any]:
        """The request with the options that hold for it."""
        options = request.get("options")
        if options is None:
            request["options"] = self._options
        elif hasattr(options, "items"):
            request["options"] = merged(self._options or {}, to_core(options))
        return request

    def __repr__(self) -> str:
        name = f"{type(self).__module__.partition('.')[0]}.{type(self).__name__}"
        return f"<{name} closed>" if self._native.closed else f"<{name} {self._native.base_url}>"


def _path(path: str | PathLike[str]) -> str:
    from os import fspath

    return fspath(path)
