#!/bin/sh
# The tests in C++ as Windows programs under Wine, and the conformance vectors: windows.sh i686|x86_64
# Needs what `make windows` builds, and nlohmann/json.hpp. Says so loudly where a machine has no compiler.
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
. scripts/test-lib.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL

machine=$1
built=target/windows/$machine
[ -f "$built/upscope.dll" ] || { echo "windows.sh: there is no $built/upscope.dll: make windows" >&2; exit 1; }
[ -d /usr/include/nlohmann ] || need nlohmann/json.hpp nlohmann-json3-dev
need "$machine-w64-mingw32-g++-posix" "g++-mingw-w64-$(echo "$machine" | tr _ -)"
work=$target/test-cpp/$machine
rm -rf "$work"
mkdir -p "$work/nlohmann"
ln -s /usr/include/nlohmann "$work/nlohmann/nlohmann"
cp "$built/upscope.dll" "$work"

# program NAME [FLAG...]
program() {
    name=$1
    shift
    "$machine-w64-mingw32-g++-posix" -std=c++17 -O1 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Iinclude \
        -Itests/c -isystem "$work/nlohmann" "$@" -c "tests/cpp/$name.cpp" -o "$work/$name.o"
}
# Whatever gcc brings of its own is linked in.
link() {
    name=$1
    shift
    "$machine-w64-mingw32-g++-posix" -static "$@" -o "$work/$name.exe" "$built/libupscope.dll.a"
}

alone() {
    program "$1"
    link "$1" "$work/$1.o"
    with_timeout 300 scripts/wine.sh "$machine" "$work/$1.exe"
}

# beside_a_sandbox NAME [FLAG...]
beside_a_sandbox() {
    program second_translation_unit
    program "$@"
    link "$1" "$work/$1.o" "$work/second_translation_unit.o"
    scripts/with-sandbox --limit 300 scripts/wine.sh "$machine" "$work/$1.exe"
}

vectors() {
    program conformance_executor
    link conformance_executor "$work/conformance_executor.o"
    UPSCOPE_EXECUTOR="scripts/wine.sh $machine $work/conformance_executor.exe" with_timeout 900 \
        cargo test -q --test conformance_of -- --nocapture > "$work/vectors.log" 2>&1 ||
        { cut -c 1-2000 "$work/vectors.log"; return 1; }
    grep 'vectors$' "$work/vectors.log"
}

scripts/wine.sh "$machine" --setup
run_test values alone values
run_test operations alone operations
run_test calls beside_a_sandbox calls
run_test without_exceptions beside_a_sandbox without_exceptions -fno-exceptions -fno-rtti
run_test started_calls beside_a_sandbox started_calls
run_test vectors vectors
finish_tests "c++ on Windows, $machine"
