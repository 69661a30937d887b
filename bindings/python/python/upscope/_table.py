"""Sessions as columns, for analysis."""

from __future__ import annotations

from datetime import datetime, timezone

from ._upscope import Session, attributes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

_PLAIN = {"str", "bool", "int", "list[str]"}


def sessions_table(sessions: Iterable[Session]) -> dict[str, list[Any]]:
    """Returns the sessions as a dict of columns of equal length.

    `pandas.DataFrame`, `polars.DataFrame` and `pyarrow.table` accept this dict:

        frame = pandas.DataFrame(upscope.sessions_table(client.iter_sessions()))

    The dict always has all columns, with None where a session has no value. Times are in UTC. The columns `agent_ids`,
    `agent_names`, `team_id` and `team_domain` describe the agents and the team. `metadata` is JSON text, because its
    values have different types.

    Args:
        sessions: The sessions: a list, a `SessionPage`, or the iterator that `iter_sessions` returns.
    """
    readers = _readers()
    columns: dict[str, list[Any]] = {name: [] for name in readers}
    cells = [(columns[name].append, read) for name, read in readers.items()]
    for session in sessions:
        for append, read in cells:
            append(read(session))
    return columns


def _readers() -> dict[str, Callable[[Session], Any]]:
    """The columns, and for each a function that reads its value from a session."""
    readers: dict[str, Callable[[Session], Any]] = {}
    for name, kind, _ in attributes("Session"):
        if kind in _PLAIN:
            readers[name] = _plain(name)
        elif kind == "datetime":
            readers[name] = _time(name)
    readers["agent_ids"] = lambda session: [agent.id for agent in session.agents or []]
    readers["agent_names"] = lambda session: [agent.name for agent in session.agents or []]
    readers["team_id"] = lambda session: session.team and session.team.id
    readers["team_domain"] = lambda session: session.team and session.team.domain
    readers["metadata"] = _metadata
    return readers


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
