"""`python -m upscope history sync`, killed with SIGKILL at random times: the store is whole after the next run.

UPSCOPE_LONG_TESTS kills 500 times instead of 20.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import Sandbox
from history_service import records_of, without_length
from upscope.history import open_store

KILLS = 500 if os.environ.get("UPSCOPE_LONG_TESTS") else 20

SESSIONS = 400

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")


def change_sessions(sandbox: Sandbox, generator: random.Random) -> None:
    """A session starts, and the one before it ends."""
    for session in sandbox.control("/overview?sessions=3")["sessions"]:
        if session["ended_at"] is None and generator.random() < 0.7:
            sandbox.control(f"/sessions/{session['id']}/end", {})
    number = generator.randrange(20)
    sandbox.control("/visitors", {"short_id": f"V{number}", "is_online": True})
    sandbox.control("/clock", {"advance_ms": generator.choice([10, 60_000, 3_000_000])})
    # 409: the visitor is in a session.
    with suppress(OSError):
        sandbox.control("/sessions", {"visitor_id": f"V{number}", "agent": {"id": "u_2001", "name": "Joe"}})


def truth(sandbox: Sandbox) -> dict[str, Any]:
    with sandbox.client() as client:
        return {str(session.id): json.loads(session.to_json()) for session in client.iter_sessions()}


@pytest.mark.parametrize("kind", ["sqlite", "parquet"])
@pytest.mark.timeout(3000)
def test_killed_runs(kind: str, sandbox: Sandbox, tmp_path: Path) -> None:
    if kind == "parquet":
        pytest.importorskip("pyarrow")
    generator = random.Random(7)
    sandbox.control("/visitors", {"short_id": "ADA", "is_online": True})
    for _ in range(SESSIONS):
        session = sandbox.control("/sessions", {"visitor_id": "ADA", "agent": {"id": "u_2001", "name": "Joe"}})[
            "session"
        ]
        sandbox.control(f"/sessions/{session['id']}/end", {})
    # Each page takes a moment, so that most kills hit a walk.
    sandbox.faults({"match": {"operation": "list_sessions"}, "delay_ms": 20})
    settings = {**os.environ, "UPSCOPE_API_KEY": sandbox.api_key, "UPSCOPE_BASE_URL": sandbox.base_url}
    longest = 1.0
    kills = number = 0
    compared = in_walk = 0
    wanted = KILLS if kind == "sqlite" else max(KILLS // 5, 10)
    while kills < wanted or compared == 0:
        name = f"{kind}:{tmp_path / f'sessions{number}'}"
        command = [sys.executable, "-m", "upscope", "history", "sync", "--to", name]
        begun = time.monotonic()
        process = subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            limit = generator.uniform(0.05, longest) if kills < wanted else 120.0
            output, errors = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            output, errors = process.communicate()
        if process.returncode == -signal.SIGKILL:
            kills += 1
            store = open_store(name)
            state = store.load()
            in_walk += state is not None and json.loads(state)["walk"] is not None
            store.close()
            change_sessions(sandbox, generator)
            continue
        assert process.returncode == 0, errors
        longest = max(longest, time.monotonic() - begun)
        assert " added" in output
        store = open_store(name)
        assert without_length(records_of(store)) == without_length(truth(sandbox))
        store.close()
        compared += 1
        number += 1
    assert in_walk > 0
    print(f"{kind}: {kills} kills, {in_walk} of them within a walk, {compared} stores compared")
