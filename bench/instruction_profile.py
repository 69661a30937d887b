"""Profiles the instructions of a call by crate: `instruction_profile.py PROGRAMS [--functions]`.

`scripts/bench.sh --profile` runs this. Prints a Markdown table. `repeat-profiled` is linked with a library with line
tables, from which callgrind knows the source file of each instruction, also of inlined code. Inlined code of the
standard library counts towards the function around it. Kernel code is not counted.
"""

from __future__ import annotations

import collections
import pathlib
import re
import subprocess
import sys
import tempfile

from run import CALLS, service

COUNT = 100

# A pattern in a file's path or a function's name, and the row of the table. The first match wins.
TRANSPORT = "libupscope: transport"
OTHER = "libupscope: request, retries, response checks, C ABI"
HTTP = "HTTP: ureq-proto, ureq, http, httparse, bytes"
PARTS = (
    (r"core/src/transport/|crates/http1/src|upscope(_core)?::transport::|upscope_http1::", TRANSPORT),
    (r"core/src/|crates/json/src|boundary/src|upscope(_core|_json)?::|^upscope_", OTHER),
    (r"serde_json|serde", "serde_json"),
    (r"ureq[-_]proto|/ureq-|ureq::|httparse|/http-\d|\bhttp::|/bytes-|\bbytes::", HTTP),
    (r"^_?_?(libc_)?(malloc|free|calloc|realloc|cfree|_int_malloc|_int_free|malloc_consolidate|unlink_chunk|sysmalloc|"
     r"_int_realloc|posix_memalign|memalign|_int_memalign|_mid_memalign|.*arena.*|tcache.*)", "malloc and free"),
    (r"from_utf8|run_utf8_validation", "UTF-8 validation"),
    (r"^_*(mem(cpy|move|set|cmp|chr)|bcmp|strlen)", "copying and comparing memory"),
)


def part_of(file, home, function):
    # The crate's own file comes first. Code of the standard library counts towards the function around it.
    for text in (file, home, function):
        if text is not function and ("/rustc/" in text or "/library/" in text):
            continue
        for pattern, part in PARTS:
            if re.search(pattern, text):
                return part
    return "the rest: standard library, C library, system call wrappers, small crates"


def costs(file):
    """{(part, function): instructions}, without those of callees."""
    names = {}
    found = collections.Counter()
    inclusive = False
    source = home = function = ""

    def named(kind, text):
        match = re.match(r"\((\d+)\)(?: (.*))?$", text)
        key = (kind, match[1])
        if match[2] is not None:
            names[key] = match[2]
        return names[key]

    for line in file.read_text().splitlines():
        if line.startswith(("fl=", "fi=", "fe=")):
            source = named("file", line[3:])
            if line.startswith("fl="):
                home = source
        elif line.startswith("fn="):
            function = named("function", line[3:])
            source = home
        elif line.startswith("cfn="):
            named("function", line[4:])
        elif line.startswith(("cfi=", "cfl=")):
            named("file", line[4:])
        elif line.startswith("ob="):
            named("object", line[3:])
        elif line.startswith("cob="):
            named("object", line[4:])
        elif line.startswith("calls="):
            # The next line has the cost of the callee.
            inclusive = True
        elif line[:1] in set("0123456789+-*"):
            if not inclusive:
                found[part_of(source, home, function), function] += int(line.split()[1])
            inclusive = False
    return found


def of_one_call(programs, port, call, folder):
    runs = []
    for count in (COUNT, 2 * COUNT):
        file = folder / f"callgrind-{count}"
        subprocess.run(["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={file}",
                        str(programs / "repeat-profiled"), port, call, str(count)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
        runs.append(costs(file))
    once, twice = runs
    return {key: (twice[key] - once[key]) / COUNT for key in once.keys() | twice.keys()}


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    with service(programs) as port, tempfile.TemporaryDirectory() as name:
        each = {call: of_one_call(programs, port, call, pathlib.Path(name)) for call in CALLS}
    parts = collections.defaultdict(collections.Counter)
    for call, found in each.items():
        for (part, _), count in found.items():
            parts[part][call] += count
    print("| instructions of one call | " + " | ".join(f"`{call}`" for call in CALLS) + " |")
    print("|" + "---|" * (len(CALLS) + 1))
    for part in sorted(parts, key=lambda part: -parts[part]["get_usage"]):
        print(f"| {part} | " + " | ".join(f"{parts[part][call]:,.0f}" for call in CALLS) + " |")
    print("| total | " + " | ".join(f"{sum(each[call].values()):,.0f}" for call in CALLS) + " |")
    if "--functions" in sys.argv:
        for call, found in each.items():
            print(f"\n{call}")
            for (part, function), count in sorted(found.items(), key=lambda item: -item[1])[:40]:
                print(f"{count:>10,.0f}  {function[:110]}   [{part}]")


if __name__ == "__main__":
    main()
