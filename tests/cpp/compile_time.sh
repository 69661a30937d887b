#!/bin/sh
# Measures how much longer a file that includes upscope.hpp takes to compile than a file that includes <future> and
# <string>. Both are measured several times, one after the other; the shortest times count.
# Usage: compile_time.sh WORK_FOLDER [INCLUDE_FOLDER]
set -eu
cd "$(dirname "$0")/../.."
work=$1
include=${2:-include}
mkdir -p "$work"
python3 - "$work" "$include" "${CXX:-c++}" << 'END'
import os, pathlib, subprocess, sys

work, include, compiler = sys.argv[1:]
# 2.7 if functions that no program uses are compiled, and with <functional>, <iterator> and <variant>.
LIMIT = 2.4
sources = {"standard": "#include <future>\n#include <string>\n", "upscope": '#include "upscope.hpp"\n'}


def seconds(name):
    """The CPU time of the compiler, which depends less on other processes than the elapsed time."""
    path = pathlib.Path(work, name + ".cpp")
    path.write_text(sources[name] + "int main() {}\n")
    flags = ["-std=c++17", "-O0", "-DUPSCOPE_NO_NLOHMANN", "-I" + include]
    before = os.times()
    subprocess.run([compiler, *flags, "-c", str(path), "-o", os.devnull], check=True)
    after = os.times()
    return after.children_user - before.children_user + after.children_system - before.children_system


times = {name: [] for name in sources}
for attempt in range(15):
    for name in sources:
        times[name].append(seconds(name))
    ratio = min(times["upscope"]) / min(times["standard"])
    if attempt >= 4 and ratio <= LIMIT:
        break
print(f"    compile_time: {min(times['upscope']):.2f} s, {ratio:.2f} times as long as <future> and <string>")
sys.exit(ratio > LIMIT)
END
