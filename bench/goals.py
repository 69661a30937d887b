"""The performance goals, and where the result of the benchmark has the figure for each."""

from __future__ import annotations


def goal(what, path, direction, limit, unit):
    return {"what": what, "path": path, "direction": direction, "limit": limit, "unit": unit}


GOALS = [
    *[
        one
        for call, raw, libcurl in (
            ("get_usage", 1.25, 0.90),
            ("get_visitor", 1.28, 0.90),
            ("create_watch_url", 1.38, 0.95),
            ("list_sessions", 2.9, 1.8),
        )
        for one in (
            goal(f"{call}: CPU ÷ raw socket", ("c", call, "upscope", "cpu_x_raw"), "<=", raw, "x"),
            goal(f"{call}: CPU ÷ libcurl without parsing", ("c", call, "upscope", "cpu_x_libcurl"), "<=", libcurl, "x"),
        )
    ],
    goal("list_sessions: CPU ÷ libcurl + cJSON", ("c", "list_sessions", "upscope", "cpu_x_libcurl+cJSON"), "<=", 0.2,
         "x"),
    goal("system calls of a GET", ("counts", "system_calls", "get_usage"), "<=", 4, ""),
    goal("system calls of a GET of 60 KB", ("counts", "system_calls", "list_sessions"), "<=", 4, ""),
    goal("system calls of a POST", ("counts", "system_calls", "create_watch_url"), "<=", 4, ""),
    goal("allocations of get_usage", ("counts", "allocations", "get_usage"), "<=", 30, ""),
    goal("allocations of get_visitor", ("counts", "allocations", "get_visitor"), "<=", 30, ""),
    goal("allocations of create_watch_url", ("counts", "allocations", "create_watch_url"), "<=", 30, ""),
    goal("allocations of list_sessions", ("counts", "allocations", "list_sessions"), "<=", 30, ""),
    goal("8 threads: calls per second ÷ 8 raw sockets", ("threads", "8", "calls_x_raw"), ">=", 0.75, "x"),
    goal("8 threads: share of CPU spent on locks", ("counts", "lock_percent_of_8_threads"), "<=", 1, "%"),
    goal("64 threads: calls per second ÷ 8 threads", ("threads", "64_to_8_upscope"), ">=", 1, "x"),
    goal("10 MB response: CPU", ("large", "clients", "upscope", "cpu_ms"), "<=", 20, "ms"),
    goal("10 MB response: peak memory ÷ response", ("large", "clients", "upscope", "peak_memory_x_response"), "<=", 2.2,
         "x"),
    goal("first call over TLS: CPU ÷ libcurl", ("first", "cpu_x_libcurl"), "<=", 0.5, "x"),
    goal("first call over TLS: wall time ÷ libcurl", ("first", "wall_x_libcurl"), "<=", 0.5, "x"),
    goal("shared library, stripped", ("counts", "library_bytes"), "<=", 2_000_000, "bytes"),
    goal("crates in the dependency tree", ("counts", "crates"), "<=", 45, ""),
    goal("Python, get_usage(): CPU ÷ raw socket", ("python", "get_usage", "upscope", "cpu_x_raw"), "<=", 1.6, "x"),
    goal("Python, 100 sessions: CPU ÷ pycurl + json", ("python", "list_sessions", "upscope", "cpu_x_pycurl+json"), "<=",
         0.5, "x"),
    goal("Python, import: CPU over a bare interpreter", ("python", "import_ms", "upscope", "cpu"), "<=", 3, "ms"),
    goal("Python, 8 waiting threads: calls per second ÷ 1 thread", ("python", "waiting", "calls_per_second_8_to_1"),
         ">=", 6, "x"),
    goal("1,000,000 sessions: memory growth", ("pages", "memory", "plain", "growth"), "<=", 1.05, "x"),
    goal("1,000,000 sessions, prefetch: memory growth", ("pages", "memory", "ahead", "growth"), "<=", 1.05, "x"),
    goal("prefetch: time ÷ the longer of fetching and working", ("pages", "time", "ahead_x_larger"), "<=", 1.15, "x"),
    goal("sandbox, `/list`, 16 connections: answers per second", ("sandbox", "list_16", "per_second"), ">=", 12_000, ""),
    goal("sandbox, `/list`, 200 connections: 99 % of the answers within", ("sandbox", "list_200", "p99_ms"), "<=", 25,
         "ms"),
    goal("sandbox, `/usage`, 16 connections: answers per second", ("sandbox", "usage_16", "per_second"), ">=", 60_000,
         ""),
    goal("sandbox: from the start to the first answer", ("sandbox", "first_answer_ms"), "<=", 10, "ms"),
    goal("sandbox, 100,000 visitors and sessions: start", ("sandbox", "many", "start_ms"), "<=", 500, "ms"),
    goal("sandbox, 100,000 visitors and sessions: memory", ("sandbox", "many", "memory_mb"), "<=", 250, "MB"),
    goal("sandbox, 100,000 visitors: a search for words", ("sandbox", "many", "words_ms"), "<=", 50, "ms"),
]


def measured(result, path):
    for key in path:
        if key not in result:
            return None
        result = result[key]
    return result


def evaluate(result):
    """The goals for which the result has a figure, each with its `value`, `quartiles` and whether it is `met`."""
    evaluated = []
    for one in GOALS:
        value, quartiles = measured(result, one["path"]), None
        if value is None:
            continue
        if isinstance(value, dict) and "median" in value:
            value, quartiles = value["median"], (value["q1"], value["q3"])
        elif isinstance(value, dict):
            # Counts by kind, such as those of system calls.
            value = round(sum(value.values()), 3)
        met = value <= one["limit"] if one["direction"] == "<=" else value >= one["limit"]
        evaluated.append({**one, "value": value, "quartiles": quartiles, "met": met})
    return evaluated
