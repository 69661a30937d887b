"""The protocol of stores, and the stores that a text names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from .. import InvalidArgumentError, Session


class StoreError(Exception):
    """The store cannot be read or written."""


class StoreBusyError(StoreError):
    """Another program changed the store during this run. That program continues; nothing is lost."""


class Counts(NamedTuple):
    """What a commit did."""

    added: int
    """Sessions that the store did not have."""

    updated: int
    """Sessions that replaced an older version."""

    unchanged: int
    """Sessions that the store had in the same version."""

    moved: int = 0
    """How many of the updated ones have another `started_at`, the order of the list, than before."""


@runtime_checkable
class Store(Protocol):
    """Where `sync` copies sessions to. Any object with these methods will do.

    The only hard part is `commit`: it must store the sessions and the state together, or nothing.
    """

    def load(self) -> str | None:
        """Returns the state of the last commit, or None if there was none."""
        ...

    def commit(self, sessions: Sequence[Session], state: Callable[[Counts], str], previous: str | None) -> Counts:
        """Stores sessions and state in one transaction.

        A session whose `id` is stored replaces it, and each `id` occurs at most once in `sessions`. Sessions that
        `forget` removed are not stored again.

        Args:
            sessions: The sessions of a page; there may be none. Each has an `id`. `to_json()` is its whole record.
            state: Returns the text that the next `load` returns. Call it once, before the transaction ends, with what
                the transaction does.
            previous: What `load` must return now. If it does not, another program writes to the store: raise
                `StoreBusyError`, and store nothing.
        """
        ...

    def flush(self) -> None:
        """Makes everything that is committed visible to readers. Called at the end of a run."""

    def sessions(self) -> Iterator[Session]:
        """Returns all sessions, in any order. Called by `forget` and for the report page."""
        ...

    def forget(self, matches: Callable[[Session], bool]) -> Sequence[str]:
        """Removes the sessions that match, so that `commit` does not store them again. Returns their ids."""
        ...

    def close(self) -> None:
        """Releases what the store holds. `sync` closes only stores that it opened itself."""


def open_store(name: str) -> Store:
    """Opens a store, and creates it if it does not exist.

    Args:
        name: `"sqlite:FILE"`, `"parquet:DIRECTORY"` (needs `pip install upscope[parquet]`), or
            `"postgresql://USER@HOST/DATABASE"` (needs `pip install upscope[postgresql]`).

    Raises:
        InvalidArgumentError: There is no such kind of store.
        StoreError: The store cannot be opened.
    """
    kind, _, place = name.partition(":")
    if place and kind == "sqlite":
        from ._sqlite import SqliteStore

        return SqliteStore(place)
    if place and kind == "parquet":
        from ._parquet import ParquetStore

        return ParquetStore(place)
    if place and kind in ("postgresql", "postgres"):
        from ._postgresql import PostgresqlStore

        return PostgresqlStore(name)
    # Not the whole text, which may contain a password.
    raise InvalidArgumentError(
        f"A store is sqlite:FILE, parquet:DIRECTORY or postgresql://USER@HOST/DATABASE, "
        f"but the text {'has no such prefix' if not place else f'begins with {kind[:20]}:'}."
    )


def resolve_store(store: object) -> tuple[Store, bool]:
    """Returns the store, and whether it was opened here."""
    if isinstance(store, str):
        return open_store(store), True
    if isinstance(store, Store):
        return store, False
    raise InvalidArgumentError(
        f"A store is a text such as 'sqlite:sessions.db', or an object with the methods of upscope.history.Store, "
        f"but is {type(store).__name__}."
    )
