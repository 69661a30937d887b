"""The names that annotations refer to, for `typing.get_type_hints` and `inspect.signature(..., eval_str=True)`.

Importing `typing` would take longer than importing the rest of the package. The modules here are imported when an
annotation is evaluated. Type checkers read the real imports, below `TYPE_CHECKING` in each module.
"""

from __future__ import annotations

# Where `collections.abc` takes them from. The interpreter has loaded this module.
from _collections_abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

__all__ = [
    "AsyncIterator",
    "Awaitable",
    "Callable",
    "Iterator",
    "Mapping",
    "datetime",
    "types",
    "typing",
    "typing_extensions",
]


class _LazyModule:
    """A module that is imported when one of its attributes is read."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> object:
        from importlib import import_module

        value: object = getattr(import_module(self._name), attribute)
        return value


class _LazySelf:
    """`Self`, which `typing` has since Python 3.11. Before, it is `Any`."""

    __slots__ = ()

    @property
    def Self(self) -> object:
        import typing

        return getattr(typing, "Self", typing.Any)


datetime = _LazyModule("datetime")
types = _LazyModule("upscope.types")
typing = _LazyModule("typing")
typing_extensions = _LazySelf()
