"""A store in a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from .. import InvalidArgumentError, Session
from . import _columns
from ._store import Counts, StoreBusyError, StoreError

_TYPES = {"str": "text", "bool": "boolean", "int": "bigint", "datetime": "timestamptz", "list[str]": "text[]"}

_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "str": _columns.to_text,
    "bool": _columns.to_bool,
    "int": _columns.to_int,
    "datetime": _columns.to_datetime,
    "list[str]": _columns.to_text_list,
}


class PostgresqlStore:
    """A store in a PostgreSQL database, with the table `sessions`."""

    def __init__(self, url: str) -> None:
        # Without user, password and parameters.
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise InvalidArgumentError(f"The URL of the PostgreSQL store is malformed: {error}.") from None
        self.name = f"postgresql://{parts.hostname or ''}{parts.path}"
        try:
            self._psycopg = import_module("psycopg")
        except ImportError as error:
            raise StoreError("the PostgreSQL store needs psycopg: pip install upscope[postgresql]") from error
        self._readers = [
            (name, _CONVERTERS.get(kind) or _columns.json_of(kind)) for name, kind in _columns.COLUMNS if name != "id"
        ]
        names = ["id", *(name for name, _ in self._readers), "raw"]
        assignments = ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in names[1:])
        self._upsert = (
            f"INSERT INTO sessions ({', '.join(map(_quoted, names))}) VALUES ({', '.join(['%s'] * len(names))}) "
            f"ON CONFLICT (id) DO UPDATE SET {assignments}"
        )
        try:
            # Autocommit: transactions begin explicitly.
            self._db = self._psycopg.connect(url, autocommit=True)
        except self._psycopg.Error as error:
            # Messages about a malformed text can quote it.
            hidden = [text for text in (url, parts.password) if text]
            message = str(error).strip()
            for text in hidden:
                message = message.replace(text, "[hidden]")
            raise StoreError(f"cannot connect to {self.name}: {message}") from None
        try:
            with self._errors():
                self._create_schema()
        except BaseException:
            self._db.close()
            raise

    def _create_schema(self) -> None:
        with self._db.transaction():
            # Two programs that create the tables at the same time would fail.
            self._db.execute("SELECT pg_advisory_xact_lock(hashtext('upscope.history'))")
            columns = ", ".join(
                f"{_quoted(name)} {_TYPES.get(kind, 'json')}" for name, kind in _columns.COLUMNS if name != "id"
            )
            self._db.execute(f"CREATE TABLE IF NOT EXISTS sessions (id text PRIMARY KEY, {columns}, raw json NOT NULL)")
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS upscope_state (one integer PRIMARY KEY CHECK (one = 1), state text)"
            )
            self._db.execute("INSERT INTO upscope_state VALUES (1, NULL) ON CONFLICT DO NOTHING")
            self._db.execute("CREATE TABLE IF NOT EXISTS upscope_forgotten (id text PRIMARY KEY)")
            found = self._db.execute("SELECT * FROM sessions LIMIT 0").description
            present = {column.name for column in found}
            missing = [(name, kind) for name, kind in _columns.COLUMNS if name not in present]
            for name, kind in missing:
                self._db.execute(f"ALTER TABLE sessions ADD COLUMN {_quoted(name)} {_TYPES.get(kind, 'json')}")
            if missing:
                # Attributes that were not documented when the rows were written.
                for sessions in self._batches():
                    self._write(sessions)

    def _row(self, session: Session) -> list[Any]:
        record = _columns.decode(session)
        if "\\u0000" in session.to_json():
            # PostgreSQL cannot store it in text.
            record = _columns.map_strings(record, lambda text: text.replace("\0", "\ufffd"))
        return [session.id, *(convert(record.get(name)) for name, convert in self._readers), session.to_json()]

    def _write(self, sessions: Sequence[Session]) -> None:
        if sessions:
            with self._db.cursor() as cursor:
                cursor.executemany(self._upsert, [self._row(session) for session in sessions])

    def load(self) -> str | None:
        """Returns the state of the last commit."""
        with self._errors():
            state: str | None = self._db.execute("SELECT state FROM upscope_state").fetchone()[0]
            return state

    def commit(self, sessions: Sequence[Session], state: Callable[[Counts], str], previous: str | None) -> Counts:
        """Stores sessions and state in one transaction."""
        with self._errors(), self._db.transaction():
            if self._lock() != previous:
                raise StoreBusyError(f"another program writes to {self.name}: run one at a time")
            ids = [session.id for session in sessions]
            stored = dict(self._db.execute("SELECT id, raw::text FROM sessions WHERE id = ANY(%s)", [ids]).fetchall())
            forgotten = {
                row[0] for row in self._db.execute("SELECT id FROM upscope_forgotten WHERE id = ANY(%s)", [ids])
            }
            kept = [session for session in sessions if session.id not in forgotten]
            changed = [session for session in kept if stored.get(session.id) != session.to_json()]
            self._write(changed)
            added = sum(session.id not in stored for session in changed)
            moved = sum(
                Session.from_json(stored[session.id]).started_at != session.started_at
                for session in changed
                if session.id in stored
            )
            counts = Counts(added, len(changed) - added, len(kept) - len(changed), moved)
            self._db.execute("UPDATE upscope_state SET state = %s", [state(counts)])
            return counts

    def _lock(self) -> str | None:
        """Lets other programs wait until the end of the transaction. Returns the state."""
        state: str | None = self._db.execute("SELECT state FROM upscope_state FOR UPDATE").fetchone()[0]
        return state

    def flush(self) -> None:
        """Does nothing: what is committed is visible."""

    def sessions(self) -> Iterator[Session]:
        """Returns all sessions, in the order of their ids."""
        with self._errors():
            for sessions in self._batches():
                yield from sessions

    def _batches(self) -> Iterator[list[Session]]:
        last = ""
        while rows := self._db.execute(
            "SELECT id, raw::text FROM sessions WHERE id > %s ORDER BY id LIMIT 1000", [last]
        ).fetchall():
            yield [Session.from_json(raw) for _, raw in rows]
            last = rows[-1][0]

    def forget(self, matches: Callable[[Session], bool]) -> Sequence[str]:
        """Removes the sessions that match. The server's write-ahead log and its backups keep them for their time."""
        with self._errors():
            with self._db.transaction():
                self._lock()
                ids = [str(session.id) for session in self.sessions() if matches(session)]
                self._db.execute(
                    "INSERT INTO upscope_forgotten SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", [ids]
                )
                self._db.execute("DELETE FROM sessions WHERE id = ANY(%s)", [ids])
            # The deleted rows are in the table's file until then.
            self._db.execute("VACUUM FULL sessions")
            return ids

    def close(self) -> None:
        """Closes the connection."""
        self._db.close()

    @contextmanager
    def _errors(self) -> Generator[None, None, None]:
        try:
            yield
        except self._psycopg.Error as error:
            raise StoreError(f"{self.name}: {str(error).strip()}") from error


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""').replace("%", "%%") + '"'
