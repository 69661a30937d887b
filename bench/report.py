"""Tells docs/bench.json: `report.py` as text, `report.py --write` as plot and tables in the documents, and
`report.py --check` fails when those are not of that file.

In README.md and docs/performance.md what stands between `<!-- bench NAME -->` and `<!-- end -->` is written here.
"""

from __future__ import annotations

import json
import pathlib
import re
import sys

import plot

ROOT = pathlib.Path(__file__).resolve().parent.parent
MARKED = re.compile(r"(<!-- bench(?: ([a-z -]+))? -->)\n.*?(<!-- end -->)", re.S)
CALLS = ("get_usage", "get_visitor", "create_watch_url", "list_sessions")
CALL_TITLES = ("`get_usage`", "`get_visitor`", "`create_watch_url`", "`list_sessions`")

# As a reader knows them.
NAMES = {
    "c": {"raw": "raw socket", "upscope": "**libupscope**", "libcurl": "libcurl, no parsing",
          "libcurl+cJSON": "libcurl + cJSON"},
    "rust": {"raw": "raw socket", "upscope": "**libupscope**, JSON", "upscope_typed": "**libupscope**, typed",
             "hyper": "hyper, low level, no parsing", "ureq": "ureq, an agent, no parsing",
             "ureq_json": "ureq, an agent, `read_json`", "ureq_no_agent": "ureq, `ureq::get`, no parsing",
             "reqwest": "reqwest::blocking, no parsing", "reqwest_json": "reqwest::blocking, `json`"},
    "python": {"raw": "raw socket, no parsing", "raw+json": "raw socket + json", "upscope": "**libupscope**",
               "upscope_async": "**libupscope**, async", "pycurl+json": "pycurl + json",
               "pycurl+orjson": "pycurl + orjson", "urllib3": "urllib3", "aiohttp": "aiohttp", "httpx": "httpx",
               "requests": "requests"},
}

NAMES["asleep"] = NAMES["one-core"] = NAMES["c"]


def number(value):
    """Three digits that count."""
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def ratio_table(result, part, key="cpu_x_raw", spread=True):
    """A line for each client, a column for each call."""
    rows = []
    for client, title in NAMES[part].items():
        row = [title]
        for call in CALLS:
            figure = result[part][call][client].get(key)
            if figure is None:
                row.append("")
                continue
            cell = number(figure["median"])
            # Beside itself nothing varies.
            if spread and figure["q1"] != figure["q3"]:
                cell += f" ({number(figure['q1'])}–{number(figure['q3'])})"
            row.append(cell)
        rows.append(row)
    return rows


def time_table(result, part):
    rows = []
    for client, title in NAMES[part].items():
        row = [title]
        for call in CALLS:
            one = result[part][call][client]
            row.append(" / ".join(number(value) for value in (one["cpu_us"]["median"], one["system_us"],
                                                                one["wall_us"]["median"])))
        rows.append(row)
    return rows


def goal_rows(result):
    rows = []
    for goal in result["goals"]:
        unit = "" if goal["unit"] in ("", "x") else f" {goal['unit']}"
        spread = f"{number(goal['spread'][0])}–{number(goal['spread'][1])}" if goal["spread"] else ""
        value = f"{number(goal['value'])}{unit}"
        limit = re.sub(r"[\d.]+", lambda digits: number(float(digits[0])), goal["goal"])
        sign = limit.replace("<=", "≤").replace(">=", "≥")
        rows.append([goal["what"], value, spread, f"{sign}{unit}", "met" if goal["met"] else "**missed**"])
    return rows


def about(result):
    versions, machine = result["versions"], result["machine"]
    peers = ", ".join(f"{name} {version}" for name, version in versions.items() if name not in ("libupscope", "rustc"))
    load = f"load {machine['load_before']} before and {machine['load_after']} after"
    return (f"{result['date']}; {machine['processor']}, {machine['cores']} cores, {machine['system']}, "
            f"{machine['kernel']}, {load}; rustc {versions['rustc']}; {peers}.")


