"""Draws the CPU time of a call by each client, relative to a raw socket, for light and dark pages."""

from __future__ import annotations

import math
from xml.sax.saxutils import escape

CALLS = ("get_usage", "get_visitor", "create_watch_url", "list_sessions")
SIZES = ("0.3 KB", "1.5 KB", "POST", "100 sessions, 60 KB")
PANELS = (
    ("From C and Rust", (
        ("c", "raw", "raw socket"),
        ("c", "upscope", "libupscope"),
        ("rust", "hyper", "hyper, no parsing"),
        ("c", "libcurl", "libcurl, no parsing"),
        ("rust", "ureq", "ureq, no parsing"),
        ("rust", "reqwest", "reqwest, no parsing"),
        ("c", "libcurl+cJSON", "libcurl + cJSON"),
        ("rust", "reqwest_json", "reqwest, json"),
    )),
    ("From Python", (
        ("python", "raw", "raw socket"),
        ("python", "upscope", "libupscope"),
        ("python", "pycurl+orjson", "pycurl + orjson"),
        ("python", "pycurl+json", "pycurl + json"),
        ("python", "aiohttp", "aiohttp"),
        ("python", "urllib3", "urllib3"),
        ("python", "httpx", "httpx"),
        ("python", "requests", "requests"),
    )),
)
MARGIN, LABELS, COLUMN, BAR, ROW = 24, 152, 190, 13, 21
FIGURES = 44

STYLE = """
  .page { fill: #ffffff; stroke: #d8dee4 }
  text { font: 12px -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #57606a }
  .title { font-size: 16px; font-weight: 600; fill: #1f2328 }
  .panel { font-size: 13px; font-weight: 600; fill: #1f2328 }
  .call { font: 600 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328 }
  .ours { fill: #0a5fc2; font-weight: 600 }
  .tick { font-size: 10px; fill: #6e7781 }
  .figure { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round }
  .grid { stroke: #d8dee4 }
  .one { stroke: #8c959f }
  .bar { fill: #afb8c1 }
  .bar.base { fill: #6e7781 }
  .bar.best { fill: #0a5fc2 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #30363d }
    text { fill: #9198a1 }
    .title, .panel, .call { fill: #f0f6fc }
    .ours { fill: #58a6ff }
    .tick { fill: #8b949e }
    .figure { stroke: #0d1117 }
    .grid { stroke: #2a3038 }
    .one { stroke: #6e7681 }
    .bar { fill: #484f58 }
    .bar.base { fill: #8b949e }
    .bar.best { fill: #388bfd }
  }
"""


def label(value):
    return f"{value:.0f}×" if value >= 9.95 else f"{value:.1f}×" if value >= 3.95 else f"{value:.2f}×"


def render(ratios, source):
    """An SVG. `ratios` is {(part, client): the ratio of each call}; `source` says what was measured where."""
    largest = max(value for _, rows in PANELS for part, client, _ in rows for value in ratios[part, client])
    doublings = max(1, math.ceil(math.log2(largest)))
    unit = (COLUMN - FIGURES - 8) / doublings
    width = 2 * MARGIN + LABELS + len(CALLS) * COLUMN
    out = []

    def text(x, y, words, kind="", anchor="start"):
        out.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>')

    def column(at):
        return MARGIN + LABELS + at * COLUMN

    text(MARGIN, 38, "CPU time of one call, relative to a raw socket", "title")
    text(MARGIN, 58, "User and system time of the client on a warm loopback connection; median of interleaved rounds. "
                     "Shorter is better; logarithmic scale.")
    y = 96
    for title, rows in PANELS:
        text(MARGIN, y, title, "panel")
        for at, (call, size) in enumerate(zip(CALLS, SIZES, strict=True)):
            text(column(at), y, call, "call")
            text(column(at), y + 15, size, "tick")
        top = y + 26
        bottom = top + len(rows) * ROW
        for at in range(len(CALLS)):
            for doubling in range(doublings + 1):
                x = column(at) + doubling * unit
                out.append(f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}" '
                           f'class="{"grid" if doubling else "one"}"/>')
                text(x, bottom + 13, str(2 ** doubling), "tick", "middle")
        for line, (part, client, name) in enumerate(rows):
            middle = top + line * ROW + ROW / 2
            ours = client.startswith("upscope")
            text(column(0) - 10, middle + 4, name, "ours" if ours else "", "end")
            for at, value in enumerate(ratios[part, client]):
                length = max(2.0, math.log2(max(value, 1)) * unit)
                kind = "bar best" if ours else "bar base" if client == "raw" else "bar"
                out.append(f'<rect x="{column(at):.1f}" y="{middle - BAR / 2:.1f}" width="{length:.1f}" '
                           f'height="{BAR}" rx="2" class="{kind}"/>')
                text(column(at) + length + 5, middle + 4, label(value), "figure ours" if ours else "figure")
        y = bottom + 52
    text(MARGIN, y - 14, f"{source}, which validates every response · more in docs/performance.md", "tick")
    height = y + 4
    description = "CPU time of one call by each client, relative to a raw socket. Figures: docs/performance.md"
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(description)}">',
        f"<style>{STYLE}</style>",
        f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="6" class="page"/>',
        *out,
        "</svg>",
    ]) + "\n"
