"""A page with charts of the sessions in a store: one HTML file that needs nothing else."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta, timezone
from html import escape
from pathlib import Path

from .. import Session
from ._store import Store

_MAX_DAYS = 90
_MAX_ROWS = 15

_LENGTHS = [
    (60, "under 1 min"),
    (300, "1 to 5 min"),
    (900, "5 to 15 min"),
    (1800, "15 to 30 min"),
    (3600, "30 to 60 min"),
    (None, "1 hour or more"),
]

_STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d9dee5; --paper: #fff;
  --card: #f6f8fa; --bar: #2f6fdf; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaf0; --soft: #9aa6b5; --line: #333c49; --paper: #12161c; --card: #1a2029; --bar: #6ea0ff; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1000px; padding: 24px 16px 48px; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 24px; margin: 0; } h2 { font-size: 17px; margin: 0 0 12px; }
p { margin: 4px 0 0; color: var(--soft); }
.figures { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0; }
.figures div { flex: 1 1 150px; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 12px 16px; }
.figures b { display: block; font-size: 24px; }
.figures span { color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 16px;
  margin: 0 0 16px; min-width: 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 0 16px; }
svg { display: block; width: 100%; height: 180px; }
svg rect { fill: var(--bar); } svg line { stroke: var(--line); }
.axis { display: flex; justify-content: space-between; color: var(--soft); font-size: 13px; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; }
th { font-weight: normal; text-align: left; overflow-wrap: anywhere; padding: 3px 8px 3px 0; width: 40%; }
td { padding: 3px 0; } td:last-child { text-align: right; width: 22%; font-variant-numeric: tabular-nums; }
.bar { background: var(--bar); border-radius: 3px; height: 12px; }
"""


class _Figures:
    """What the page shows. Its size depends on the days and agents, not on the sessions."""

    def __init__(self, sessions: Iterable[Session]) -> None:
        self.count = self.ongoing = self.with_length = self.seconds = 0
        self.days: Counter[date] = Counter()
        self.agents: Counter[str] = Counter()
        self.lengths: Counter[str] = Counter()
        self.features: Counter[str] = Counter()
        for session in sessions:
            self.count += 1
            if session.started_at is not None:
                self.days[session.started_at.astimezone(timezone.utc).date()] += 1
            for agent in session.agents or []:
                self.agents[agent.name or agent.email or agent.id or "(unknown)"] += 1
            self.features.update(set(session.features_used or []))
            if session.ended_at is None:
                self.ongoing += 1
            elif session.length_seconds is not None and session.length_seconds >= 0:
                self.with_length += 1
                self.seconds += session.length_seconds
                self.lengths[_length_class(session.length_seconds)] += 1


def _length_class(seconds: int) -> str:
    return next(label for limit, label in _LENGTHS if limit is None or seconds < limit)


def write_report_page(store: Store, file: str) -> None:
    """Writes the page. An existing file is replaced as a whole."""
    page = create_report_page(store.sessions(), datetime.now(timezone.utc))
    target = Path(file)
    temporary = target.with_name(f"{target.name}.writing")
    try:
        temporary.write_text(page, encoding="utf-8")
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def create_report_page(sessions: Iterable[Session], now: datetime) -> str:
    """The page as HTML."""
    figures = _Figures(sessions)
    average = _minutes(figures.seconds / figures.with_length) if figures.with_length else "none"
    total = f"{figures.seconds / 3600:,.1f} h"
    cards = [
        (f"{figures.count:,}", "sessions"),
        (f"{figures.ongoing:,}", "without an end"),
        (average, "average length"),
        (total, "total length"),
        (f"{len(figures.agents):,}", "agents"),
    ]
    lengths = [(label, figures.lengths[label]) for _, label in _LENGTHS]
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Co-browsing sessions</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>Co-browsing sessions</h1>
<p>{escape(_span(figures.days))} Written on {now:%Y-%m-%d} at {now:%H:%M} UTC.</p>
<div class="figures">
{"".join(f"<div><b>{value}</b><span>{label}</span></div>" for value, label in cards)}
</div>
{_days_section(figures.days)}
<div class="pair">
{_table_section("Sessions per agent", figures.agents.most_common(), "No session has an agent.")}
{_table_section("Lengths", lengths if figures.with_length else [], "No session has ended.")}
</div>
{_table_section("Features used", figures.features.most_common(), "No session has used a feature.")}
</body>
</html>
"""


def _span(days: Counter[date]) -> str:
    return f"From {min(days)} to {max(days)}." if days else "There are no sessions."


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02} min"


def _days_section(days: Counter[date]) -> str:
    if not days:
        return ""
    last = max(days)
    shown = min((last - min(days)).days + 1, _MAX_DAYS)
    first = last - timedelta(days=shown - 1)
    counts = [days[first + timedelta(days=number)] for number in range(shown)]
    highest = max(counts)
    bars = "".join(
        f'<rect x="{number + 0.1:.1f}" width="0.8" y="{100 - 100 * count / highest:.2f}" '
        f'height="{100 * count / highest:.2f}">'
        f"<title>{first + timedelta(days=number)}: {count}</title></rect>"
        for number, count in enumerate(counts)
        if count
    )
    title = "Sessions per day" if shown < _MAX_DAYS else f"Sessions per day, the last {_MAX_DAYS} days"
    label = f"Sessions per day from {first} to {last}, at most {highest}"
    return f"""<section><h2>{title}</h2>
<div class="axis"><span>at most {highest:,} a day (UTC)</span></div>
<svg viewBox="0 0 {shown} 100" preserveAspectRatio="none" role="img" aria-label="{label}">{bars}</svg>
<div class="axis"><span>{first}</span><span>{last}</span></div></section>"""


def _table_section(title: str, rows: list[tuple[str, int]], nothing: str) -> str:
    if not rows:
        return f"<section><h2>{title}</h2><p>{nothing}</p></section>"
    highest = max(count for _, count in rows) or 1
    lines = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        f'<td><div class="bar" style="width: {100 * count / highest:.1f}%"></div></td>'
        f"<td>{count:,}</td></tr>"
        for name, count in rows[:_MAX_ROWS]
    )
    more = f"<p>And {len(rows) - _MAX_ROWS:,} more.</p>" if len(rows) > _MAX_ROWS else ""
    return f"<section><h2>{title}</h2><table>{lines}</table>{more}</section>"
