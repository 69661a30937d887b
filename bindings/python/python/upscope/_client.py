"""The blocking client."""

from __future__ import annotations

from ._base import BaseClient
from ._operations import Operations
from ._options import CLIENT_TIMEOUT
from ._sessions import SessionIterator
from ._upscope import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self


class Client(BaseClient, Operations):
    """A client for the Upscope REST API. Its calls block, at most for their timeout.

        with upscope.Client("secret") as client:
            for visitor in client.list_visitors("online"):
                print(visitor.name)

    Create one client and keep it: any number of threads can share it. After `os.fork`, the child process can use the
    client of its parent. Other threads run during a call, and Ctrl-C interrupts it. To log every attempt, use
    `logging.getLogger("upscope").setLevel(logging.DEBUG)`.
    """

    __slots__ = ()

    def call(
        self, operation: str, request: dict[str, Any] | None = None, *, timeout: float = CLIENT_TIMEOUT
    ) -> dict[str, Any]:
        """Calls an operation by name. Takes and returns JSON as a dict: the whole response, as the service sent it.

        Args:
            operation: The operation's name, such as `"get_visitor"`.
            request: The operation's keys. The keys of `options` are those of the C library, such as `timeout_ms`.
            timeout: Seconds for the whole call. Defaults to the client's.
        """
        response: dict[str, Any] = loads(self._call_json(operation, self._request(dict(request or {}), timeout)))
        return response

    def close(self) -> None:
        """Closes the client. Running calls complete normally. Closing a client again does nothing."""
        self._native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, operation: str, request: dict[str, Any]) -> Any:
        return self._native.call(operation, self._request(request, request.pop("timeout", CLIENT_TIMEOUT)))

    def _call_json(self, operation: str, request: dict[str, Any] | str) -> str:
        return self._native.call_json(operation, request)

    def _iterate(self, request: dict[str, Any]) -> SessionIterator:
        timeout = request.pop("timeout", CLIENT_TIMEOUT)
        return SessionIterator(self._native.pages(self._request(request, timeout)))
