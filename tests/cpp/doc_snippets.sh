#!/bin/sh
# Compiles the C and C++ of docs/started-calls.md, as far as this machine has what each needs; C++ in README.md is
# examples/cpp/quickstart.cpp.
# Usage: documents.sh WORK_FOLDER [INCLUDE_FOLDER]
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
. scripts/test-lib.sh
work=$1
include=${2:-include}
document=docs/started-calls.md
rm -rf "$work"
mkdir -p "$work"

# Each block behind a mark, into a file named after it; a block of C or C++ without one is a fault.
awk -v work="$work" '
    /^<!-- compiled: [a-z]+ -->$/ { mark = $3; next }
    /^```(c|cpp)$/ {
        if (mark == "") { print FILENAME ":" FNR ": a block that is not compiled"; exit 1 }
        file = work "/" mark (($0 == "```c") ? ".c" : ".cpp"); mark = ""; next
    }
    /^```/ { file = "" }
    file != "" { print > file }
' "$document"

# check SNIPPET COMPILER [FLAG...]: it compiles, and no longer does once a name in it is wrong.
check() {
    snippet=$1
    shift
    "$@" -Wall -Wextra -Wpedantic -Werror "-I$include" -fsyntax-only "$work/$snippet"
    sed 's/upscope_pending_free/upscope_pending_fre/; s/try_start/try_strt/' "$work/$snippet" > "$work/wrong_$snippet"
    if "$@" "-I$include" -fsyntax-only -Werror=implicit-function-declaration "$work/wrong_$snippet" 2> /dev/null; then
        echo "documents: $snippet with a wrong name compiles"
        return 1
    fi
    echo "    documents: $snippet compiled with $1"
}

awk '/^```cpp$/ { inside = 1; next } /^```/ { inside = 0 } inside' README.md > "$work/readme.cpp"
[ ! -s "$work/readme.cpp" ] || diff "$work/readme.cpp" examples/cpp/quickstart.cpp

for machine in x86_64 i686; do
    compiler=$machine-w64-mingw32-gcc
    if command -v "$compiler" > /dev/null; then
        check winapi.c "$compiler" -std=c99
    else
        skip "documents: winapi.c with $compiler" "gcc-mingw-w64"
    fi
done
if pkg-config --exists gtk+-3.0 2> /dev/null; then
    # What GTK's own headers do is not ours to judge.
    flags=$(pkg-config --cflags gtk+-3.0 | sed 's/-I/-isystem /g')
    # shellcheck disable=SC2086
    check gtk.c "${CC:-cc}" -std=c99 $flags
else
    skip "documents: gtk.c" libgtk-3-dev
fi
found=
for qt in Qt6Widgets Qt5Widgets; do
    [ -z "$found" ] && pkg-config --exists "$qt" 2> /dev/null || continue
    found=$qt
    flags=$(pkg-config --cflags "$qt" | sed 's/-I/-isystem /g')
    # shellcheck disable=SC2086
    check qt.cpp "${CXX:-c++}" -std=c++17 -fPIC $flags
done
[ -n "$found" ] || skip "documents: qt.cpp" "qt6-base-dev or qtbase5-dev"
