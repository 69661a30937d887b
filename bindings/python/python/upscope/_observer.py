"""Checks the callables of a client, calls its observer, and logs what that raises."""

from __future__ import annotations

from inspect import iscoroutinefunction
from logging import getLogger

from ._errors import InvalidArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from ._upscope import Attempt


def refuse_coroutine_function(name: str, function: object) -> None:
    """Raises `InvalidArgumentError` for a coroutine function, which nothing would await."""
    if iscoroutinefunction(function):
        raise InvalidArgumentError(f"{name} must be a plain function, but is a coroutine function: nothing awaits it.")


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
