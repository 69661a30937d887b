"""A store in an SQLite file."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .. import Session
from . import _columns
from ._store import Counts, StoreBusyError, StoreError

_TYPES = {"bool": "INTEGER", "int": "INTEGER"}

_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "str": _columns.to_text,
    "bool": _columns.to_bool,
    "int": _columns.to_int,
    "datetime": _columns.to_time_text,
}

# SQLite limits the variables of a statement: 999 in old versions.
MAX_VARIABLES = 900


class SqliteStore:
    """A store in an SQLite file, with the table `sessions`.

    The file is in WAL mode, so it can be read during a run.
    """

    def __init__(self, file: str) -> None:
        self.name = f"sqlite:{file}"
        self._readers = [
            (name, _CONVERTERS.get(kind) or _columns.json_of(kind)) for name, kind in _columns.COLUMNS if name != "id"
        ]
        names = ["id", *(name for name, _ in self._readers), "raw"]
        assignments = ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in names[1:])
        self._upsert = (
            f"INSERT INTO sessions ({', '.join(map(_quoted, names))}) VALUES ({', '.join('?' * len(names))}) "
            f"ON CONFLICT (id) DO UPDATE SET {assignments}"
        )
        try:
            # Autocommit: transactions begin explicitly.
            self._db = sqlite3.connect(file, timeout=30, isolation_level=None, check_same_thread=False)
        except sqlite3.Error as error:
            raise StoreError(f"cannot open the SQLite file {file}: {error}") from error
        try:
            with _errors(self.name):
                self._db.execute("PRAGMA journal_mode = WAL")
                # In WAL mode, a power failure can undo the last commits, but never separates sessions and state.
                self._db.execute("PRAGMA synchronous = NORMAL")
                self._create_schema()
        except BaseException:
            self._db.close()
            raise

    def _create_schema(self) -> None:
        with self._transaction():
            columns = ", ".join(
                f"{_quoted(name)} {_TYPES.get(kind, 'TEXT')}" for name, kind in _columns.COLUMNS if name != "id"
            )
            self._db.execute(
                f"CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY NOT NULL, {columns}, raw TEXT NOT NULL)"
            )
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS upscope_state (one INTEGER PRIMARY KEY CHECK (one = 1), state TEXT)"
            )
            self._db.execute("CREATE TABLE IF NOT EXISTS upscope_forgotten (id TEXT PRIMARY KEY NOT NULL)")
            present = {row[1] for row in self._db.execute("PRAGMA table_info(sessions)")}
            missing = [(name, kind) for name, kind in _columns.COLUMNS if name not in present]
            for name, kind in missing:
                self._db.execute(f"ALTER TABLE sessions ADD COLUMN {_quoted(name)} {_TYPES.get(kind, 'TEXT')}")
            if missing:
                # Attributes that were not documented when the rows were written.
                reader = self._db.execute("SELECT raw FROM sessions ORDER BY rowid")
                while rows := reader.fetchmany(1000):
                    self._db.executemany(self._upsert, [self._row(Session.from_json(raw)) for (raw,) in rows])

    def _row(self, session: Session) -> list[Any]:
        get = _columns.decode(session).get
        return [session.id, *[convert(get(name)) for name, convert in self._readers], session.to_json()]

    def load(self) -> str | None:
        """Returns the state of the last commit."""
        with _errors(self.name):
            return self._state()

    def _state(self) -> str | None:
        row: tuple[str] | None = self._db.execute("SELECT state FROM upscope_state").fetchone()
        return row and row[0]

    def commit(self, sessions: Sequence[Session], state: Callable[[Counts], str], previous: str | None) -> Counts:
        """Stores sessions and state in one transaction."""
        with _errors(self.name), self._transaction():
            if self._state() != previous:
                raise StoreBusyError(f"another program writes to {self.name}: run one at a time")
            added = updated = unchanged = moved = 0
            rows: list[list[Any]] = []
            for start in range(0, len(sessions), MAX_VARIABLES):
                part = sessions[start : start + MAX_VARIABLES]
                ids = [session.id for session in part]
                marks = ", ".join("?" * len(ids))
                stored = dict(self._db.execute(f"SELECT id, raw FROM sessions WHERE id IN ({marks})", ids))
                forgotten = {
                    row[0] for row in self._db.execute(f"SELECT id FROM upscope_forgotten WHERE id IN ({marks})", ids)
                }
                for session in part:
                    if session.id in forgotten:
                        continue
                    raw = stored.get(session.id)
                    if raw == session.to_json():
                        unchanged += 1
                        continue
                    if raw is None:
                        added += 1
                    else:
                        updated += 1
                        moved += Session.from_json(raw).started_at != session.started_at
                    rows.append(self._row(session))
            self._db.executemany(self._upsert, rows)
            counts = Counts(added, updated, unchanged, moved)
            self._db.execute("INSERT OR REPLACE INTO upscope_state VALUES (1, ?)", [state(counts)])
            return counts

    def flush(self) -> None:
        """Moves what is committed from the write-ahead log to the file, as far as readers let it."""
        with _errors(self.name):
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def sessions(self) -> Iterator[Session]:
        """Returns all sessions, in the order of their ids."""
        with _errors(self.name):
            last = ""
            while rows := self._db.execute(
                "SELECT id, raw FROM sessions WHERE id > ? ORDER BY id LIMIT 1000", [last]
            ).fetchall():
                for _, raw in rows:
                    yield Session.from_json(raw)
                last = rows[-1][0]

    def forget(self, matches: Callable[[Session], bool]) -> Sequence[str]:
        """Removes the sessions that match, also from the free pages of the file."""
        with _errors(self.name):
            with self._transaction():
                ids = [str(session.id) for session in self.sessions() if matches(session)]
                rows = [[id_] for id_ in ids]
                self._db.executemany("INSERT OR IGNORE INTO upscope_forgotten VALUES (?)", rows)
                self._db.executemany("DELETE FROM sessions WHERE id = ?", rows)
            # Deleted rows, and earlier versions of rows, are in free pages and in the write-ahead log until then.
            self._db.execute("VACUUM")
            busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if busy:
                raise StoreError(
                    f"the sessions are removed from {self.name}, but other programs hold the old version: "
                    "close them, and call forget again"
                )
            return ids

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Generator[None, None, None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _errors(name: str) -> Generator[None, None, None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{name}: {error}") from error


def connect_state(file: str | os.PathLike[str]) -> sqlite3.Connection:
    """Opens the SQLite file in which another store keeps its state. Every commit is on the disk."""
    db = sqlite3.connect(file, timeout=30, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    return db
