"""Calls the observer of a client, and logs what it raises."""

from __future__ import annotations

from logging import getLogger

from ._upscope import Attempt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable


class Observer:
    """Calls `on_attempt`. Raises no `Exception`."""

    __slots__ = ("_on_attempt",)

    def __init__(self, on_attempt: Callable[[Attempt], object]) -> None:
        self._on_attempt = on_attempt

    def __call__(self, attempt: Attempt) -> None:
        try:
            self._on_attempt(attempt)
        except Exception:
            # Without a handler, `logging` would print the traceback: the native module adds a `NullHandler`.
            getLogger("upscope").error("on_attempt raised an exception", exc_info=True)
