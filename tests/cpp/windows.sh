#!/bin/sh
# Runs the C++ tests and the conformance vectors as Windows programs under Wine. Usage: windows.sh i686|x86_64
# Needs the result of `make windows`, nlohmann/json.hpp and mingw.
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
# -static links gcc's own libraries.
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

# with_sandbox NAME [FLAG...]
with_sandbox() {
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
run_test calls with_sandbox calls
run_test without_exceptions with_sandbox without_exceptions -fno-exceptions -fno-rtti
run_test started_calls with_sandbox started_calls
run_test vectors vectors
finish_tests "c++ on Windows, $machine"
