"""A model of `upscope.history`: whatever happens, the store equals the service after the last run.

Hypothesis makes up histories that grow and change, faults, kills at commits, clocks that are wrong, and services that
ignore filters, reorder the list or forget cursors. UPSCOPE_LONG_TESTS makes 10,000 examples instead of 300.
"""

from __future__ import annotations

import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import upscope
from history_service import EPOCH, FakeClient, FakeService, Killed, KilledStore, MemoryStore, records_of
from upscope.history import StoreError, open_store, sync

pytest.importorskip("hypothesis")

from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from upscope.history import _sync

IS_LONG = bool(os.environ.get("UPSCOPE_LONG_TESTS"))

OVERLAP = 100.0

Change = tuple[str, int, float]

CHANGES = st.tuples(
    st.sampled_from(["start", "start", "start", "end", "end", "edit", "edit", "move", "delete", "wait"]),
    st.integers(0, 20),
    st.sampled_from([0.0, 0.001, 1.0, 60.0, 99.0, 101.0, 5000.0]),
)

# One run of `sync`: what changes before it; what changes before each of its requests; which request fails; at which
# commit it is killed, before or after; how wrong the clock of this computer is, and how it jumps; and `since`, in
# seconds.
RUNS = st.fixed_dictionaries(
    {
        "before": st.lists(CHANGES, max_size=5),
        "during": st.lists(st.lists(CHANGES, min_size=1, max_size=2), min_size=1, max_size=6),
        "fails_at": st.sampled_from([None, None, None, 1, 2, 3, 4, 5]),
        "killed_at": st.sampled_from([None, None, None, 0, 1, 2, 3, 4]),
        "killed_after": st.booleans(),
        "skew": st.sampled_from([0.0, 0.0, -90_000.0, -700.0, 700.0, 90_000.0, 1e9]),
        "jump": st.sampled_from([0.0, 0.0, -50_000.0, 50_000.0]),
        "since": st.sampled_from([None, None, 50.0, 5000.0]),
    }
)

SERVICES = st.fixed_dictionaries(
    {
        # Sessions at the start: some pages.
        "sessions": st.integers(3, 14),
        # Changes that become visible late are the reason for the overlap.
        "delay": st.sampled_from([0.0, 0.0, OVERLAP - 1]),
        "ends_silently": st.sampled_from([False, False, True]),
        "ignores_updated_after": st.sampled_from([False, False, True]),
        "ignores_ongoing_only": st.sampled_from([False, False, True]),
        "prefetches": st.booleans(),
    }
)


def apply(service: FakeService, change: Change) -> None:
    kind, number, seconds = change
    service.now += seconds
    if kind == "start":
        service.start()
    elif kind in ("end", "edit", "delete"):
        getattr(service, kind)(number)
    elif kind == "move":
        service.move(number, seconds)


def run_once(service: FakeService, store: Any, run: dict[str, Any], patch: pytest.MonkeyPatch) -> bool:
    """Runs `sync`. Returns whether it ended well."""
    for change in run["before"]:
        apply(service, change)
    begun, requests = service.now, 0

    def wall() -> float:
        jump = run["jump"] if service.now > begun else 0.0
        return float(service.now + run["skew"] + jump)

    def before_request(filters: dict[str, Any]) -> None:
        nonlocal requests
        requests += 1
        # Requests take time, so that nothing happens at the start of a walk.
        service.now += 0.01
        if requests <= len(run["during"]):
            for change in run["during"][requests - 1]:
                apply(service, change)
        if run["fails_at"] == requests - 1:
            raise upscope.ServerError("failed", operation="list_sessions", http_status=500, attempts=1)

    def now() -> datetime:
        return EPOCH + timedelta(seconds=wall())

    patch.setattr(_sync, "_now", now)
    patch.setattr(_sync, "time", SimpleNamespace(monotonic=lambda: service.now, time=wall))
    service.before_request = before_request
    since = run["since"]
    try:
        report = sync(
            FakeClient(service),
            KilledStore(store, run["killed_at"], run["killed_after"]),
            since=None if since is None else timedelta(seconds=since),
            overlap=timedelta(seconds=OVERLAP),
        )
    except (Killed, upscope.ServerError, upscope.NotFoundError):
        return False
    assert report.watermark is None or report.watermark <= EPOCH + timedelta(seconds=service.now)
    return True


QUIET: dict[str, Any] = {
    "before": [],
    "during": [],
    "fails_at": None,
    "killed_at": None,
    "killed_after": False,
    "skew": 0.0,
    "jump": 0.0,
}


def check(service_settings: dict[str, Any], runs: list[dict[str, Any]], store: Any, patch: pytest.MonkeyPatch) -> None:
    service = FakeService()
    for name, value in service_settings.items():
        if name != "sessions":
            setattr(service, name, value)
    if service.ends_silently:
        # A silent end that is visible late is not found by any request.
        service.delay = 0.0
    for _ in range(service_settings["sessions"]):
        service.start()
        service.now += 40.0
    for run in runs:
        run_once(service, store, run, patch)
    service.now += service.delay
    assert run_once(service, store, {**QUIET, "since": None, "skew": runs[-1]["skew"] if runs else 0.0}, patch)
    truth, copied = service.truth(), records_of(store)
    note(f"truth {truth}")
    note(f"store {copied}")
    # Sessions that were deleted at the service stay in the store.
    assert {id_: record for id_, record in copied.items() if id_ in truth} == truth


@pytest.mark.timeout(3000)
@settings(
    max_examples=10_000 if IS_LONG else 300,
    deadline=None,
    derandomize=not IS_LONG,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(SERVICES, st.lists(RUNS, min_size=1, max_size=4))
def test_the_store_equals_the_service(service_settings: dict[str, Any], runs: list[dict[str, Any]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        check(service_settings, runs, MemoryStore(), patch)


@pytest.mark.parametrize("kind", ["sqlite", "parquet"])
@pytest.mark.timeout(3000)
@settings(
    max_examples=500 if IS_LONG else 25,
    deadline=None,
    derandomize=not IS_LONG,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(SERVICES, st.lists(RUNS, min_size=1, max_size=3))
def test_the_stores_on_disk_equal_the_service(
    kind: str, service_settings: dict[str, Any], runs: list[dict[str, Any]]
) -> None:
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        store = open_store(f"{kind}:{Path(folder) / 'sessions'}")
        try:
            check(service_settings, runs, store, patch)
        finally:
            store.close()


def test_a_second_program_is_refused() -> None:
    service, store = FakeService(), MemoryStore()
    for _ in range(20):
        service.start()
    started = False

    def other(filters: dict[str, Any]) -> None:
        nonlocal started
        if not started and filters.get("after_id") is not None:
            started = True
            sync(FakeClient(service), store)

    service.before_request = other
    service.prefetches = False
    with pytest.raises(StoreError, match="another program"):
        sync(FakeClient(service), store)
    assert records_of(store) == service.truth()