def blocks(result):
    """{name: text} of what the documents have from the result."""
    head = ["", *CALL_TITLES]
    first, large, walk = result["first"], result["large"]["clients"], result["walk"]
    memory = [
        [title, number(large[client]["cpu_ms"]["median"]), number(large[client]["wall_ms"]["median"]),
         number(large[client]["peak_memory_x_answer"]["median"])]
        for client, title in NAMES["c"].items()
    ]
    threads = [
        [count, *(number(found["calls_per_second"][client]["median"]) for client in ("raw", "upscope")),
         number(found["calls_x_raw"]["median"])]
        for count, found in ((count, result["threads"][count]) for count in ("8", "64"))
    ]
    threads.append(["64 ÷ 8", *(number(result["threads"][f"64_to_8_{client}"]["median"]) for client in ("raw", "upscope")),
                    ""])
    starts = [
        [title, number(first["cpu_ms"][client]["median"]), number(first["wall_ms"][client]["median"])]
        for client, title in (("upscope", "**libupscope**"), ("libcurl", "libcurl"))
    ]
    walks = [
        [title, *(number(walk["memory"][name][key] / 1024) for key in ("peak_kb_after_a_tenth", "peak_kb")),
         number(walk["memory"][name]["seconds"])]
        for name, title in (("plain", "a page when it is asked for"), ("ahead", "the next page ahead"))
    ]
    time = walk["time"]
    times = [[title, number(time[f"{name}_ms"]["median"])] for name, title in (
        ("fetching", "fetching alone"), ("working", "the caller's work alone"),
        ("plain", "both, a page when it is asked for"), ("ahead", "both, the next page ahead"))]
    calls = result["counts"]["system_calls"]
    counted = [[f"`{call}`", ", ".join(f"{name} {number(count)}" for name, count in calls[call].items()),
                number(sum(calls[call].values())), number(result["counts"]["allocations"][call])] for call in CALLS]
    imports = [[name, number(figure["cpu"]["median"]), number(figure["wall"]["median"])]
               for name, figure in result["python"]["import_ms"].items()]
    short = [
        [title, *(number(result[part][call][client]["cpu_x_raw"]["median"]) for call in CALLS)]
        for part, client, title in (
            ("c", "upscope", "**libupscope**, C"), ("c", "libcurl", "libcurl, no parsing"),
            ("c", "libcurl+cJSON", "libcurl + cJSON"), ("rust", "ureq", "ureq, no parsing"),
            ("rust", "reqwest", "reqwest::blocking, no parsing"), ("python", "upscope", "**libupscope**, Python"),
            ("python", "pycurl+json", "pycurl + json"), ("python", "requests", "requests"))
    ]
    return {
        "short": table(["CPU of a call, × raw socket", *CALL_TITLES], short),
        "about": about(result),
        "goals": table(["", "measured", "quartiles", "goal", ""], goal_rows(result)),
        **{f"{part} ratios": table(head, ratio_table(result, part)) for part in NAMES},
        **{f"{part} wall": table(head, ratio_table(result, part, "wall_x_raw", spread=False)) for part in NAMES},
        **{f"{part} times": table(head, time_table(result, part)) for part in NAMES},
        "counted": table(["", "system calls", "sum", "allocations"], counted),
        "threads": table(["threads", "calls per second, raw sockets", "libupscope", "ratio"], threads),
        "large": table(["", "CPU, ms", "wall, ms", "most memory, × the answer"], memory),
        "first": table(["", "CPU, ms", "wall, ms"], starts),
        "walk memory": table(["", "most memory after 100,000 sessions, MB", "after 1,000,000, MB", "seconds"], walks),
        "walk time": table([f"{time['pages']} pages, 5 ms each for the service and for the caller", "ms"], times),
        "imports": table(["", "CPU, ms", "wall, ms"], imports),
    }


def documents(result):
    """(file, what it should hold) of all that comes from the result."""
    yield ROOT / "docs" / "bench.svg", plot.drawn(result)
    texts = blocks(result)
    for file in (ROOT / "README.md", ROOT / "docs" / "performance.md"):
        yield file, MARKED.sub(lambda match: f"{match[1]}\n{texts[match[2] or 'short']}\n{match[3]}", file.read_text())


def write(result):
    for file, text in documents(result):
        if not file.exists() or file.read_text() != text:
            file.write_text(text)


def check(result):
    """The documents tell what was measured, and nothing else."""
    stale = [file.name for file, text in documents(result) if not file.exists() or file.read_text() != text]
    if stale:
        raise SystemExit(f"not of docs/bench.json: {', '.join(stale)}; `python3 bench/report.py --write` renews them")
    print("the documents tell docs/bench.json")


def printed(head, rows):
    rows = [[cell.replace("**", "").replace("`", "") for cell in row] for row in [head, *rows]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        print("  ".join(cells).rstrip())


def show(result):
    titles = (("c", "C"), ("asleep", "C, cores that sleep"), ("one-core", "C, on one core"), ("rust", "Rust"),
              ("python", "Python"))
    for part, title in titles:
        if part in result:
            print(f"\n{title}: CPU of a call against a raw socket (quartiles)")
            printed(["", *CALL_TITLES], ratio_table(result, part))
            print(f"\n{title}: microseconds of CPU / the system's part of it / wall time")
            printed(["", *CALL_TITLES], time_table(result, part))
    if "counts" in result:
        print("\nsystem calls of a call on a warm connection")
        for call, found in result["counts"]["system_calls"].items():
            print(f"{call:<18}" + ", ".join(f"{name} {number(count)}" for name, count in found.items()))
    print("\ngoals")
    printed(["", "measured", "quartiles", "goal", ""], goal_rows(result))


def main():
    result = json.loads((ROOT / "docs" / "bench.json").read_text())
    if "--write" in sys.argv:
        write(result)
    elif "--check" in sys.argv:
        check(result)
    else:
        show(result)


if __name__ == "__main__":
    main()
