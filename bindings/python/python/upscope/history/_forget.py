"""Removes a person from a store."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any

from .. import InvalidArgumentError, Session
from . import _columns
from ._store import Store, StoreError, resolve_store


@dataclass(frozen=True)
class Receipt:
    """What `forget` did. It contains neither the e-mail address nor the visitor's id."""

    at: datetime
    """When the sessions had been removed."""

    searched_for: str
    """`"email"` or `"visitor_id"`."""

    session_ids: tuple[str, ...]
    """The sessions that were removed."""

    searched: int
    """How many sessions were searched afterwards. None of them matches."""

    not_erased: tuple[str, ...]
    """What the store cannot erase."""

    def to_dict(self) -> dict[str, Any]:
        """The receipt as values of JSON."""
        return {**asdict(self), "at": self.at.isoformat(timespec="seconds")}


_NOT_ERASED = (
    "the records at the service: delete the visitor there; session records can then still exist",
    "backups and copies of the store, and what readers of the store have made of it",
)


def forget(store: str | Store, *, email: str | None = None, visitor_id: str | None = None) -> Receipt:
    """Removes the sessions of a person from a store, and makes sure that `sync` does not copy them again.

        receipt = upscope.history.forget("sqlite:sessions.db", visitor_id="1234")

    Later sessions of the same person are copied as usual. Delete the visitor at the service first.

    Args:
        store: The store, as for `sync`.
        email: Removes each session whose record contains this e-mail address in any value, in upper or lower case: that
            of an agent, or one in the metadata. A session record does not have the visitor's own address: look the
            visitor up with `client.list_visitors(email)`, and pass `visitor_id`, too.
        visitor_id: Removes each session of this visitor.

    Raises:
        StoreError: The store failed. Call `forget` again.
    """
    if (email is None) == (visitor_id is None):
        raise InvalidArgumentError("forget needs either email or visitor_id.")
    if email is not None:
        if "@" not in email.strip("@ "):
            raise InvalidArgumentError("email is not an e-mail address.")
        matches = _has_email(email.strip())
    else:
        if not visitor_id:
            raise InvalidArgumentError("visitor_id is empty.")
        matches = _has_visitor(visitor_id)
    opened, is_own = resolve_store(store)
    try:
        ids = opened.forget(matches)
        searched = 0
        for session in opened.sessions():
            searched += 1
            if matches(session):
                raise StoreError(f"the session {session.id} came back while it was removed: call forget again")
        return Receipt(
            at=datetime.now(timezone.utc),
            searched_for="visitor_id" if email is None else "email",
            session_ids=tuple(ids),
            searched=searched,
            not_erased=_NOT_ERASED,
        )
    finally:
        if is_own:
            opened.close()


def _has_visitor(visitor_id: str) -> Callable[[Session], bool]:
    return lambda session: session.visitor_id == visitor_id


def _has_email(email: str) -> Callable[[Session], bool]:
    # Not as a part of another address.
    pattern = re.compile(rf"(?<![\w.+%-]){re.escape(email)}(?![\w-]|\.\w)", re.IGNORECASE)

    def matches(session: Session) -> bool:
        found = False

        def search(text: str) -> str:
            nonlocal found
            found = found or pattern.search(text) is not None
            return text

        _columns.map_strings(_columns.decode(session), search)
        return found

    return matches
