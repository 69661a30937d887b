"""Counts the instructions of a call with callgrind: `instructions.py PROGRAMS [--record | --spread]`.

scripts/test-instructions.sh runs this. The cost of a call is the difference between two runs of one program, so startup
and shutdown cancel out. The counts do not depend on the load of the machine, but they do depend on the compiler:
bench/instructions.json has them for each minor version of rustc. A version that is not recorded gets a wider limit,
and the output says so. A change that doubles the cost of a call fails with every version.
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
# The counts differ by a few percent between versions of rustc.
GROWTH_ELSEWHERE = 0.25
# A larger decrease than this suggests a new record.
SHRINKING = 0.05


def toolchain():
    version = output(["rustc", "--version"]).split()[1]
    return f"rustc {'.'.join(version.split('.')[:2])} {platform.machine()}"


def of_process(programs, port, call, count, extra_steps):
    """The instructions of a whole process."""
    with tempfile.NamedTemporaryFile() as file:
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={file.name}", str(programs / "repeat"), port,
                   call, str(count)]
        environment = dict(os.environ, BENCH_EXTRA_STEPS=str(extra_steps))
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        raise SystemExit(f"test-instructions: {' '.join(command)} failed:\n{done.stderr}")
    return int(found[1])


def of_one_call(programs, port, call, extra_steps=0):
    count = COUNT[call]
    once, twice = (of_process(programs, port, call, times * count, extra_steps) for times in (1, 2))
    return round((twice - once) / count)


def count_all(programs, port):
    # One process per core at a time: instruction counts do not depend on the load.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(CALLS, pool.map(lambda call: of_one_call(programs, port, call), CALLS), strict=True))


def latest(recorded):
    """The newest recorded toolchain."""
    return max(recorded, key=lambda name: [int(part) for part in re.findall(r"\d+", name.split()[1])])


def problems(counts, recorded, growth):
    """A sentence for each call that exceeds its limit."""
    return [
        f"{call} takes {count:,} instructions, {count / recorded[call] - 1:+.1%} against the recorded "
        f"{recorded[call]:,}; the limit is {growth:+.0%}"
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
    runs = [count_all(programs, port) for _ in range(3)]
    for call in CALLS:
        counts = [run[call] for run in runs]
        print(f"{call:<18}" + " ".join(f"{count:>10,}" for count in counts)
              + f"   spread {(max(counts) - min(counts)) / min(counts):.3%}")


def compare(programs, port, here):
    if not RECORD.exists():
        raise SystemExit("test-instructions: bench/instructions.json does not exist; --record creates it")
    known = json.loads(RECORD.read_text())["counts"]
    there, growth = here, GROWTH
    if here not in known:
        there, growth = latest(known), GROWTH_ELSEWHERE
        print(f"test-instructions: {here} is not recorded; comparing with {there}, limit {growth:+.0%}. Run "
              "`scripts/test-instructions.sh --record` on an unchanged checkout to record it")
    recorded = known[there]
    counts = count_all(programs, port)
    for call, count in counts.items():
        print(f"{call:<18}{count:>10,} instructions, {count / recorded[call] - 1:+.1%}")
    found = problems(counts, recorded, growth)
    # Self-test: a call that is slower on purpose must exceed the limit. One extra step is a few instructions.
    slower = {"get_usage": of_one_call(programs, port, "get_usage", int(counts["get_usage"] * growth / 2))}
    if not problems(slower, {"get_usage": counts["get_usage"]}, growth):
        found.append(f"the self-test failed: a slower call was not detected, {slower['get_usage']:,} instructions "
                     f"instead of {counts['get_usage']:,}")
    if found:
        for sentence in found:
            print(f"test-instructions: {sentence}")
        raise SystemExit("test-instructions: failed. If the change is worth the cost, run "
                         "`scripts/test-instructions.sh --record` and give the reason in the commit")
    for call, count in counts.items():
        if count < recorded[call] * (1 - SHRINKING):
            print(f"test-instructions: {call} became cheaper; `scripts/test-instructions.sh --record` records that")
    print("test-instructions: 4 calls within their limits; self-test passed")


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
            record(count_all(programs, port), toolchain())
        else:
            compare(programs, port, toolchain())


if __name__ == "__main__":
    sys.exit(main())
