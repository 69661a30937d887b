"""Where the instructions of a call go: `instruction_profile.py PROGRAMS [--functions]`, by scripts/bench.sh --profile.

`repeat-profiled` is built against a library with line tables. Prints a table in Markdown, for docs/performance.md.

callgrind knows of each instruction which source file it is of, inlined or not. What the standard library does is
counted to the function that it was inlined into. The kernel's part is not seen.
"""

from __future__ import annotations

import collections
import pathlib
import re
import subprocess
import sys
import tempfile

from run import CALLS, service

FEW = 100

# What stands in a file's path or a function's name, and whose it is. The first that fits counts.
PARTS = (
    (r"core/src/wire/|crates/exchange/src|upscope(_core)?::wire::|upscope_exchange::",
     "our transport: deadlines, sockets, connections kept"),
    (r"crates/json/src|upscope_json::|core/src/(answer|json)\.rs|upscope(_core)?::(answer|json)::",
     "our checks of the answer"),
    (r"core/src/(call|request_json|url|parameter|operation)", "our reading and building of the request"),
    (r"upscope(_core)?::(call|request_json|url|parameter|operation)", "our reading and building of the request"),
    (r"boundary/src|^upscope_", "C ABI"),
    (r"core/src/|upscope(_core)?::", "our calls: attempts, retries, cancelling, log"),
    (r"serde_json|serde", "serde_json"),
    (r"memchr", "memchr"),
    (r"ureq[-_]proto", "ureq-proto: HTTP/1.1"),
    (r"/ureq-|ureq::", "ureq: transports' buffers"),
    (r"httparse", "httparse: head of the answer"),
    (r"/http-\d|\bhttp::", "http: header maps and URLs"),
    (r"percent", "percent-encoding"),
    (r"zeroize", "zeroize: wiping secrets"),
    (r"bytes", "bytes"),
    (r"^_?_?(libc_)?(malloc|free|calloc|realloc|cfree|_int_malloc|_int_free|malloc_consolidate|unlink_chunk|sysmalloc|"
     r"_int_realloc|posix_memalign|memalign|_int_memalign|_mid_memalign|.*arena.*|tcache.*)", "malloc and free"),
    (r"from_utf8|run_utf8_validation", "checking UTF-8"),
    (r"^_*(mem(cpy|move|set|cmp|chr)|bcmp|strlen)", "copying and comparing memory"),
    (r"clock_gettime|vdso", "reading the clock"),
)


def part_of(file, home, function):
    # The crate's own file first; what is inlined from the standard library goes to the function around it.
    for text in (file, home, function):
        if text is not function and ("/rustc/" in text or "/library/" in text):
            continue
        for pattern, part in PARTS:
            if re.search(pattern, text):
                return part
    return "the rest: standard library, C library, system call wrappers"


def costs(file):
    """{(part, function): instructions} of the process itself."""
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
            # The next line is what the callee cost.
            inclusive = True
        elif line[:1] in set("0123456789+-*"):
            if not inclusive:
                found[part_of(source, home, function), function] += int(line.split()[1])
            inclusive = False
    return found


def of_one_call(programs, port, call, folder):
    runs = []
    for count in (FEW, 2 * FEW):
        file = folder / f"callgrind-{count}"
        subprocess.run(["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={file}",
                        str(programs / "repeat-profiled"), port, call, str(count)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
        runs.append(costs(file))
    once, twice = runs
    return {key: (twice[key] - once[key]) / FEW for key in once.keys() | twice.keys()}


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
    print("| all | " + " | ".join(f"{sum(each[call].values()):,.0f}" for call in CALLS) + " |")
    if "--functions" in sys.argv:
        for call, found in each.items():
            print(f"\n{call}")
            for (part, function), count in sorted(found.items(), key=lambda item: -item[1])[:40]:
                print(f"{count:>10,.0f}  {function[:110]}   [{part}]")


if __name__ == "__main__":
    main()
