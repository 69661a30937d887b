"""`sessions_table`, and the libraries that accept it."""

from __future__ import annotations

import copy
import pickle
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


@pytest.mark.parametrize(
    ("library", "method", "types"),
    [("pandas", "to_pandas", "dtypes"), ("polars", "to_polars", "dtypes"), ("pyarrow", "to_arrow", "schema")],
)
def test_column_types_do_not_depend_on_the_sessions(library: str, method: str, types: str) -> None:
    pytest.importorskip(library, reason=f"{library} is not installed")
    tables = [
        getattr(upscope.sessions_table(rows), method)()
        for rows in ([], sessions(), sessions()[:1], [upscope.Session.from_json("{}")])
    ]
    first = getattr(tables[0], types)
    assert all(list(getattr(table, types)) == list(first) for table in tables)
    assert len(set(map(str, first))) >= 5
    assert [len(table) for table in tables] == [0, 3, 1, 1]


def test_pyarrow_types_the_columns_themselves() -> None:
    pyarrow: Any = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    empty = pyarrow.table(upscope.sessions_table([]))
    assert empty.schema == pyarrow.table(upscope.sessions_table(sessions())).schema
    assert str(empty.schema.field("started_at").type) == "timestamp[us, tz=UTC]"


def test_a_table_is_a_dict_of_lists() -> None:
    table = upscope.sessions_table(sessions())
    assert isinstance(table, dict)
    assert all(isinstance(column, list) for column in table.values())
    assert pickle.loads(pickle.dumps(table)) == table == copy.deepcopy(table)
