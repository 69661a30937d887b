"""`sessions_table`, and the libraries that accept it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
import upscope
from conftest import Sandbox

SESSIONS: list[dict[str, Any]] = [
    {"id": "s_1", "started_at": "2018-07-05T11:53:38.000+01:00", "metadata": {"ticket": 1, "who": "\u00e9"}},
    {"id": 2, "started_at": "2018-03-16T15:25:59.000Z", "metadata": {"ticket": "two"}, "agents": [], "new": 1},
    {"length_seconds": 3, "agents": [{"id": "u_1"}], "team": {"id": "t_1"}, "features_used": ["draw"]},
]


def sessions() -> list[upscope.Session]:
    return [upscope.Session.from_dict(fields) for fields in SESSIONS]


def test_columns() -> None:
    table = upscope.sessions_table(sessions())
    assert {len(column) for column in table.values()} == {3}
    assert table["id"] == ["s_1", "2", None]
    assert table["started_at"] == [
        datetime(2018, 7, 5, 10, 53, 38, tzinfo=timezone.utc),
        datetime(2018, 3, 16, 15, 25, 59, tzinfo=timezone.utc),
        None,
    ]
    assert table["metadata"] == ['{"ticket": 1, "who": "\u00e9"}', '{"ticket": "two"}', None]
    assert table["agent_ids"] == [[], [], ["u_1"]]
    assert table["agent_names"] == [[], [], [None]]
    assert table["team_id"] == [None, None, "t_1"]
    assert table["features_used"] == [None, None, ["draw"]]
    empty = upscope.sessions_table([])
    assert list(empty) == list(table)
    assert set(map(len, empty.values())) == {0}


def test_accepts_a_page_and_an_iterator(sandbox: Sandbox, client: upscope.Client) -> None:
    assert len(upscope.sessions_table(client.list_sessions())["id"]) == 50
    assert len(upscope.sessions_table(client.iter_sessions())["id"]) == 120


@pytest.mark.parametrize("library", ["pandas.DataFrame", "polars.DataFrame", "pyarrow.table"])
@pytest.mark.parametrize("rows", [0, 3])
def test_dataframe_libraries_accept_the_table(library: str, rows: int) -> None:
    module, _, name = library.partition(".")
    constructor: Any = getattr(pytest.importorskip(module), name)
    table = constructor(upscope.sessions_table(sessions()[:rows]))
    assert table.shape == (rows, len(upscope.sessions_table([])))
