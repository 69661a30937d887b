#!/bin/sh
# Compiles the C and C++ snippets of docs/started-calls.md whose libraries are installed. Checks that the C++ in
# README.md equals examples/cpp/quickstart.cpp.
# Usage: doc_snippets.sh WORK_FOLDER [INCLUDE_FOLDER]
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
. scripts/test-lib.sh
work=$1
include=${2:-include}
rm -rf "$work"
mkdir -p "$work"

extract_snippets docs/started-calls.md "$work"

# check SNIPPET COMPILER [FLAG...]: the snippet compiles, and does not compile with a wrong name.
check() {
    snippet=$1
    shift
    "$@" -Wall -Wextra -Wpedantic -Werror "-I$include" -fsyntax-only "$work/$snippet"
    sed 's/upscope_pending_free/upscope_pending_fre/; s/try_start/try_strt/' "$work/$snippet" > "$work/wrong_$snippet"
    if "$@" "-I$include" -fsyntax-only -Werror=implicit-function-declaration "$work/wrong_$snippet" 2> /dev/null; then
        echo "doc_snippets: $snippet with a wrong name compiles"
        return 1
    fi
    echo "    doc_snippets: $snippet compiled with $1"
}

awk '/^```cpp$/ { inside = 1; next } /^```/ { inside = 0 } inside' README.md > "$work/readme.cpp"
[ ! -s "$work/readme.cpp" ] || diff "$work/readme.cpp" examples/cpp/quickstart.cpp

for machine in x86_64 i686; do
    compiler=$machine-w64-mingw32-gcc
    if command -v "$compiler" > /dev/null; then
        check winapi.c "$compiler" -std=c99
    else
        skip "doc_snippets: winapi.c with $compiler" "gcc-mingw-w64"
    fi
done
if pkg-config --exists gtk+-3.0 2> /dev/null; then
    # As system headers, so that GTK's own warnings are ignored.
    flags=$(pkg-config --cflags gtk+-3.0 | sed 's/-I/-isystem /g')
    # shellcheck disable=SC2086
    check gtk.c "${CC:-cc}" -std=c99 $flags
else
    skip "doc_snippets: gtk.c" libgtk-3-dev
fi
found=
for qt in Qt6Widgets Qt5Widgets; do
    [ -z "$found" ] && pkg-config --exists "$qt" 2> /dev/null || continue
    found=$qt
    flags=$(pkg-config --cflags "$qt" | sed 's/-I/-isystem /g')
    # shellcheck disable=SC2086
    check qt.cpp "${CXX:-c++}" -std=c++17 -fPIC $flags
done
[ -n "$found" ] || skip "doc_snippets: qt.cpp" "qt6-base-dev or qtbase5-dev"
