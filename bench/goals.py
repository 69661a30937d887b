"""What the library is to reach, each with where its figure stands in the result."""

from __future__ import annotations

# (what, where, at most or at least, how much, unit)
GOALS = [
    *[
        goal
        for call, raw, libcurl in (
            ("get_usage", 1.25, 0.90),
            ("get_visitor", 1.28, 0.90),
            ("create_watch_url", 1.38, 0.95),
            ("list_sessions", 2.9, 1.8),
        )
        for goal in (
            (f"{call}: CPU ÷ raw socket", ("c", call, "upscope", "cpu_x_raw"), "<=", raw, "x"),
            (f"{call}: CPU ÷ libcurl without parsing", ("c", call, "upscope", "cpu_x_libcurl"), "<=", libcurl, "x"),
        )
    ],
    ("list_sessions: CPU ÷ libcurl + cJSON", ("c", "list_sessions", "upscope", "cpu_x_libcurl+cJSON"), "<=", 0.2, "x"),
    ("system calls of a GET", ("counts", "system_calls", "get_usage"), "<=", 4, ""),
    ("system calls of a GET of 60 KB", ("counts", "system_calls", "list_sessions"), "<=", 4, ""),
    ("system calls of a POST", ("counts", "system_calls", "create_watch_url"), "<=", 4, ""),
    ("allocations of get_usage", ("counts", "allocations", "get_usage"), "<=", 30, ""),
    ("allocations of get_visitor", ("counts", "allocations", "get_visitor"), "<=", 30, ""),
    ("allocations of create_watch_url", ("counts", "allocations", "create_watch_url"), "<=", 30, ""),
    ("allocations of list_sessions", ("counts", "allocations", "list_sessions"), "<=", 30, ""),
    ("8 threads: calls per second ÷ 8 raw sockets", ("threads", "8", "calls_x_raw"), ">=", 0.75, "x"),
    ("8 threads: part of CPU spent on locks", ("counts", "lock_percent_of_8_threads"), "<=", 1, "%"),
    ("64 threads: calls per second ÷ 8 threads", ("threads", "64_to_8_upscope"), ">=", 1, "x"),
    ("10 MB answer: CPU", ("large", "clients", "upscope", "cpu_ms"), "<=", 20, "ms"),
    ("10 MB answer: peak memory ÷ answer", ("large", "clients", "upscope", "peak_memory_x_answer"), "<=", 2.2, "x"),
    ("first answer over TLS: CPU ÷ libcurl", ("first", "cpu_x_libcurl"), "<=", 0.5, "x"),
    ("first answer over TLS: wall time ÷ libcurl", ("first", "wall_x_libcurl"), "<=", 0.5, "x"),
    ("shared library, stripped", ("counts", "library_bytes"), "<=", 2_000_000, "bytes"),
    ("crates in its tree", ("counts", "crates"), "<=", 45, ""),
    ("Python, get_usage(): CPU ÷ raw socket", ("python", "get_usage", "upscope", "cpu_x_raw"), "<=", 1.6, "x"),
    ("Python, 100 sessions: CPU ÷ pycurl + json", ("python", "list_sessions", "upscope", "cpu_x_pycurl+json"), "<=",
     0.5, "x"),
    ("Python, import: over a bare interpreter", ("python", "import_ms", "upscope", "cpu"), "<=", 3, "ms"),
    ("Python, 8 threads that wait: calls per second ÷ 1 thread", ("python", "waiting", "calls_per_second_8_to_1"), ">=",
     6, "x"),
    ("a walk of 1,000,000 sessions: growth of memory", ("walk", "memory", "plain", "growth"), "<=", 1.05, "x"),
    ("the same, fetching ahead", ("walk", "memory", "ahead", "growth"), "<=", 1.05, "x"),
    ("fetching ahead: time ÷ larger of fetching and working", ("walk", "time", "ahead_x_larger"), "<=", 1.15, "x"),
]


def found(result, where):
    for key in where:
        if key not in result:
            return None
        result = result[key]
    return result


def judged(result):
    """The goals of which a figure was measured."""
    goals = []
    for what, where, direction, limit, unit in GOALS:
        figure = found(result, where)
        if figure is None:
            continue
        spread = None
        if isinstance(figure, dict) and "median" in figure:
            spread = [figure["q1"], figure["q3"]]
            figure = figure["median"]
        elif isinstance(figure, dict):
            # Several kinds of one thing, such as system calls.
            figure = round(sum(figure.values()), 3)
        met = figure <= limit if direction == "<=" else figure >= limit
        goals.append({"what": what, "value": figure, "spread": spread, "goal": f"{direction} {limit}", "unit": unit,
                      "met": met})
    return goals
