"""Sessions as columns, for analysis."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from importlib import import_module
from typing import Any

from ._upscope import Session, attributes

_PLAIN = {"str", "bool", "int", "list[str]"}

# Nullable types, so that the type of a column does not depend on its values.
_PANDAS_TYPES = {
    "str": "string",
    "bool": "boolean",
    "int": "Int64",
    "datetime": "datetime64[us, UTC]",
    "list[str]": "object",
}


class Column(list[Any]):
    """A list of values that are None or of one type. pyarrow gives it that type even if it is empty."""

    __slots__ = ("_kind",)

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._kind,), None, iter(self)

    def __arrow_array__(self, type: Any = None) -> Any:
        pyarrow = import_module("pyarrow")
        return pyarrow.array(list(self), type or _arrow_types()[self._kind])


class SessionsTable(dict[str, list[Any]]):
    """Columns of equal length. The types of the columns do not depend on the sessions."""

    __slots__ = ()

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame` with nullable types. Its columns have the same types for any sessions, and for none."""
        pandas = import_module("pandas")
        series = {
            name: pandas.Series(list(column), dtype=_PANDAS_TYPES[kind]) for name, column, kind in self._typed_columns()
        }
        return pandas.DataFrame(series)

    def to_polars(self) -> Any:
        """A `polars.DataFrame`. Its columns have the same types for any sessions, and for none."""
        polars = import_module("polars")
        types = {
            "str": polars.String,
            "bool": polars.Boolean,
            "int": polars.Int64,
            "datetime": polars.Datetime("us", "UTC"),
            "list[str]": polars.List(polars.String),
        }
        return polars.DataFrame(dict(self), schema={name: types[kind] for name, _, kind in self._typed_columns()})

    def to_arrow(self) -> Any:
        """A `pyarrow.Table`. Its columns have the same types for any sessions, and for none."""
        pyarrow = import_module("pyarrow")
        types = _arrow_types()
        return pyarrow.table(
            {name: pyarrow.array(list(column), types[kind]) for name, column, kind in self._typed_columns()}
        )

    def _typed_columns(self) -> list[tuple[str, list[Any], str]]:
        return [(name, self[name], kind) for name, (kind, _) in _readers().items()]


def sessions_table(sessions: Iterable[Session]) -> SessionsTable:
    """Returns the sessions as a dict of columns of equal length.

    `to_pandas`, `to_polars` and `to_arrow` convert the dict to a data frame whose columns have the same types for any
    sessions, and for none:

        frame = upscope.sessions_table(client.iter_sessions()).to_pandas()

    `pandas.DataFrame`, `polars.DataFrame` and `pyarrow.table` accept the dict, too. pandas and polars then derive the
    types from the values.

    The dict always has all columns, with None where a session has no value. Times are in UTC. The columns `agent_ids`,
    `agent_names`, `team_id` and `team_domain` describe the agents and the team. `metadata` is JSON text, because its
    values have different types.

    Args:
        sessions: The sessions: a list, a `SessionPage`, or the iterator that `iter_sessions` returns.
    """
    readers = _readers()
    columns = SessionsTable({name: Column(kind) for name, (kind, _) in readers.items()})
    cells = [(columns[name].append, read) for name, (_, read) in readers.items()]
    for session in sessions:
        for append, read in cells:
            append(read(session))
    return columns


def _readers() -> dict[str, tuple[str, Callable[[Session], Any]]]:
    """The columns, and for each its type and a function that reads its value from a session."""
    readers: dict[str, tuple[str, Callable[[Session], Any]]] = {}
    for name, kind, _ in attributes("Session"):
        if kind in _PLAIN:
            readers[name] = kind, _plain(name)
        elif kind == "datetime":
            readers[name] = kind, _time(name)
    readers["agent_ids"] = "list[str]", lambda session: [agent.id for agent in session.agents or []]
    readers["agent_names"] = "list[str]", lambda session: [agent.name for agent in session.agents or []]
    readers["team_id"] = "str", lambda session: session.team and session.team.id
    readers["team_domain"] = "str", lambda session: session.team and session.team.domain
    readers["metadata"] = "str", _metadata
    return readers


def _arrow_types() -> dict[str, Any]:
    pyarrow = import_module("pyarrow")
    return {
        "str": pyarrow.string(),
        "bool": pyarrow.bool_(),
        "int": pyarrow.int64(),
        "datetime": pyarrow.timestamp("us", "UTC"),
        "list[str]": pyarrow.list_(pyarrow.string()),
    }


def _plain(name: str) -> Callable[[Session], Any]:
    return lambda session: getattr(session, name)


def _time(name: str) -> Callable[[Session], Any]:
    def read(session: Session) -> datetime | None:
        time: datetime | None = getattr(session, name)
        return time and time.astimezone(timezone.utc)

    return read


def _metadata(session: Session) -> str | None:
    from json import dumps

    return None if session.metadata is None else dumps(session.metadata, ensure_ascii=False)
