#!/bin/sh
# The library as a C++ program meets it: upscope.hpp, its tests, the conformance vectors, and the C and C++ of
# docs/started-calls.md. With --examples instead what takes further Debian packages: the helpdesk example, and those
# documents again.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh
. scripts/tally.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL LIBDIR INCLUDEDIR

work=$target/test-cpp
mkdir -p "$work"
work=$(cd "$work" && pwd)
libraries=$(cd "$target/release" && pwd)

# include HEADER: whether the compiler finds it.
include() {
    printf '#include <%s>\n' "$1" | "${CXX:-c++}" -std=c++17 -E -x c++ - > /dev/null 2>&1
}

# program NAME [FLAG...]: of tests/cpp, with the C++ it has to do with.
program() {
    name=$1
    shift
    "${CXX:-c++}" -std=c++17 -g -O1 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Iinclude -Itests/c "$@" \
        -c "tests/cpp/$name.cpp" -o "$work/$name.o"
}
link() {
    name=$1
    shift
    "${CXX:-c++}" "$@" -o "$work/$name" "-L$libraries" -lupscope -pthread "-Wl,-rpath,$libraries"
}

# One program of two files: here with exceptions, there without.
two_files() {
    program second_file -DUPSCOPE_NO_NLOHMANN
    program calls
    link calls "$work/calls.o" "$work/second_file.o"
    scripts/with-sandbox --limit 120 "$work/calls"
    program without_exceptions -fno-exceptions -fno-rtti
    link without_exceptions "$work/without_exceptions.o" "$work/second_file.o"
    scripts/with-sandbox --limit 60 "$work/without_exceptions"
}

alone() {
    program "$1"
    link "$1" "$work/$1.o"
    bounded 120 "$work/$1"
}

beside_a_sandbox() {
    program "$1" -DUPSCOPE_NO_NLOHMANN
    link "$1" "$work/$1.o"
    scripts/with-sandbox --limit 120 "$work/$1"
}

# Every vector, and most of them through the typed requests.
vectors() {
    program conformance_executor
    link conformance_executor "$work/conformance_executor.o"
    UPSCOPE_EXECUTOR=$work/conformance_executor bounded 900 cargo test -q --test conformance_of -- --nocapture \
        > "$work/vectors.log" 2>&1 || { cut -c 1-2000 "$work/vectors.log"; return 1; }
    grep "vectors$" "$work/vectors.log"
    typed=$(sed -n 's/^C++: \([0-9]*\) typed requests.*/\1/p' "$work/vectors.log")
    echo "    vectors: $typed through typed requests"
    [ "$typed" -ge 90 ]
}

# As its users build it: against an installed library.
helpdesk() {
    prefix="$work/a prefix"
    rm -rf "$prefix" "$work/helpdesk"
    DESTDIR='' PREFIX=$prefix scripts/install.sh > "$work/install.log" 2>&1 || { cat "$work/install.log"; return 1; }
    {
        "$cmake" -S examples/cpp -B "$work/helpdesk" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Release \
            -DCMAKE_CXX_FLAGS="-Wall -Wextra -Wpedantic -Werror"
        "$cmake" --build "$work/helpdesk"
    } > "$work/helpdesk.log" 2>&1 || { cat "$work/helpdesk.log"; return 1; }
    LD_LIBRARY_PATH=$prefix/lib DYLD_LIBRARY_PATH=$prefix/lib scripts/with-sandbox --limit 120 \
        python3 tests/cpp/helpdesk.py "$work/helpdesk" "$work/desk"
}

case ${1:-} in
    --examples)
        include nlohmann/json.hpp || need nlohmann/json.hpp nlohmann-json3-dev
        include sqlite3.h || need sqlite3.h libsqlite3-dev
        python_tool cmake cmake
        tally helpdesk helpdesk
        tally documents sh tests/cpp/documents.sh "$work/documents"
        tally_end 'c++ examples'
        exit
        ;;
    '') ;;
    *) echo "usage: test-cpp.sh [--examples]" >&2; exit 2 ;;
esac

include nlohmann/json.hpp || {
    python_package nlohmann-json
    CPLUS_INCLUDE_PATH=$(echo "$tools"/lib/python*/site-packages/nlohmann_json/include)
    export CPLUS_INCLUDE_PATH
}
tally compile sh tests/cpp/compile.sh "$work/compile"
tally values alone values
tally operations alone operations
tally 'calls, and both kinds of files in one program' two_files
tally started beside_a_sandbox started
tally wiped beside_a_sandbox wiped
tally vectors vectors
tally documents sh tests/cpp/documents.sh "$work/documents"
skip helpdesk "SQLite and nlohmann-json of the system: make ci"
tally_end c++
