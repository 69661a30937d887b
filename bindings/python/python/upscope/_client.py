"""The blocking client."""

from __future__ import annotations

from ._base import BaseClient
from ._operations import Operations
from ._sessions import SessionIterator
from ._upscope import loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from typing_extensions import Self


class Client(BaseClient, Operations):
    """A client of the Upscope REST API. Its calls block, and end within their timeout.

        with upscope.Client("secret") as client:
            for visitor in client.list_visitors("online"):
                print(visitor.name)

    Any number of threads may share one client: make one and keep it. A child process after `os.fork` may go on using
    its parent's. Calls let other threads run, and Ctrl-C interrupts them. A log record for every attempt:
    `logging.getLogger("upscope").setLevel(logging.DEBUG)`.
    """

    __slots__ = ()

    def call(self, operation: str, request: dict[str, Any] | None = None) -> dict[str, Any]:
        """Calls an operation by its name, JSON in and JSON out: the answer whole, as the service sent it.

        Args:
            operation: The operation's name, such as `"get_visitor"`.
            request: Its keys; `options` has `timeout_ms` and the others as in C.
        """
        answer: dict[str, Any] = loads(self._call_json(operation, self._request(dict(request or {}))))
        return answer

    def close(self) -> None:
        """Closes the connections. Closing twice does nothing; calls that run go on to their end."""
        self._native.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, operation: str, request: dict[str, Any]) -> Any:
        return self._native.call(operation, self._request(request))

    def _call_json(self, operation: str, request: dict[str, Any] | str) -> str:
        return self._native.call_json(operation, request)

    def _iterate(self, request: dict[str, Any]) -> SessionIterator:
        return SessionIterator(self._native.pages(self._request(request)))
