"""Appends the sessions of the last day to a CSV file: `nightly_export.py FILE`.

Reads the API key from UPSCOPE_API_KEY.
"""

from __future__ import annotations

import csv
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import upscope

COLUMNS = ["id", "visitor_id", "started_at", "ended_at", "length_seconds", "agents", "metadata"]


def row(session: upscope.Session) -> list[object]:
    agents = ", ".join(agent.name or agent.id or "" for agent in session.agents or [])
    metadata = "; ".join(f"{key}={value}" for key, value in (session.metadata or {}).items())
    return [
        session.id,
        session.visitor_id,
        session.started_at and session.started_at.isoformat(),
        session.ended_at and session.ended_at.isoformat(),
        session.length_seconds,
        agents,
        metadata,
    ]


def export(client: upscope.Client, file: Path, since: datetime) -> int:
    """Writes the sessions that changed since then. Returns their number."""
    is_new = not file.exists()
    count = 0
    with file.open("a", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        if is_new:
            writer.writerow(COLUMNS)
        for session in client.iter_sessions(updated_after=since):
            writer.writerow(row(session))
            count += 1
    return count


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    since = datetime.now(timezone.utc) - timedelta(days=1)
    try:
        # A nightly job can wait: many retries and a long timeout.
        with upscope.Client(timeout=120, max_retries=8) as client:
            count = export(client, Path(sys.argv[1]), since)
    except upscope.UpscopeError as error:
        print(f"The export failed ({error.code}): {error}", file=sys.stderr)
        return 1
    print(f"{count} sessions")
    return 0


if __name__ == "__main__":
    sys.exit(main())
