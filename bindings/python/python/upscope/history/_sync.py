"""The algorithm. The module `upscope.history` explains why it loses nothing."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from .. import Client, InvalidArgumentError, NotFoundError, Session
from ._state import State, Walk
from ._store import Counts, Store, resolve_store

_LOG = logging.getLogger("upscope.history")

# How often a walk begins again in one run because the service does not know its cursor.
_MAX_RESTARTS = 5

# How often a walk is repeated in one run because the list was reordered. The next run goes on.
_MAX_REPEATS = 2

# The most running sessions that are remembered: those that started last.
_MAX_RUNNING = 10_000

_DISTANT_FUTURE = datetime(9999, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Report:
    """What a run did."""

    pages: int
    """Pages of sessions that were stored."""

    added: int
    """Sessions that the store did not have."""

    updated: int
    """Sessions that replaced an older version."""

    unchanged: int
    """Sessions that the service returned although the store had them in the same version."""

    watermark: datetime | None
    """Every change up to this time of the service is in the store. None while the service has reported no time."""

    resumed: bool = False
    """Whether this run first completed a walk that an earlier run could not complete."""

    restarts: int = 0
    """How often a walk began again, because the service did not know its cursor any more."""

    without_id: int = 0
    """Sessions without an `id`, which cannot be stored."""

    filter_ignored: bool = False
    """Whether the service was found to ignore `updated_after`. The copy is correct, but each run reads all sessions."""


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    pages: int
    sessions: int
    """Sessions received so far."""

    seconds: float
    """Time since the run began."""

    reached: datetime | None
    """The start of the last session of the page: sessions come in the order of their start."""

    fraction: float | None
    """The estimated part of the walk that is done, from 0 to 1, judged by `reached`. None if unknown."""

    @property
    def rate(self) -> float:
        """Sessions per second."""
        return self.sessions / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """The estimated time until the end. None if unknown."""
        return self.seconds * (1 - self.fraction) / self.fraction if self.fraction else None


def sync(
    client: Client,
    to: str | Store,
    *,
    since: datetime | timedelta | None = None,
    overlap: timedelta = timedelta(hours=1),
    progress: Callable[[Progress], object] | None = None,
) -> Report:
    """Copies sessions to a store. Repeat it as often as you like: it brings the store up to date.

        upscope.history.sync(client, "sqlite:sessions.db")

    If a run fails or is killed, the next one continues where it stopped. Sessions that are deleted at the service stay
    in the store.

    Args:
        client: The client whose sessions are copied. A store is for one account.
        to: `"sqlite:FILE"`, `"parquet:DIRECTORY"`, `"postgresql://…"`, or an object with the methods of `Store`.
        since: Copies only sessions that changed after this time, or within this time before now by this computer's
            clock. None copies all. A later run with an earlier `since`, or with None, adds what is missing. A later
            `since` changes nothing.
        overlap: How far each run reads back before the watermark. It must exceed the time after which a change is
            visible in the service's list, and the differences between the clocks of the service's computers.
        progress: Called after each page.

    Raises:
        UpscopeError: A call failed. What has been copied stays, and the next run continues.
        StoreError: The store failed, or another program writes to it.
    """
    start = _since(since)
    _check_overlap(overlap)
    store, is_own = resolve_store(to)
    try:
        return _Run(client, store, start, overlap, progress).run()
    finally:
        if is_own:
            store.close()


def _check_overlap(overlap: object) -> None:
    if not isinstance(overlap, timedelta) or overlap < timedelta(0):
        raise InvalidArgumentError(f"overlap must be a timedelta that is not negative, but is {overlap!r}.")


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _since(since: object) -> datetime | None:
    if since is None:
        return None
    if isinstance(since, timedelta):
        if since < timedelta(0):
            raise InvalidArgumentError(f"since must not be negative, but is {since!r}.")
        return _minus(_now(), since)
    if isinstance(since, datetime):
        if since.tzinfo is None:
            raise InvalidArgumentError("since is a datetime without a time zone: add one, such as timezone.utc.")
        return since.astimezone(timezone.utc)
    hint = ": use a datetime with a time zone" if isinstance(since, date) else ""
    raise InvalidArgumentError(f"since must be a datetime or a timedelta, but is {type(since).__name__}{hint}.")


def _minus(moment: datetime, length: timedelta) -> datetime:
    try:
        return moment - length
    except OverflowError:
        return datetime.min.replace(tzinfo=timezone.utc)


def _earliest(*times: datetime | None) -> datetime | None:
    """None stands for the beginning."""
    return None if None in times else min(time for time in times if time is not None)


def _latest(*times: datetime | None) -> datetime | None:
    """None stands for unknown."""
    return max((time for time in times if time is not None), default=None)


def _latest_time(sessions: list[Session]) -> datetime | None:
    """The latest time in the sessions. The service's clock has reached it."""
    latest = _latest(*(moment for session in sessions for moment in (session.started_at, session.ended_at)))
    return latest and latest.astimezone(timezone.utc)


