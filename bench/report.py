"""Prints and publishes a benchmark result:

    report.py FILE            prints the result
    report.py FILE --publish  writes its tables to docs/performance.md, then the README's table and docs/bench.svg
    report.py --check         fails if the published figures contradict each other

The tables in docs/performance.md are the record of the published figures: the README's table and docs/bench.svg are
derived from them. Text between `<!-- bench NAME -->` and `<!-- end -->` is generated.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import re

import goals
import plot

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECORD = ROOT / "docs" / "performance.md"
README = ROOT / "README.md"
PLOT = ROOT / "docs" / "bench.svg"
BLOCK = re.compile(r"(<!-- bench ([a-z -]+) -->\n)(.*?)(<!-- end -->)", re.S)
CALLS = ("get_usage", "get_visitor", "create_watch_url", "list_sessions")
CALL_TITLES = tuple(f"`{call}`" for call in CALLS)

# The name of each client in the tables.
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
NAMES["idle"] = NAMES["one-core"] = NAMES["c"]

# The rows of the README's table.
SUMMARY = (
    ("c", "upscope", "**libupscope**, C"), ("rust", "hyper", "hyper, low level, no parsing"),
    ("c", "libcurl", "libcurl, no parsing"), ("c", "libcurl+cJSON", "libcurl + cJSON"),
    ("rust", "ureq", "ureq, no parsing"), ("rust", "reqwest", "reqwest::blocking, no parsing"),
    ("python", "upscope", "**libupscope**, Python"), ("python", "pycurl+json", "pycurl + json"),
    ("python", "requests", "requests"),
)


def number(value):
    """Three significant digits."""
    if value == 0:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def rows_of(text):
    """The rows of a Markdown table, without its head."""
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.strip().splitlines()[2:]]


def client_rows(result, part, cell):
    """A row for each client, with a cell for each call."""
    return [[title, *(cell(result[part][call][client]) for call in CALLS)] for client, title in NAMES[part].items()]


def ratio_and_time(figures):
    return f"{number(figures['cpu_x_raw']['median'])} ({number(figures['cpu_us']['median'])} µs)"


def ratio_and_quartiles(figures):
    ratio = figures["cpu_x_raw"]
    if ratio["q1"] == ratio["q3"]:
        return number(ratio["median"])
    return f"{number(ratio['median'])} ({number(ratio['q1'])}–{number(ratio['q3'])})"


def times(figures):
    return " / ".join(number(value) for value in (figures["cpu_us"]["median"], figures["system_us"],
                                                  figures["wall_us"]["median"]))


def limit_text(goal):
    unit = "" if goal["unit"] in ("", "x") else f" {goal['unit']}"
    return f"{'≤' if goal['direction'] == '<=' else '≥'} {number(goal['limit'])}{unit}"


def goal_rows(result):
    rows = []
    for goal in goals.evaluate(result):
        unit = "" if goal["unit"] in ("", "x") else f" {goal['unit']}"
        quartiles = f"{number(goal['quartiles'][0])}–{number(goal['quartiles'][1])}" if goal["quartiles"] else ""
        rows.append([goal["what"], f"{number(goal['value'])}{unit}", quartiles, limit_text(goal),
                     "met" if goal["met"] else "**missed**"])
    return rows


def about(result):
    versions, machine = result["versions"], result["machine"]
    return (f"{result['date']}; {machine['processor']}, {machine['cores']} cores; {machine['system']}, "
            f"{machine['kernel']}; load average {machine['load_before']} before and {machine['load_after']} after; "
            + "; ".join(f"{name} {version}" for name, version in versions.items()) + ".")


def other_rows(result):
    """Threads, large responses, the first call and pages, by each client that was measured."""
    columns = ("upscope", "raw", "libcurl", "libcurl+cJSON")
    large, first, pages = result["large"]["clients"], result["first"], result["pages"]
    clients = [
        *[(f"{count} threads: calls per second", result["threads"][count]["calls_per_second"])
          for count in ("8", "64")],
        ("10 MB response: CPU, ms", {client: large[client]["cpu_ms"] for client in large}),
        ("10 MB response: wall time, ms", {client: large[client]["wall_ms"] for client in large}),
        ("10 MB response: peak memory ÷ response", {client: large[client]["peak_memory_x_response"] for client in large}),
        ("first call over TLS: CPU, ms", first["cpu_ms"]),
        ("first call over TLS: wall time, ms", first["wall_ms"]),
    ]
    rows = [[what, *(number(figures[client]["median"]) if client in figures else "" for client in columns)]
            for what, figures in clients]
    for name, mode in (("plain", "without prefetch"), ("ahead", "with prefetch")):
        memory, time = pages["memory"][name]["peak_kb"] / 1024, pages["time"][f"{name}_ms"]["median"]
        rows.append([f"1,000,000 sessions, {mode}: peak memory, MB", number(memory), "", "", ""])
        rows.append([f"{pages['time']['pages']} pages, {mode}: wall time, ms", number(time), "", "", ""])
    return rows


def blocks(result):
    """{name: text} for docs/performance.md."""
    head = ["", *CALL_TITLES]
    return {
        "about": about(result),
        "goals": table(["", "measured", "quartiles", "goal", ""], goal_rows(result)),
        **{part: table(head, client_rows(result, part, ratio_and_time)) for part in ("c", "rust", "python")},
    }


def published(record):
    """{name: text} of the blocks in docs/performance.md."""
    return {name: text for _, name, text, _ in BLOCK.findall(record)}


def published_ratios(texts):
    """{(part, client): the ratio of each call} in docs/performance.md."""
    ratios = {}
    for part in ("c", "rust", "python"):
        clients = {title: client for client, title in NAMES[part].items()}
        for title, *cells in rows_of(texts[part]):
            ratios[part, clients[title]] = [float(cell.split()[0]) for cell in cells]
    return ratios


def derived(record):
    """{file: text} of what follows from docs/performance.md."""
    texts = published(record)
    ratios = published_ratios(texts)
    rows = [[title, *map(number, ratios[part, client])] for part, client, title in SUMMARY]
    summary = table(["CPU of a call ÷ raw socket", *CALL_TITLES], rows)
    date, machine = texts["about"].split("; ")[:2]
    version = re.search(r"libupscope ([^;]*)", texts["about"])[1]
    return {
        README: BLOCK.sub(lambda match: f"{match[1]}{summary}\n{match[4]}", README.read_text()),
        PLOT: plot.render(ratios, f"{date} · {machine} · libupscope {version}"),
    }


def publish(result):
    texts = blocks(result)
    record = BLOCK.sub(lambda match: f"{match[1]}{texts[match[2]]}\n{match[4]}", RECORD.read_text())
    RECORD.write_text(record)
    for file, text in derived(record).items():
        file.write_text(text)


def contradictions(record):
    """A sentence for each published figure that does not agree with its source."""
    for file, text in derived(record).items():
        if not file.exists() or file.read_text() != text:
            yield f"{file.relative_to(ROOT)} does not agree with docs/performance.md"
    rows = {what: limit for what, _, _, limit, _ in rows_of(published(record)["goals"])}
    current = {goal["what"]: limit_text(goal) for goal in goals.GOALS}
    for what, limit in rows.items():
        if limit != current.get(what):
            yield f"docs/performance.md has the goal {what!r} as {limit}, bench/goals.py has {current.get(what)}"
    recorded = json.loads((ROOT / "bench" / "instructions.json").read_text())["counts"]
    for toolchain, counts in recorded.items():
        if set(counts) != set(CALLS):
            yield f"bench/instructions.json does not have exactly the four calls for {toolchain}"


def check():
    found = list(contradictions(RECORD.read_text()))
    if found:
        raise SystemExit("\n".join(f"bench: {sentence}" for sentence in found)
                         + "\nbench: `make bench` measures again and renews docs/performance.md, README.md and "
                           "docs/bench.svg")
    print("bench: the published figures agree with each other and with bench/goals.py")


def print_rows(head, rows):
    rows = [[cell.replace("**", "").replace("`", "") for cell in row] for row in [head, *rows]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        print("  ".join(cells).rstrip())


def show(result):
    titles = (("c", "C"), ("idle", "C, CPU idle states allowed"), ("one-core", "C, client and service on one core"),
              ("rust", "Rust"), ("python", "Python"))
    for part, title in titles:
        if part in result:
            print(f"\n{title}: CPU of a call ÷ raw socket (quartiles)")
            print_rows(["", *CALL_TITLES], client_rows(result, part, ratio_and_quartiles))
            print(f"\n{title}: microseconds of CPU / system CPU / wall time")
            print_rows(["", *CALL_TITLES], client_rows(result, part, times))
    if "counts" in result:
        print("\nsystem calls of one call on a warm connection")
        for call, counts in result["counts"]["system_calls"].items():
            print(f"{call:<18}" + ", ".join(f"{name} {number(count)}" for name, count in counts.items()))
    if result.keys() >= {"threads", "large", "first", "pages"}:
        print("\nthreads, large responses, first call, pages")
        print_rows(["", "libupscope", "raw socket", "libcurl, no parsing", "libcurl + cJSON"], other_rows(result))
    if "import_ms" in result.get("python", {}):
        print("\nimport of a package in Python, ms of CPU")
        for name, used in result["python"]["import_ms"].items():
            print(f"{name:<18}{number(used['cpu']['median'])}")
    if "sandbox" in result:
        print("\nsandbox")
        rows = [[name, *(number(figures[key]) for key in ("per_second", "p99_ms", "cpu_us"))]
                for name, figures in result["sandbox"].items() if isinstance(figures, dict) and "per_second" in figures]
        print_rows(["path and connections", "answers per second", "99 % within, ms", "CPU of an answer, µs"], rows)
        for name, value in result["sandbox"]["many"].items():
            print(f"100,000 visitors and sessions, {name:<14}{number(value)}")
    print("\ngoals")
    print_rows(["", "measured", "quartiles", "goal", ""], goal_rows(result))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=pathlib.Path, nargs="?", help="a result that run.py wrote")
    parser.add_argument("--publish", action="store_true")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    if arguments.check:
        check()
        return
    if arguments.file is None:
        parser.error("FILE or --check is required")
    result = json.loads(arguments.file.read_text())
    if arguments.publish:
        publish(result)
    else:
        show(result)


if __name__ == "__main__":
    main()
