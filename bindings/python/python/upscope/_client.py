"""The blocking client."""

from __future__ import annotations

from ._base import BaseClient
from ._operations import Operations
from ._options import CLIENT_TIMEOUT
from ._sessions import SessionIterator, first_page
from ._upscope import SessionPage, loads

TYPE_CHECKING: bool = False
if TYPE_CHECKING:
    import typing

    import typing_extensions
else:
    from ._annotations import typing, typing_extensions


class Client(BaseClient, Operations):
    """A client for the Upscope REST API. Its calls block, at most for their timeout.

        with upscope.Client("secret") as client:
            for visitor in client.list_visitors("online"):
                print(visitor.name)

    Create one client and keep it: any number of threads can share it. After `os.fork`, the child process can use the
    client of its parent. Other threads run during a call, and Ctrl-C interrupts it. To log every attempt, use
    `logging.getLogger("upscope").setLevel(logging.DEBUG)`.
    """

    # With an instance dict, tests can replace a method: `patch.object(client, "get_usage")`.
    __slots__ = ("__dict__",)

    def call(
        self, operation: str, request: dict[str, typing.Any] | None = None, *, timeout: float = CLIENT_TIMEOUT
    ) -> dict[str, typing.Any]:
        """Calls an operation by name. Takes and returns JSON as a dict: the whole response, as the service sent it.

        Args:
            operation: The operation's name, such as `"get_visitor"`.
            request: The operation's keys. The keys of `options` are those of the C library, such as `timeout_ms`.
            timeout: Seconds for the whole call. Defaults to the client's.
        """
        text = self._call_json(operation, self._request(dict(request or {}), timeout))
        response: dict[str, typing.Any] = loads(text)
        return response

    def close(self) -> None:
        """Closes the client. Running calls complete normally. Closing a client again does nothing."""
        self._native.close()

    def __enter__(self) -> typing_extensions.Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, operation: str, request: dict[str, typing.Any]) -> typing.Any:
        return self._native.call(operation, self._request(request, request.pop("timeout", CLIENT_TIMEOUT)))

    def _call_json(self, operation: str, request: dict[str, typing.Any] | str) -> str:
        return self._native.call_json(operation, request)

    def _page(self, request: dict[str, typing.Any]) -> SessionPage:
        return first_page(self._call, request)

    def _iterate(self, request: dict[str, typing.Any]) -> SessionIterator:
        timeout = request.pop("timeout", CLIENT_TIMEOUT)
        return SessionIterator(self._native.pages(self._request(request, timeout)))