def _is_running(session: Session) -> bool:
    """Whether the service says that the session has no end yet. It may also say nothing."""
    return session.ended_at is None and session.to_dict().get("ended_at", "") is None


class _Stopwatch:
    """Measures how much time has passed at most."""

    def __init__(self) -> None:
        self._monotonic = time.monotonic()
        self._wall = time.time()

    def elapsed(self) -> timedelta:
        # The first clock may stop while the computer is suspended, and the second may be set back.
        seconds = max(time.monotonic() - self._monotonic, time.time() - self._wall)
        return timedelta(seconds=seconds)


class _Run:
    def __init__(
        self,
        client: Client,
        store: Store,
        since: datetime | None,
        overlap: timedelta,
        progress: Callable[[Progress], object] | None,
    ) -> None:
        self._client = client
        self._store = store
        self._since = since
        self._overlap = overlap
        self._progress = progress
        self._begun = time.monotonic()
        self._stored: str | None = store.load()
        self._state = State.from_text(self._stored)
        self._pages = self._received = self._added = self._updated = self._unchanged = 0
        self._restarts = self._without_id = 0
        self._filter_ignored = self._has_probed = False
        self._first_start: datetime | None = None

    def run(self) -> Report:
        walk = self._state.walk
        resumed = walk is not None and _earliest(walk.since, self._since) == walk.since
        if resumed:
            # Its start is that of an earlier process, so that the sessions that have changed since need another walk.
            self._walk_to_end(None, {})
        for _ in range(1 + _MAX_REPEATS):
            stopwatch = _Stopwatch()
            ongoing = self._begin_walk()
            self._walk_to_end(stopwatch, ongoing)
            if not self._state.must_repeat:
                break
        self._store.flush()
        return Report(
            pages=self._pages,
            added=self._added,
            updated=self._updated,
            unchanged=self._unchanged,
            watermark=self._state.watermark,
            resumed=resumed,
            restarts=self._restarts,
            without_id=self._without_id,
            filter_ignored=self._filter_ignored,
        )

    def _begin_walk(self) -> dict[str, Session]:
        """Plans a walk. Returns the sessions that are ongoing, if any was running in the last run."""
        state = self._state.copy()
        known = state.latest
        ongoing, is_certain = self._ongoing_sessions() if state.running else ({}, True)
        asked = [id_ for id_ in state.running if id_ not in ongoing]
        since = self._since
        if state.is_complete:
            since = _earliest(since, state.since)
            candidates = [state.since if state.watermark is None else _minus(state.watermark, self._overlap)]
            if since != state.since:
                candidates.append(since)
            if state.must_repeat:
                candidates.append(state.last_lower)
            for id_ in asked:
                started = state.running[id_]
                candidates.append(started and _minus(started, self._overlap))
            lower = _earliest(*candidates)
        else:
            lower = since
        # Without a list of ongoing sessions, the ones that are asked for may be running, and are asked for again.
        settled = asked if is_certain else []
        # A walk that is given up for one with an earlier `since` may have seen a session that moved.
        moved = state.walk is not None and state.walk.moved
        state.walk = Walk(lower=lower, since=since, started=known, asked=settled, moved=moved)
        self._commit([], state)
        # The walk returns the others, or they are older than `since`.
        return {id_: session for id_, session in ongoing.items() if id_ in state.running}

    def _ongoing_sessions(self) -> tuple[dict[str, Session], bool]:
        """The ongoing sessions, and whether these are all."""
        ongoing: dict[str, Session] = {}
        for restart in range(_MAX_RESTARTS + 1):
            try:
                for page in self._fetch(ongoing_only=True):
                    sessions = [session for session in page if session.id is not None]
                    if any(session.ended_at is not None for session in sessions):
                        # The service ignores `ongoing_only`.
                        return {}, False
                    ongoing.update((str(session.id), session) for session in sessions)
                break
            except NotFoundError:
                # The session that was the cursor has been deleted.
                if restart == _MAX_RESTARTS:
                    raise
        return ongoing, True

    def _walk_to_end(self, stopwatch: _Stopwatch | None, ongoing: dict[str, Session]) -> None:
        restarts = 0
        while self._state.walk is not None:
            cursor = self._state.walk.cursor
            try:
                self._walk_pages(cursor, stopwatch, ongoing)
            except NotFoundError:
                if self._state.walk.cursor is None or restarts == _MAX_RESTARTS:
                    raise
                restarts += 1
                self._restarts += 1
                _LOG.warning("The service does not know the last session of a page any more: reading from the start.")
                state = self._state.copy()
                assert state.walk is not None
                state.walk.cursor = None
                self._commit([], state)

    def _walk_pages(self, cursor: str | None, stopwatch: _Stopwatch | None, ongoing: dict[str, Session]) -> None:
        filters: dict[str, Any] = {} if cursor is None else {"after_id": cursor}
        assert self._state.walk is not None
        if self._state.walk.lower is not None:
            filters["updated_after"] = self._state.walk.lower
        for page in self._fetch(**filters):
            state = self._state.copy()
            walk = state.walk
            assert walk is not None
            # The last version counts if the page has a session twice.
            by_id = {session.id: session for session in page}
            by_id.pop(None, None)
            self._without_id += sum(session.id is None for session in page) if len(by_id) < len(page) else 0
            sessions = list(by_id.values())
            self._probe_filter(walk, sessions)
            latest = _latest_time(sessions)
            # A time that is later than this computer's is an error of the service, or this clock is late. An earlier
            # time is always safe.
            latest = latest and min(latest, _now())
            state.latest = _latest(state.latest, latest)
            if stopwatch is not None and latest is not None:
                walk.started = _latest(walk.started, _minus(latest, stopwatch.elapsed()))
            self._remember_running(state, sessions)
            for id_ in by_id if ongoing else ():
                ongoing.pop(str(id_), None)
            walk.cursor = page.last_id
            has_more = page.has_more
            if not has_more:
                # Those that have not changed are not on any page.
                sessions += ongoing.values()
            self._commit(sessions, state, is_last=not has_more)
            self._pages += 1
            self._received += len(page)
            self._report_progress(walk, page.sessions)
            if not has_more:
                return

    def _complete(self, state: State, walk: Walk) -> None:
        state.watermark = _latest(state.watermark, walk.started)
        state.is_complete = True
        state.since = walk.since
        for id_ in walk.asked:
            # Neither ongoing nor ended, or deleted: asking again would give the same.
            state.running.pop(id_, None)
        # The session may have moved, and others been missed, during the walk before or during this one.
        state.last_lower = _earliest(state.last_lower, walk.lower) if walk.moved else walk.lower
        state.must_repeat = walk.moved
        state.walk = None

    def _remember_running(self, state: State, sessions: list[Session]) -> None:
        for session in sessions:
            if _is_running(session):
                state.running[str(session.id)] = session.started_at
            elif state.running:
                state.running.pop(str(session.id), None)
        if len(state.running) > _MAX_RUNNING:
            beginning = datetime.min.replace(tzinfo=timezone.utc)
            by_start = sorted(state.running.items(), key=lambda item: item[1] or beginning)
            state.running = dict(by_start[-_MAX_RUNNING:])

    def _probe_filter(self, walk: Walk, sessions: list[Session]) -> None:
        """Asks once for sessions that changed in the distant future, if the filter seems to have no effect."""
        if self._has_probed or walk.lower is None:
            return
        if not any(session.ended_at is not None and session.ended_at < walk.lower for session in sessions):
            return
        self._has_probed = True
        if len(self._client.list_sessions(updated_after=_DISTANT_FUTURE)) > 0:
            self._filter_ignored = True
            _LOG.warning("The service ignores updated_after: each run reads all sessions.")

    def _fetch(self, **filters: Any) -> Iterator[Any]:
        """The pages. The next one is fetched in the background while one is stored."""
        iterator: Any = self._client.iter_sessions(**filters)
        pages = iterator._pages
        while (page := pages.next_page()) is not None:
            yield page

    def _commit(self, sessions: list[Session], state: State, is_last: bool = False) -> None:
        text = ""

        def state_after(counts: Counts) -> str:
            nonlocal text
            walk = state.walk
            if walk is not None:
                walk.moved = walk.moved or counts.moved > 0
                if is_last:
                    self._complete(state, walk)
            text = state.to_text()
            return text

        counts = self._store.commit(sessions, state_after, self._stored)
        self._stored = text
        self._state = state
        self._added += counts.added
        self._updated += counts.updated
        self._unchanged += counts.unchanged

    def _report_progress(self, walk: Walk, sessions: list[Session]) -> None:
        if self._progress is None:
            return
        starts = [session.started_at for session in sessions if session.started_at is not None]
        reached = starts[-1] if starts else None
        fraction = None
        if self._state.walk is None:
            fraction = 1.0
        elif reached is not None:
            self._first_start = self._first_start or starts[0]
            whole = _now() - self._first_start
            if whole > timedelta(0):
                fraction = min(max((reached - self._first_start) / whole, 0.0), 1.0)
        seconds = time.monotonic() - self._begun
        self._progress(Progress(self._pages, self._received, seconds, reached, fraction))
