"""A store in a directory of Parquet files."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import timezone
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from typing import Any

from .. import Session
from .._upscope import attributes
from . import _columns
from ._sqlite import MAX_VARIABLES, connect_state
from ._store import Counts, StoreBusyError, StoreError

_SESSIONS_PER_FILE = 50_000

# How many sessions may wait until files are written.
_MAX_PENDING = 50_000

_STATE = "_upscope.sqlite"
_TEMPORARY = "_writing"


class ParquetStore:
    """A store in a directory of Parquet files.

    Commits go to the SQLite file `_upscope.sqlite`: the state, the sessions that are not in a Parquet file yet, and the
    file of each session. `flush` writes them: each file that changes is written anew and put in place by a rename.
    Repeating an interrupted `flush` gives the same files, because the file of a session never changes.
    """

    def __init__(self, directory: str) -> None:
        self.name = f"parquet:{directory}"
        try:
            self._arrow = import_module("pyarrow")
            self._parquet = import_module("pyarrow.parquet")
            self._compute = import_module("pyarrow.compute")
        except ModuleNotFoundError as error:
            raise StoreError("the Parquet store needs pyarrow: pip install upscope[parquet]") from error
        self._schema = self._create_schema()
        self._directory = Path(directory)
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            self._db = connect_state(self._directory / _STATE)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"cannot open the directory {directory}: {error}") from error
        try:
            with self._transaction():
                for statement in (
                    "CREATE TABLE IF NOT EXISTS state (one INTEGER PRIMARY KEY CHECK (one = 1), state TEXT)",
                    "CREATE TABLE IF NOT EXISTS stored "
                    "(id TEXT PRIMARY KEY, file INTEGER, started REAL, digest BLOB) WITHOUT ROWID",
                    # A record that is NULL is to be removed.
                    "CREATE TABLE IF NOT EXISTS pending (id TEXT PRIMARY KEY, file INTEGER, raw TEXT)",
                    "CREATE TABLE IF NOT EXISTS forgotten (id TEXT PRIMARY KEY) WITHOUT ROWID",
                    "CREATE TABLE IF NOT EXISTS files (file INTEGER PRIMARY KEY, sessions INTEGER, columns TEXT)",
                ):
                    self._db.execute(statement)
            self._add_columns()
        except BaseException:
            self._db.close()
            raise

    def _create_schema(self) -> Any:
        arrow = self._arrow
        scalars = {
            "str": arrow.string(),
            "bool": arrow.bool_(),
            "int": arrow.int64(),
            "datetime": arrow.timestamp("ms", "UTC"),
        }

        def struct(model: str) -> Any:
            return arrow.struct([(name, scalars[kind]) for name, kind, _ in attributes(model) if kind in scalars])

        def type_of(kind: str) -> Any:
            if kind in scalars:
                return scalars[kind]
            if kind == "list[str]":
                return arrow.list_(arrow.string())
            if kind.startswith("list["):
                return arrow.list_(struct(kind[5:-1]))
            # The keys of a dict are not known.
            return arrow.string() if kind.startswith("dict[") else struct(kind)

        columns = [(name, type_of(kind)) for name, kind in _columns.COLUMNS]
        return arrow.schema([*columns, ("raw", arrow.string())])

    def _table(self, raws: list[str]) -> Any:
        columns: list[list[Any]] = [[] for _ in self._schema]
        appends = [(column.append, name, kind) for column, (name, kind) in zip(columns, _columns.COLUMNS)]
        for raw in raws:
            session = Session.from_json(raw)
            record = _columns.decode(session)
            for append, name, kind in appends:
                append(_value(session, record, name, kind))
        columns[-1] = raws
        arrays = [self._arrow.array(column, field.type) for column, field in zip(columns, self._schema)]
        return self._arrow.Table.from_arrays(arrays, schema=self._schema)

    def _path(self, file: int) -> Path:
        return self._directory / f"sessions-{file:05}.parquet"

    def load(self) -> str | None:
        """Returns the state of the last commit."""
        with self._errors():
            return self._state()

    def _state(self) -> str | None:
        row: tuple[str] | None = self._db.execute("SELECT state FROM state").fetchone()
        return row and row[0]

    def commit(self, sessions: Sequence[Session], state: Callable[[Counts], str], previous: str | None) -> Counts:
        """Stores sessions and state in one transaction of the SQLite file."""
        with self._transaction():
            if self._state() != previous:
                raise StoreBusyError(f"another program writes to {self.name}: run one at a time")
            file, count = self._last_file()
            added = updated = unchanged = moved = 0
            rows: list[tuple[Any, ...]] = []
            filled: dict[int, int] = {}
            stored = self._stored([str(session.id) for session in sessions])
            for session in sessions:
                before = stored.get(str(session.id))
                if before is not None and before[0] is None:
                    # It was removed by `forget`.
                    continue
                raw = session.to_json()
                digest = blake2b(raw.encode(), digest_size=16).digest()
                started = session.started_at and session.started_at.timestamp()
                if before is None:
                    added += 1
                    if count >= _SESSIONS_PER_FILE:
                        file, count = file + 1, 0
                    count += 1
                    filled[file] = count
                    place = file
                elif before[1] == digest:
                    unchanged += 1
                    continue
                else:
                    updated += 1
                    moved += before[2] != started
                    place = before[0]
                rows.append((session.id, place, started, digest, raw))
            self._db.executemany("REPLACE INTO stored VALUES (?, ?, ?, ?)", [row[:4] for row in rows])
            self._db.executemany("REPLACE INTO pending VALUES (?, ?, ?)", [(row[0], row[1], row[4]) for row in rows])
            self._db.executemany(
                "INSERT INTO files VALUES (?, ?, ?) ON CONFLICT (file) DO UPDATE SET sessions = excluded.sessions",
                [(number, sessions_in_it, str(self._schema)) for number, sessions_in_it in filled.items()],
            )
            counts = Counts(added, updated, unchanged, moved)
            self._db.execute("INSERT OR REPLACE INTO state VALUES (1, ?)", [state(counts)])
            (pending,) = self._db.execute("SELECT COUNT(*) FROM pending").fetchone()
        if pending >= _MAX_PENDING:
            self.flush()
        return counts

    def _stored(self, ids: list[str]) -> dict[str, tuple[Any, ...]]:
        """The file, the digest and the start of sessions that are stored. The file is None if `forget` removed it."""
        found: dict[str, tuple[Any, ...]] = {}
        for start in range(0, len(ids), MAX_VARIABLES):
            part = ids[start : start + MAX_VARIABLES]
            marks = ", ".join("?" * len(part))
            for row in self._db.execute(f"SELECT id, file, digest, started FROM stored WHERE id IN ({marks})", part):
                found[row[0]] = row[1:]
            for (id_,) in self._db.execute(f"SELECT id FROM forgotten WHERE id IN ({marks})", part):
                found[id_] = None, None, None
        return found

    def _last_file(self) -> tuple[int, int]:
        """The number of the last file, and how many sessions have been put into it."""
        row = self._db.execute("SELECT file, sessions FROM files ORDER BY file DESC LIMIT 1").fetchone()
        return (row[0], row[1]) if row else (1, 0)

    def flush(self) -> None:
        """Writes the files that have changed."""
        # Nobody else writes during the transaction. Its lock ends with the process.
        with self._transaction():
            for (file,) in self._db.execute("SELECT DISTINCT file FROM pending ORDER BY file").fetchall():
                rows = self._db.execute("SELECT id, raw FROM pending WHERE file = ?", [file]).fetchall()
                self._rewrite(file, [id_ for id_, _ in rows], [raw for _, raw in rows if raw is not None])
            self._sync_directory()
            self._db.execute("DELETE FROM pending")

    def _rewrite(self, file: int, replaced: list[str], raws: list[str]) -> None:
        """Writes a file without the replaced sessions, and with the given ones."""
        parts = [self._table(raws)]
        path = self._path(file)
        if path.exists():
            # Not mapped into memory, because the file is replaced.
            old = self._parquet.read_table(path, memory_map=False, schema=self._schema)
            ids = self._arrow.array(replaced, self._arrow.string())
            parts.append(old.filter(self._compute.invert(self._compute.is_in(old["id"], value_set=ids))))
        self._write(path, self._arrow.concat_tables(parts))

    def _write(self, path: Path, table: Any) -> None:
        temporary = self._directory / _TEMPORARY
        with temporary.open("wb") as out:
            self._parquet.write_table(table.sort_by("started_at"), out)
            out.flush()
            os.fsync(out.fileno())
        os.replace(temporary, path)

    def _sync_directory(self) -> None:
        if os.name == "posix":
            descriptor = os.open(self._directory, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _add_columns(self) -> None:
        """Writes the files anew that do not have all columns."""
        columns = str(self._schema)
        with self._transaction():
            for (file,) in self._db.execute("SELECT file FROM files WHERE columns <> ?", [columns]).fetchall():
                path = self._path(file)
                if path.exists():
                    raws = self._parquet.read_table(path, memory_map=False, columns=["raw"])["raw"].to_pylist()
                    self._write(path, self._table(raws))
                self._db.execute("UPDATE files SET columns = ? WHERE file = ?", [columns, file])

    def sessions(self) -> Iterator[Session]:
        """Returns all sessions, also those that are not in a Parquet file yet."""
        with self._errors():
            pending = dict(self._db.execute("SELECT id, raw FROM pending").fetchall())
            files = self._db.execute("SELECT file FROM files ORDER BY file").fetchall()
            for path in (self._path(file) for (file,) in files):
                if not path.exists():
                    continue
                for batch in self._parquet.ParquetFile(path).iter_batches(1000, columns=["id", "raw"]):
                    for row in batch.to_pylist():
                        if row["id"] not in pending:
                            yield Session.from_json(row["raw"])
            for raw in pending.values():
                if raw is not None:
                    yield Session.from_json(raw)

    def forget(self, matches: Callable[[Session], bool]) -> Sequence[str]:
        """Removes the sessions that match, and writes their files anew."""
        with self._transaction():
            ids = [str(session.id) for session in self.sessions() if matches(session)]
            for id_ in ids:
                self._db.execute("INSERT OR IGNORE INTO forgotten VALUES (?)", [id_])
                self._db.execute("INSERT OR REPLACE INTO pending SELECT id, file, NULL FROM stored WHERE id = ?", [id_])
                self._db.execute("DELETE FROM stored WHERE id = ?", [id_])
        self.flush()
        with self._errors():
            # The sessions that had been pending are in free pages and in the write-ahead log until then.
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return ids

    def close(self) -> None:
        """Closes the directory. What is committed and not flushed is kept."""
        self._db.close()

    @contextmanager
    def _errors(self) -> Generator[None, None, None]:
        try:
            yield
        except (OSError, sqlite3.Error, self._arrow.ArrowException) as error:
            raise StoreError(f"{self.name}: {error}") from error

    @contextmanager
    def _transaction(self) -> Generator[None, None, None]:
        with self._errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def _value(session: Session, record: dict[str, Any], name: str, kind: str) -> Any:
    if kind != "datetime":
        return _converted(record.get(name), kind)
    time = getattr(session, name)
    try:
        return time and time.astimezone(timezone.utc)
    except OverflowError:
        return None


def _converted(value: Any, kind: str) -> Any:
    container: object = value.__class__
    if kind == "list[str]":
        return _columns.to_text_list(value)
    if kind.startswith("dict["):
        return _columns.to_json(value) if container is dict else None
    if kind.startswith("list["):
        if container is not list or not all(type(element) is dict for element in value):
            return None
        return [_struct(kind[5:-1], element) for element in value]
    if kind in _SCALARS:
        return _SCALARS[kind](value)
    return _struct(kind, value) if container is dict else None


def _struct(model: str, value: dict[str, Any]) -> dict[str, Any]:
    return {name: _SCALARS[kind](value.get(name)) for name, kind, _ in attributes(model) if kind in _SCALARS}


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "str": _columns.to_text,
    "bool": _columns.to_bool,
    "int": _columns.to_int,
    "datetime": _columns.to_datetime,
}
