"""A fake of the service's list of sessions, and a store in memory, for the tests of `upscope.history`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import upscope
from upscope._sessions import SessionIterator
from upscope._upscope import SessionPage
from upscope.history import Counts, StoreBusyError

EPOCH = datetime(2026, 1, 1, tzinfo=timezone.utc)


def to_text(seconds: float) -> str:
    return (EPOCH + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Killed(BaseException):
    """The process ends here."""


class FakeService:
    """Sessions that change. Each change becomes visible after a delay. The clock is in seconds since `EPOCH`."""

    def __init__(self, page_size: int = 3) -> None:
        self.now = 0.0
        self.page_size = page_size
        self.delay = 0.0
        self.ends_silently = False
        self.ignores_updated_after = False
        self.ignores_ongoing_only = False
        self.prefetches = True
        self.before_request: Callable[[dict[str, Any]], None] = lambda filters: None
        # For each session: the time of its last change that `updated_after` sees, and of its visibility; and the
        # record.
        self._versions: dict[str, list[tuple[float, float, dict[str, Any]]]] = {}
        self._count = 0

    def _change(self, id_: str, *, is_silent: bool = False, **attributes: Any) -> None:
        versions = self._versions[id_]
        updated, record = (versions[-1][0], versions[-1][2]) if versions else (self.now, {"id": id_})
        versions.append((updated if is_silent else self.now, self.now + self.delay, {**record, **attributes}))

    def start(self) -> None:
        self._count += 1
        id_ = f"s_{self._count}"
        self._versions[id_] = []
        self._change(id_, visitor_id="v", started_at=to_text(self.now), ended_at=None, metadata={})

    def _choose(self, number: int, *, running: bool = False) -> str | None:
        ids = [key for key, versions in self._versions.items() if not running or versions[-1][2]["ended_at"] is None]
        return ids[number % len(ids)] if ids else None

    def end(self, number: int) -> None:
        id_ = self._choose(number, running=True)
        if id_ is not None:
            self._change(id_, is_silent=self.ends_silently, ended_at=to_text(self.now))

    def edit(self, number: int) -> None:
        id_ = self._choose(number)
        if id_ is not None:
            self._change(id_, metadata={"at": self.now})

    def move(self, number: int, back: float) -> None:
        id_ = self._choose(number)
        if id_ is not None:
            self._change(id_, started_at=to_text(self.now - back))

    def delete(self, number: int) -> None:
        id_ = self._choose(number)
        if id_ is not None:
            del self._versions[id_]

    def _visible(self) -> dict[str, tuple[float, dict[str, Any]]]:
        visible = {}
        for id_, versions in self._versions.items():
            for updated, seen, record in reversed(versions):
                if seen <= self.now:
                    visible[id_] = updated, record
                    break
        return visible

    def truth(self) -> dict[str, dict[str, Any]]:
        return {id_: versions[-1][2] for id_, versions in self._versions.items()}

    def answer(self, **filters: Any) -> SessionPage:
        self.before_request(filters)
        visible = self._visible()
        order = sorted(visible, key=lambda id_: (visible[id_][1]["started_at"], id_))
        after = filters.get("after_id")
        if after is not None:
            if after not in visible:
                raise upscope.NotFoundError("no such session", operation="list_sessions", http_status=404, attempts=1)
            order = order[order.index(after) + 1 :]
        if filters.get("ongoing_only") and not self.ignores_ongoing_only:
            order = [id_ for id_ in order if visible[id_][1]["ended_at"] is None]
        lower = filters.get("updated_after")
        if lower is not None and not self.ignores_updated_after:
            limit = (lower - EPOCH).total_seconds()
            order = [id_ for id_ in order if visible[id_][0] > limit]
        page = order[: self.page_size]
        return SessionPage.from_dict(
            {
                "status": "ok",
                "cobrowsing_sessions": [visible[id_][1] for id_ in page],
                "has_more": len(order) > len(page),
                "last_id": page[-1] if page else None,
            }
        )


class _Pages:
    """Fetches the next page as soon as it returns one, as the client does."""

    def __init__(self, service: FakeService, filters: dict[str, Any]) -> None:
        self._service = service
        self._filters: dict[str, Any] | None = filters
        self._next: SessionPage | Exception | None = None

    def next_page(self) -> SessionPage | None:
        if self._filters is None:
            return None
        page = self._next or self._service.answer(**self._filters)
        self._next = None
        if isinstance(page, Exception):
            raise page
        self._filters = {**self._filters, "after_id": page.last_id} if page.has_more else None
        if self._filters is not None and self._service.prefetches:
            try:
                self._next = self._service.answer(**self._filters)
            except Exception as error:
                self._next = error
        return page


class FakeClient(upscope.Client):
    """A client of the fake service."""

    def __init__(self, service: FakeService) -> None:
        super().__init__("none", base_url="http://127.0.0.1:9", proxy="")
        self._service = service

    def iter_sessions(self, **filters: Any) -> SessionIterator:
        return SessionIterator(_Pages(self._service, filters))  # type: ignore[arg-type]

    def list_sessions(self, **filters: Any) -> SessionPage:
        return self._service.answer(**filters)


class MemoryStore:
    """A store of the protocol's size, without a disk."""

    def __init__(self) -> None:
        self.records: dict[str, upscope.Session] = {}
        self.state: str | None = None
        self.forgotten: set[str] = set()

    def load(self) -> str | None:
        return self.state

    def commit(
        self, sessions: Sequence[upscope.Session], state: Callable[[Counts], str], previous: str | None
    ) -> Counts:
        if previous != self.state:
            raise StoreBusyError("another program writes to this store")
        kept = [session for session in sessions if session.id not in self.forgotten]
        old = [self.records.get(str(session.id)) for session in kept]
        pairs = [(before, session) for before, session in zip(old, kept) if before is not None and before != session]
        moved = sum(before.started_at != session.started_at for before, session in pairs)
        added = old.count(None)
        counts = Counts(added, len(pairs), len(kept) - added - len(pairs), moved)
        text = state(counts)
        self.records.update((str(session.id), session) for session in kept)
        self.state = text
        return counts

    def flush(self) -> None:
        pass

    def sessions(self) -> Iterator[upscope.Session]:
        return iter(list(self.records.values()))

    def forget(self, matches: Callable[[upscope.Session], bool]) -> list[str]:
        ids = [id_ for id_, session in self.records.items() if matches(session)]
        for id_ in ids:
            del self.records[id_]
        self.forgotten.update(ids)
        return ids

    def close(self) -> None:
        pass


