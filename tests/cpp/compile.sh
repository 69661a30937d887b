#!/bin/sh
# Compiles upscope.hpp with every compiler that is here, in every way it is meant to be used, without a warning; and
# looks for macros that it leaves behind. Usage: compile.sh WORK_FOLDER [INCLUDE_FOLDER]
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
. scripts/test-lib.sh
work=$1
include=${2:-include}
mkdir -p "$work/nlohmann"
compiled=0
all="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Werror"

# Compilers for Windows do not look where this machine's headers are: nlohmann's alone is shown to them.
for place in /usr/include /usr/local/include /opt/homebrew/include; do
    [ ! -d "$place/nlohmann" ] || ln -sfn "$place/nlohmann" "$work/nlohmann/nlohmann"
done

# compile SOURCE COMPILER FLAG...
compile() {
    source=$1
    shift
    # shellcheck disable=SC2086
    "$@" $all "-I$include" -Itests/c -isystem "$work/nlohmann" -fsyntax-only "tests/cpp/$source.cpp"
    compiled=$((compiled + 1))
}

# with COMPILER: all ways.
with() {
    for standard in c++17 c++20; do
        compile calls "$1" "-std=$standard" -DUPSCOPE_NO_NLOHMANN
        compile without_exceptions "$1" "-std=$standard" -fno-exceptions -fno-rtti -DUPSCOPE_NO_NLOHMANN
    done
    compile calls "$1" -std=c++17
    compile values "$1" -std=c++17 -fno-rtti
    compile designated_initializers "$1" -std=c++20
    compile without_exceptions "$1" -std=c++17 -fno-exceptions -fno-rtti
    # By choice, where exceptions are on.
    compile without_exceptions "$1" -std=c++17 -DUPSCOPE_NO_EXCEPTIONS -DUPSCOPE_NO_NLOHMANN
    compile started_calls "$1" -std=c++20 -DUPSCOPE_NO_NLOHMANN
    echo "    compile: $1 ($("$1" -dumpversion))"
}

# briefly COMPILER: what a compiler for Windows may see otherwise, for the rest is gcc's own.
briefly() {
    compile calls "$1" -std=c++17
    compile without_exceptions "$1" -std=c++20 -fno-exceptions -fno-rtti -DUPSCOPE_NO_NLOHMANN
    # With Windows' own threads there is no std::thread before gcc 13.
    case $1 in
        *-win32) ;;
        *) compile started_calls "$1" -std=c++20 -DUPSCOPE_NO_NLOHMANN ;;
    esac
    echo "    compile: $1 ($("$1" -dumpversion))"
}

# A check that cannot fail is none.
echo 'int wrong(long x) { int y = x; return y; }' > "$work/wrong.cpp"
# shellcheck disable=SC2086
if "${CXX:-c++}" $all -fsyntax-only "$work/wrong.cpp" 2> /dev/null; then
    echo "compile: a warning is not found"
    exit 1
fi

native=0
for compiler in g++ clang++ c++; do
    command -v "$compiler" > /dev/null || continue
    # Under its own name it was there already.
    [ "$compiler" != c++ ] || [ "$native" -eq 0 ] || continue
    with "$compiler"
    native=$((native + 1))
done
for machine in i686 x86_64; do
    found=
    for threads in -posix -win32 ''; do
        compiler=$machine-w64-mingw32-g++$threads
        command -v "$compiler" > /dev/null || continue
        # Without an ending it is one of the two.
        [ -n "$threads" ] || [ -z "$found" ] || continue
        briefly "$compiler"
        found=yes
    done
    [ -n "$found" ] || skip "compile with $machine-w64-mingw32-g++" "g++-mingw-w64-$(echo "$machine" | tr _ -)"
done
command -v clang++ > /dev/null || skip "compile with clang++" clang

# Macros: what the header adds to those of the standard headers begins with our name.
sed -n '/^#include </p' "$include/upscope.hpp" | grep -v nlohmann > "$work/standard.hpp"
echo '#include "upscope.hpp"' > "$work/ours.hpp"
for name in standard ours; do
    "${CXX:-c++}" -std=c++17 -DUPSCOPE_NO_NLOHMANN "-I$include" -dM -E -x c++ "$work/$name.hpp" |
        sed 's/^#define \([A-Za-z0-9_]*\).*/\1/' | sort > "$work/$name.macros"
done
added=$(comm -13 "$work/standard.macros" "$work/ours.macros")
left=$(echo "$added" | grep -v '^UPSCOPE_' || :)$(echo "$added" | grep '^UPSCOPE_HPP_' || :)
[ -z "$left" ] || { echo "compile: macros are left behind: $left"; exit 1; }

[ "$native" -gt 0 ] || { echo "compile: no compiler was found"; exit 1; }
echo "    compile: compiled $compiled times"
