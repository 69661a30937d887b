"""`upscope.history`: each case of its documentation, the stores, and the command."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import upscope
from conftest import Sandbox
from history_service import (
    EPOCH,
    FakeClient,
    FakeService,
    Killed,
    KilledStore,
    MemoryStore,
    records_of,
    to_text,
    without_length,
)
from upscope.history import Progress, Report, Store, StoreBusyError, StoreError, _sync, forget, open_store, sync
from upscope.history._columns import COLUMNS
from upscope.history._report_page import create_report_page

HOUR = timedelta(hours=1)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> FakeService:
    """A service whose clock is the one of this computer."""
    service = FakeService()
    set_clock(service, monkeypatch)
    return service


def set_clock(service: FakeService, monkeypatch: pytest.MonkeyPatch, skew: float = 0.0) -> None:
    monkeypatch.setattr(_sync, "_now", lambda: EPOCH + timedelta(seconds=service.now + skew))
    clock = SimpleNamespace(monotonic=lambda: service.now, time=lambda: service.now + skew)
    monkeypatch.setattr(_sync, "time", clock)


def start_sessions(service: FakeService, count: int, seconds: float = 10.0) -> None:
    for _ in range(count):
        service.now += seconds
        service.start()


def run(service: FakeService, store: Any, **arguments: Any) -> Report:
    return sync(FakeClient(service), store, **arguments)


class Requests:
    """Records the requests of a service, and calls functions before some of them."""

    def __init__(self, service: FakeService, **before: Any) -> None:
        self.filters: list[dict[str, Any]] = []
        self._before = {int(name[1:]): function for name, function in before.items()}
        service.before_request = self._add

    def _add(self, filters: dict[str, Any]) -> None:
        self.filters.append(filters)
        if len(self.filters) in self._before:
            self._before[len(self.filters)]()


def test_a_repeated_run_reads_little_and_changes_nothing(service: FakeService) -> None:
    store = MemoryStore()
    start_sessions(service, 100, 600.0)
    for _ in range(100):
        service.end(0)
    report = run(service, store)
    assert (report.pages, report.added, report.updated, report.unchanged) == (34, 100, 0, 0)
    assert report.watermark == EPOCH + timedelta(seconds=service.now)
    report = run(service, store)
    # All of them ended in the last hour: it is the end that `updated_after` sees.
    assert (report.added, report.updated, report.unchanged) == (0, 0, 100)
    service.now += 7200
    service.start()
    service.end(0)
    assert run(service, store).added == 1
    report = run(service, store)
    assert (report.pages, report.added, report.unchanged) == (1, 0, 1)
    assert records_of(store) == service.truth()


def test_the_watermark_is_a_time_of_the_service_at_the_start_of_the_walk(service: FakeService) -> None:
    store = MemoryStore()
    start_sessions(service, 4)

    def change() -> None:
        # Behind the walk, long after its start; and a new session that reports how late it is.
        service.now += 10_000
        service.edit(0)
        service.now += 10_000
        service.start()

    Requests(service, _2=change)
    report = run(service, store)
    assert report.watermark == EPOCH + timedelta(seconds=40)
    assert records_of(store) != service.truth()
    run(service, store)
    assert records_of(store) == service.truth()


@pytest.mark.parametrize("skew", [-1e8, -5000.0, 5000.0, 1e8])
def test_a_wrong_clock_of_this_computer_loses_nothing(
    service: FakeService, monkeypatch: pytest.MonkeyPatch, skew: float
) -> None:
    store = MemoryStore()
    set_clock(service, monkeypatch, skew)
    for _ in range(5):
        start_sessions(service, 4, 4000.0)
        run(service, store)
        service.edit(1)
        service.end(0)
    run(service, store)
    assert records_of(store) == service.truth()


def test_a_time_in_the_future_does_not_move_the_watermark(service: FakeService) -> None:
    store = MemoryStore()
    start_sessions(service, 2)
    service._change("s_1", started_at="2099-01-01T00:00:00.000Z", ended_at="2099-01-01T00:00:00.000Z")
    report = run(service, store)
    assert report.watermark == EPOCH + timedelta(seconds=service.now)
    start_sessions(service, 2, 10_000.0)
    run(service, store)
    assert records_of(store) == service.truth()


def test_the_overlap_finds_changes_that_become_visible_late(service: FakeService) -> None:
    store = MemoryStore()
    start_sessions(service, 3)
    service.delay = 500.0
    service.edit(0)
    service.now += 10.0
    service.delay = 0.0
    service.start()
    run(service, store, overlap=HOUR)
    service.now += 600.0
    assert run(service, store, overlap=HOUR).updated == 1
    assert records_of(store) == service.truth()


def test_running_sessions_are_asked_for_until_they_end(service: FakeService) -> None:
    store = MemoryStore()
    service.ends_silently = True
    start_sessions(service, 5, 10_000.0)
    run(service, store)
    requests = Requests(service)
    service.now += 100_000.0
    run(service, store)
    # All are ongoing: the walk is short.
    assert [filters.get("ongoing_only") for filters in requests.filters] == [True, True, None]
    service.end(1)
    run(service, store)
    assert records_of(store) == service.truth()
    requests.filters.clear()
    run(service, store)
    assert requests.filters[-1]["updated_after"] == EPOCH + timedelta(seconds=150_000) - HOUR


def test_a_session_that_never_ends_is_asked_for_once(service: FakeService) -> None:
    store = MemoryStore()
    start_sessions(service, 5, 10_000.0)
    run(service, store)
    # The list of ongoing sessions does not have it, and it has no end.
    real = service.answer

    def answer(**filters: Any) -> Any:
        page = real(**filters)
        if not filters.get("ongoing_only"):
            return page
        return type(page).from_dict({**page.to_dict(), "cobrowsing_sessions": [], "has_more": False})

    service.answer = answer  # type: ignore[method-assign]
    requests = Requests(service)
    lowers = []
    for _ in range(3):
        run(service, store)
        lowers.append(requests.filters[-1]["updated_after"])
    normal = EPOCH + timedelta(seconds=50_000) - HOUR
    assert lowers[0] == EPOCH + timedelta(seconds=10_000) - HOUR
    assert lowers[2] == normal or lowers[1] == normal


def test_a_killed_run_is_continued_after_its_last_page(service: FakeService) -> None:
    store = MemoryStore()
    start_sessions(service, 30)
    for _ in range(30):
        service.end(0)
    with pytest.raises(Killed):
        run(service, KilledStore(store, kill_at=6, after=True))
    assert len(store.records) == 18
    # Behind the cursor.
    service.now += 20_000
    service.edit(2)
    service.now += 20_000
    service.start()
    requests = Requests(service)
    report = run(service, store)
    assert report.resumed
    assert requests.filters[0]["after_id"] == "s_18"
    assert records_of(store) == service.truth()


@pytest.mark.parametrize("after", [False, True])
def test_a_run_can_be_killed_at_every_commit(service: FakeService, after: bool) -> None:
    start_sessions(service, 12)
    for kill_at in range(5):
        store = MemoryStore()
        with pytest.raises(Killed):
            run(service, KilledStore(store, kill_at, after))
        run(service, store)
        assert records_of(store) == service.truth()


def test_a_deleted_cursor_restarts_the_walk(service: FakeService) -> None:
    store = MemoryStore()
    start_sessions(service, 12)
    service.prefetches = False
    Requests(service, _2=lambda: service.delete(2))
    report = run(service, store)
    assert report.restarts == 1
    assert {**records_of(store), "s_3": None} == {**service.truth(), "s_3": None}


def test_cursors_that_are_always_unknown_end_with_the_error(service: FakeService) -> None:
    store = MemoryStore()
    start_sessions(service, 12)

    def refuse(filters: dict[str, Any]) -> None:
        if filters.get("after_id") is not None:
            raise upscope.NotFoundError("no such session")

    service.before_request = refuse
    with pytest.raises(upscope.NotFoundError):
        run(service, store)
    service.before_request = lambda filters: None
    run(service, store)
    assert records_of(store) == service.truth()


def test_a_cursor_that_moves_to_a_later_place_loses_nothing(service: FakeService) -> None:
    store = MemoryStore()
    start_sessions(service, 12, 10_000.0)
    service.prefetches = False
    # The first page ends with s_3, which is then behind s_9.
    Requests(service, _2=lambda: service.move(2, 25_000.0))
    run(service, store)
    assert len(store.records) == 6
    run(service, store)
    assert records_of(store) == service.truth()


def test_a_service_that_ignores_updated_after_is_noticed(service: FakeService, caplog: Any) -> None:
    store = MemoryStore()
    service.ignores_updated_after = True
    start_sessions(service, 10, 3600.0)
    for _ in range(9):
        service.end(0)
    assert not run(service, store).filter_ignored
    service.now += 100_000
    service.start()
    service.end(1)
    run(service, store)
    service.now += 100_000
    service.start()
    report = run(service, store)
    assert report.filter_ignored
    assert report.added == 1
    assert "ignores updated_after" in caplog.text
    assert records_of(store) == service.truth()


def test_since_copies_less_and_can_be_extended(service: FakeService) -> None:
    store = MemoryStore()
    start_sessions(service, 20, 1000.0)
    assert run(service, store, since=timedelta(seconds=4500)).added == 5
    requests = Requests(service)
    assert run(service, store, since=timedelta(seconds=4500)).added == 0
    assert run(service, store, since=EPOCH + timedelta(seconds=10_500)).added == 5
    assert run(service, store).added == 10
    assert "updated_after" not in requests.filters[-1]
    requests.filters.clear()
    run(service, store)
    assert "updated_after" in requests.filters[-1]


def test_a_gap_between_runs_loses_nothing_in_spite_of_since(service: FakeService) -> None:
    store = MemoryStore()
    start_sessions(service, 3, 10.0)
    run(service, store, since=timedelta(days=1))
    service.now += 86400 * 5
    start_sessions(service, 3, 10.0)
    service.now += 86400 * 5
    assert run(service, store, since=timedelta(days=1)).added == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"since": date(2026, 1, 1)}, "date"),
        ({"since": datetime(2026, 1, 1)}, "time zone"),
        ({"since": timedelta(days=-1)}, "negative"),
        ({"overlap": timedelta(days=-1)}, "overlap"),
        ({"to": "mysql:x"}, "mysql"),
        ({"to": "sessions.db"}, "prefix"),
        ({"to": 3}, "int"),
    ],
)
def test_wrong_arguments_are_refused(service: FakeService, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(upscope.InvalidArgumentError, match=message):
        sync(FakeClient(service), **{"to": MemoryStore(), **arguments})


def test_sessions_without_id_are_counted(service: FakeService) -> None:
    store = MemoryStore()
    start_sessions(service, 2)
    real = service.answer

    def answer(**filters: Any) -> Any:
        page = real(**filters).to_dict()
        return upscope.SessionPage.from_dict(
            {**page, "cobrowsing_sessions": [*page["cobrowsing_sessions"], {"visitor_id": "x"}]}
        )

    service.answer = answer  # type: ignore[method-assign]
    assert run(service, store).without_id == 1
    assert len(store.records) == 2


def test_the_progress_ends_at_one(service: FakeService) -> None:
    seen: list[Progress] = []
    start_sessions(service, 9)
    run(service, MemoryStore(), progress=seen.append)
    assert [progress.sessions for progress in seen] == [3, 6, 9]
    fractions = [progress.fraction for progress in seen]
    assert fractions == sorted(fractions, key=lambda fraction: fraction or 0.0)
    assert fractions[-1] == 1.0


def test_the_memory_store_implements_the_protocol() -> None:
    assert isinstance(MemoryStore(), Store)


@pytest.fixture(params=["sqlite", "parquet", "postgresql"])
def store_name(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The name of an empty store."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgresql")
        psycopg = pytest.importorskip("psycopg")
        with psycopg.connect(url, autocommit=True) as database:
            database.execute("DROP TABLE IF EXISTS sessions, upscope_state, upscope_forgotten")
        return url
    if request.param == "parquet":
        pytest.importorskip("pyarrow")
    return f"{request.param}:{tmp_path / 'sessions'}"


STRANGE: list[dict[str, Any]] = [
    {"id": "a"},
    {"id": 7, "length_seconds": "long", "agents": "none", "metadata": [1], "went_live": 1, "started_at": "yesterday"},
    {"id": "b", "length_seconds": 2**70, "metadata": {"n": 10**400}, "features_used": ["a", 7], "agents": [{"id": 3}]},
    {"id": "c", "visitor_id": "nul \0 in", "metadata": {"\0": "\0"}, "team": {"id": "\0"}},
    {"id": "d", "started_at": "2018-07-05T11:53:38.000+01:00", "new_field": {"x": [None]}, "features_used": None},
    {"id": "e", "started_at": "0001-01-01T00:00:00+14:00", "ended_at": "2026-02-30T00:00:00.000Z"},
    {"id": "f", "started_at": "2026-01-01T00:00:00.5Z", "agents": [{"id": "u_1", "email": "joe@example.com"}]},
]


@pytest.fixture
def strange_sessions() -> list[upscope.Session]:
    sessions = [upscope.Session.from_json(json.dumps(record)) for record in STRANGE]
    surrogate = (
        '{"id": "g", "visitor_id": "\\ud800", "metadata": {"\\ud800": "\\udfff"}, "agents": [{"name": "\\ud83d"}]}'
    )
    return [*sessions, upscope.Session.from_json(surrogate)]


def test_stores_take_everything_that_the_client_takes(store_name: str, strange_sessions: list[upscope.Session]) -> None:
    store = open_store(store_name)
    counts = store.commit(strange_sessions, lambda counts: f"{counts.added}", None)
    assert tuple(counts) == (8, 0, 0, 0)
    with pytest.raises(StoreBusyError):
        store.commit([], lambda counts: "x", "y")
    counts = store.commit(strange_sessions, lambda counts: "second", "8")
    assert tuple(counts) == (0, 0, 8, 0)
    moved = upscope.Session.from_dict({"id": "a", "started_at": "2026-01-01T00:00:00Z"})
    assert tuple(store.commit([moved], lambda counts: "third", "second")) == (0, 1, 0, 1)
    store.flush()
    store.close()
    store = open_store(store_name)
    assert store.load() == "third"
    expected = {str(session.id): session.to_json() for session in [*strange_sessions, moved]}
    assert {str(session.id): session.to_json() for session in store.sessions()} == expected
    store.close()


def test_a_failed_commit_stores_nothing(store_name: str) -> None:
    store = open_store(store_name)

    def fail(counts: object) -> str:
        raise Killed

    with pytest.raises(Killed):
        store.commit([upscope.Session.from_dict({"id": "a"})], fail, None)
    assert store.load() is None
    assert list(store.sessions()) == []
    store.close()


def test_a_store_is_a_copy_of_the_sandbox(store_name: str, sandbox: Sandbox, client: upscope.Client) -> None:
    sandbox.control("/visitors", {"short_id": "ADA", "is_online": True})
    for _ in range(70):
        session = sandbox.control("/sessions", {"visitor_id": "ADA", "agent": {"id": "u_2001"}})["session"]
        sandbox.control(f"/sessions/{session['id']}/end", {})
    running = sandbox.control("/sessions", {"visitor_id": "ADA", "agent": {"id": "u_2001"}})["session"]
    first = sync(client, store_name)
    assert first.updated == first.unchanged == 0
    sandbox.control("/clock", {"advance_ms": 1_000_000})
    sandbox.control(f"/sessions/{running['id']}/end", {})
    sandbox.faults({"status": 503}, {"drop": "mid_body"})
    second = sync(client, store_name)
    assert second.added == 0
    assert second.updated >= 1
    store = open_store(store_name)
    truth = {str(session.id): session.to_dict() for session in client.iter_sessions()}
    assert len(truth) == first.added
    assert without_length(records_of(store)) == without_length(truth)
    store.close()


def test_sqlite_columns(tmp_path: Path, sandbox: Sandbox, client: upscope.Client) -> None:
    sync(client, f"sqlite:{tmp_path / 'a.db'}")
    with sqlite3.connect(tmp_path / "a.db") as database:
        database.row_factory = sqlite3.Row
        rows = {row["id"]: row for row in database.execute("SELECT * FROM sessions")}
        table = database.execute("PRAGMA table_info(sessions)").fetchall()
        assert database.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    database.close()
    assert [row["name"] for row in table if row["pk"]] == ["id"]
    assert {row["name"] for row in table} == {name for name, _ in COLUMNS} | {"raw"}
    for session in client.iter_sessions():
        row = rows[session.id]
        assert json.loads(row["raw"]) == session.to_dict()
        assert json.loads(row["metadata"]) == session.metadata
        assert (row["visitor_id"], row["length_seconds"]) == (session.visitor_id, session.length_seconds)
        assert session.started_at is not None
        started = session.started_at.astimezone(timezone.utc)
        assert row["started_at"] == started.strftime("%Y-%m-%dT%H:%M:%S.") + f"{started.microsecond // 1000:03}Z"


def test_sqlite_gets_columns_that_are_documented_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from upscope.history import _columns

    name = f"sqlite:{tmp_path / 'a.db'}"
    session = upscope.Session.from_dict({"id": "a", "visitor_id": "v", "later": "x"})
    store = open_store(name)
    store.commit([session], lambda counts: "1", None)
    store.close()
    monkeypatch.setattr(_columns, "COLUMNS", [*COLUMNS, ("later", "str")])
    open_store(name).close()
    database = sqlite3.connect(tmp_path / "a.db")
    assert database.execute("SELECT id, later FROM sessions").fetchall() == [("a", "x")]
    database.close()


def test_parquet_is_read_as_it_is(tmp_path: Path, service: FakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    dataset = pytest.importorskip("pyarrow.dataset")
    from upscope.history import _parquet

    monkeypatch.setattr(_parquet, "_SESSIONS_PER_FILE", 7)
    monkeypatch.setattr(_parquet, "_MAX_PENDING", 5)
    start_sessions(service, 30)
    for number in range(4):
        run(service, f"parquet:{tmp_path}")
        table = dataset.dataset(tmp_path).to_table()
        ids = table["id"].to_pylist()
        assert sorted(ids) == sorted(service.truth())
        assert [json.loads(raw) for raw in table["raw"].to_pylist()] == [service.truth()[id_] for id_ in ids]
        service.edit(number)
        service.end(number)
        service.start()
    assert table.schema.field("started_at").type == pyarrow.timestamp("ms", "UTC")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert [name for name in names if not name.startswith("_")] == [f"sessions-{n:05}.parquet" for n in range(1, 6)]


def test_parquet_is_whole_if_it_is_killed_between_two_files(
    tmp_path: Path, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    dataset = pytest.importorskip("pyarrow.dataset")
    from upscope.history import _parquet

    monkeypatch.setattr(_parquet, "_SESSIONS_PER_FILE", 5)
    start_sessions(service, 20)
    run(service, f"parquet:{tmp_path}")
    for number in range(0, 20, 2):
        service.edit(number)
    real = os.replace
    for kill_at in range(4):
        left = kill_at

        def replace(source: Any, target: Any) -> None:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            real(source, target)

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", replace)
            with pytest.raises(Killed):
                run(service, f"parquet:{tmp_path}")
        ids = dataset.dataset(tmp_path).to_table()["id"].to_pylist()
        assert sorted(ids) == sorted(service.truth())
    run(service, f"parquet:{tmp_path}")
    raws = dataset.dataset(tmp_path).to_table()["raw"].to_pylist()
    assert {json.loads(raw)["id"]: json.loads(raw) for raw in raws} == service.truth()


def test_forget_removes_a_person_for_good(store_name: str, service: FakeService, tmp_path: Path) -> None:
    start_sessions(service, 9)
    service._change("s_2", visitor_id="jane", metadata={"note": "x"})
    service._change("s_3", metadata={"note": "from JANE.secret@Example.com, twice"})
    service._change("s_4", metadata={"note": "not-jane.secret@example.com"})
    service._change("s_5", metadata={"note": "jane.secret@example.com.au"})
    service._change("s_6", agents=[{"email": "jane.secret@example.com"}])
    run(service, store_name)
    receipt = forget(store_name, email="jane.secret@example.com")
    assert sorted(receipt.session_ids) == ["s_3", "s_6"]
    assert receipt.searched == 7
    assert "jane" not in json.dumps(receipt.to_dict())
    assert forget(store_name, visitor_id="jane").session_ids == ("s_2",)
    service._change("s_3", metadata={"note": "again jane.secret@example.com"})
    run(service, store_name)
    store = open_store(store_name)
    assert sorted(records_of(store)) == ["s_1", "s_4", "s_5", "s_7", "s_8", "s_9"]
    store.close()
    for file in [path for path in tmp_path.rglob("*") if path.is_file()]:
        assert b"JANE.secret@Example.com" not in file.read_bytes(), file


@pytest.mark.parametrize("arguments", [{}, {"email": "a@b.c", "visitor_id": "1"}, {"email": "@"}, {"visitor_id": ""}])
def test_forget_needs_one_person(arguments: dict[str, str]) -> None:
    with pytest.raises(upscope.InvalidArgumentError):
        forget(MemoryStore(), **arguments)


def test_a_store_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere"):
        open_store(f"sqlite:{tmp_path}/nowhere/a.db")
    (tmp_path / "text.db").write_text("not a database " * 100)
    with pytest.raises(StoreError, match="not a database"):
        open_store(f"sqlite:{tmp_path}/text.db")


def test_a_password_is_not_in_errors() -> None:
    pytest.importorskip("psycopg")
    for url in ("postgresql://u:geheim@127.0.0.1:1/x", "postgresql://u:geheim@[::1/x?y"):
        with pytest.raises((StoreError, upscope.InvalidArgumentError)) as raised:
            open_store(url)
        assert "geheim" not in str(raised.value)


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "upscope", "history", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )


def test_the_command(sandbox: Sandbox, tmp_path: Path) -> None:
    settings = {"UPSCOPE_API_KEY": sandbox.api_key, "UPSCOPE_BASE_URL": sandbox.base_url}
    store, page = f"sqlite:{tmp_path / 'a.db'}", tmp_path / "report.html"
    done = command("sync", "--to", store, "--since", "4000d", "--report", str(page), **settings)
    assert (done.returncode, done.stderr) == (0, "")
    assert " added, 0 updated" in done.stdout
    assert "Sessions per day" in page.read_text(encoding="utf-8")
    assert "0 added" in command("sync", "--to", store, **settings).stdout
    sandbox.faults({"status": 401}, {"status": 401})
    failed = command("sync", "--to", store, **settings)
    assert (failed.returncode, "unauthorized" in failed.stderr, failed.stdout) == (1, True, "")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["sync", "--to", "sqlite:/nowhere/a.db"], 1, "cannot open"),
        (["sync", "--to", "nothing"], 2, "sqlite:FILE"),
        (["sync"], 2, "--to"),
        (["sync", "--to", "postgresql://u:geheim@h/d"], 2, "PGPASSWORD"),
        (["sync", "--to", "postgresql://h/d?password=geheim"], 2, "PGPASSWORD"),
        ([], 2, "command"),
        (["sync", "--to", "sqlite:a.db", "--since", "soon"], 2, "neither"),
        (["sync", "--to", "sqlite:a.db", "--since", "2026-01-01T00:00:00"], 2, "time zone"),
    ],
)
def test_the_exit_status_of_the_command(arguments: list[str], status: int, message: str) -> None:
    done = command(*arguments, UPSCOPE_API_KEY="k", UPSCOPE_BASE_URL="http://127.0.0.1:9")
    assert (done.returncode, done.stdout) == (status, "")
    assert message in done.stderr
    assert "geheim" not in done.stderr


def test_the_command_can_be_tried_again_without_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from upscope.history import _command

    def fail(*_: object, **__: object) -> None:
        raise upscope.TransportError("no connection", retryable=True)

    monkeypatch.setattr(_command, "sync", fail)
    monkeypatch.setenv("UPSCOPE_API_KEY", "k")
    assert _command.main(["sync", "--to", f"sqlite:{tmp_path / 'a.db'}"]) == 75


def test_the_command_needs_a_key() -> None:
    done = command("sync", "--to", "sqlite::memory:")
    assert (done.returncode, "UPSCOPE_API_KEY" in done.stderr) == (2, True)


def test_the_report_page_escapes_what_the_service_sends() -> None:
    sessions = [
        upscope.Session.from_dict(
            {
                "id": f"s_{number}",
                "started_at": to_text(number * 86400.0),
                "ended_at": to_text(number * 86400.0 + 90),
                "length_seconds": number * 90,
                "features_used": ["click", "<b>"],
                "agents": [{"id": "u_1", "name": "<script>alert(1)</script>"}],
            }
        )
        for number in range(100)
    ]
    page = create_report_page(sessions, EPOCH)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "the last 90 days" in page
    assert "No session has an agent." in create_report_page([], EPOCH)
    assert "http" not in page.replace("http-equiv", "")


def test_import_upscope_does_not_import_the_history() -> None:
    code = "import sys, upscope; sys.exit(bool({'upscope.history', 'sqlite3', 'json'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], timeout=30).returncode == 0