class KilledStore:
    """Another store, at whose commits the process ends: before the n-th commit, or after it."""

    def __init__(self, store: Any, kill_at: int | None, after: bool) -> None:
        self._store = store
        self._left = kill_at
        self._after = after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(
        self, sessions: Sequence[upscope.Session], state: Callable[[Counts], str], previous: str | None
    ) -> Counts:
        if self._left is not None:
            self._left -= 1
        is_now = self._left is not None and self._left < 0
        if is_now and not self._after:
            raise Killed
        counts: Counts = self._store.commit(sessions, state, previous)
        if is_now:
            raise Killed
        return counts

    def load(self) -> str | None:
        text: str | None = self._store.load()
        return text

    def flush(self) -> None:
        self._store.flush()

    def sessions(self) -> Iterator[upscope.Session]:
        sessions: Iterator[upscope.Session] = self._store.sessions()
        return sessions

    def forget(self, matches: Callable[[upscope.Session], bool]) -> Sequence[str]:
        ids: Sequence[str] = self._store.forget(matches)
        return ids

    def close(self) -> None:
        self._store.close()


def records_of(store: Any) -> dict[str, dict[str, Any]]:
    """The sessions in a store. Fails if one is there twice."""
    sessions = list(store.sessions())
    records = {str(session.id): json.loads(session.to_json()) for session in sessions}
    assert len(records) == len(sessions)
    return records


def without_length(records: dict[str, Any]) -> dict[str, Any]:
    """The length of a running session grows from one request to the next."""
    grows = {"length_seconds", "call_length_seconds", "formatted_length", "formatted_call_length"}
    return {
        id_: {name: value for name, value in record.items() if record["ended_at"] is not None or name not in grows}
        for id_, record in records.items()
    }
