#!/bin/sh
# Runs the conformance vectors in every language and on every platform, and prints the results as a table.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

work=$target/vectors
rm -rf "$work"
mkdir -p "$work"
UPSCOPE_VECTOR_TABLE=$(cd "$work" && pwd)/table
export UPSCOPE_VECTOR_TABLE

# run NAME COMMAND...
run() {
    name=$1
    shift
    echo "running the vectors: $name"
    "$@" > "$work/$name.log" 2>&1 || { tail -n 40 "$work/$name.log" >&2; echo "test-conformance.sh: $name failed" >&2; exit 1; }
}
run c cargo test -q --test conformance
run cpp scripts/test-cpp.sh
run python bindings/python/test.sh
run csharp bindings/csharp/test.sh --core --windows
run pascal bindings/pascal/test.sh --windows
run vb6 bindings/vb6/test.sh
for machine in i686 x86_64; do
    run "windows-$machine" scripts/test-windows.sh --vectors $machine
    run "cpp-$machine" sh tests/cpp/windows.sh $machine
done

total=$(python3 -c 'import json, pathlib; print(sum(len(json.loads(p.read_text())) for p in pathlib.Path("tests/vectors").glob("*.json")))')
python3 - "$UPSCOPE_VECTOR_TABLE" "$total" << 'END'
import sys

KINDS = [  # part of the executor's command line, language
    ("vb6_proof", "VB6 declarations, from Pascal"), ("ConformanceExecutor.exe", "C#"), ("python", "Python"),
    ("test-cpp", "C++"), ("pascal", "Pascal"), ("conformance_executor", "C"), ("core", "Rust"), ("c", "C"),
]

rows = {}
for line in open(sys.argv[1]):
    name, count = line.rstrip("\n").split("\t")
    language = next(language for part, language in KINDS if part in name)
    platform = "Windows, 32 bit" if "wine.sh i686" in name else "Windows, 64 bit" if "wine.sh x86_64" in name else "Linux"
    if language == "C#":
        platform += ", Mono" if "mono" in name else ", .NET Core"
    mode = "async" if "async" in name or "start" in name.rsplit("/", 1)[-1] else "blocking"
    rows[language, platform, mode] = int(count)
total = int(sys.argv[2])
print(f"\n{'language':<30} {'platform':<26} {'calls':<9} vectors")
for (language, platform, mode), count in sorted(rows.items()):
    print(f"{language:<30} {platform:<26} {mode:<9} {count} of {total}")
sys.exit(any(count != total for count in rows.values()))
END
