"""Instructions of a call, by callgrind: `instructions.py PROGRAMS [--record | --spread]`; scripts/test-instructions.sh
calls it.

What a call costs is the difference between two runs of one program, so that start and end cancel out. Counts do not
depend on how busy a machine is, but on the compiler: they are recorded for each minor version of rustc. Under one that
is not recorded the limit is wider, and the output says so; a change that doubles a call fails under any.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from run import CALLS, output, service

RECORD = pathlib.Path(__file__).resolve().parent / "instructions.json"
COUNT = {"get_usage": 300, "get_visitor": 300, "create_watch_url": 300, "list_sessions": 100}
GROWTH = 0.10
# Between two versions of rustc counts differ by a few hundredths.
GROWTH_ELSEWHERE = 0.25
# So much is worth a new record.
SHRINKING = 0.05


def toolchain():
    version = output(["rustc", "--version"]).split()[1]
    return f"rustc {'.'.join(version.split('.')[:2])} {platform.machine()}"


def total(programs, port, call, count, planted):
    """Of a whole process."""
    with tempfile.NamedTemporaryFile() as file:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={file.name}", str(programs / "repeat"), port,
                   call, str(count)]
        environment = dict(os.environ, BENCH_PLANTED_STEPS=str(planted))
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise SystemExit(f"test-instructions: {' '.join(command)} failed:\n{done.stderr}")
    return int(found[1])


def of_one_call(programs, port, call, planted=0):
    few = COUNT[call]
    return round((total(programs, port, call, 2 * few, planted) - total(programs, port, call, few, planted)) / few)


def measured(programs, port):
    # As many at once as there are cores: time does not count here.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(CALLS, pool.map(lambda call: of_one_call(programs, port, call), CALLS), strict=True))


def latest(recorded):
    """Of a toolchain that is not recorded, the newest one that is."""
    return max(recorded, key=lambda name: [int(part) for part in re.findall(r"\d+", name.split()[1])])


def problems(counts, recorded, growth):
    """A sentence for each call that grew too much."""
    return [
        f"{call} takes {count:,} instructions, {count / recorded[call] - 1:+.1%} over the recorded {recorded[call]:,}; "
        f"{growth:.0%} are allowed"
        for call, count in counts.items()
        if count > recorded[call] * (1 + growth)
    ]


def record(counts, here):
    known = json.loads(RECORD.read_text()) if RECORD.exists() else {"unit": "instructions of one call", "counts": {}}
    known["counts"][here] = counts
    known["counts"] = dict(sorted(known["counts"].items()))
    RECORD.write_text(json.dumps(known, indent=2) + "\n")
    print(f"recorded for {here}: " + ", ".join(f"{call} {count:,}" for call, count in counts.items()))


def spread(programs, port):
    runs = [measured(programs, port) for _ in range(3)]
    for call in CALLS:
        counts = [run[call] for run in runs]
        print(f"{call:<18}" + " ".join(f"{count:>10,}" for count in counts)
              + f"   spread {(max(counts) - min(counts)) / min(counts):.3%}")


def compare(programs, port, here):
    if not RECORD.exists():
        raise SystemExit("test-instructions: there is no bench/instructions.json; --record writes it")
    known = json.loads(RECORD.read_text())["counts"]
    there, growth = here, GROWTH
    if here not in known:
        there, growth = latest(known), GROWTH_ELSEWHERE
        print(f"test-instructions: {here} is not recorded; held against {there}, with {growth:.0%} allowed. "
              "`scripts/test-instructions.sh --record` on an unchanged checkout records it")
    recorded = known[there]
    counts = measured(programs, port)
    for call, count in counts.items():
        print(f"{call:<18}{count:>10,} instructions, {count / recorded[call] - 1:+.1%}")
    found = problems(counts, recorded, growth)
    # The same limit, over a call that was made slower on purpose: this has to be seen, or nothing would be.
    # A step is a few instructions.
    slower = {"get_usage": of_one_call(programs, port, "get_usage", planted=int(counts["get_usage"] * growth / 2))}
    if not problems(slower, {"get_usage": counts["get_usage"]}, growth):
        found.append(f"a planted slow path was not seen: {slower['get_usage']:,} beside {counts['get_usage']:,}")
    if found:
        for sentence in found:
            print(f"test-instructions: {sentence}")
        raise SystemExit("test-instructions: failed. If the cost is worth it, `scripts/test-instructions.sh --record` "
                         "writes the new counts, and the commit says why")
    for call, count in counts.items():
        if count < recorded[call] * (1 - SHRINKING):
            print(f"test-instructions: {call} got cheaper; `scripts/test-instructions.sh --record` keeps that")
    print("instructions: 4 calls within their limits, 1 planted slow path seen")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--spread", action="store_true")
    arguments = parser.parse_args()
    programs = arguments.programs.resolve()
    with service(programs) as port:
        if arguments.spread:
            spread(programs, port)
        elif arguments.record:
            record(measured(programs, port), toolchain())
        else:
            compare(programs, port, toolchain())


if __name__ == "__main__":
    sys.exit(main())
