#!/bin/sh
# Compiles upscope.hpp with every compiler that is installed, in every supported mode, without warnings. Checks that it
# leaves no macros defined. Usage: compile.sh WORK_FOLDER [INCLUDE_FOLDER]
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
. scripts/test-lib.sh
work=$1
include=${2:-include}
mkdir -p "$work/nlohmann"
compiled=0
all="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Werror"

# Cross compilers do not search the headers of this machine. This folder has only nlohmann's.
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

# all_modes COMPILER
all_modes() {
    standards="c++17 c++20"
    # Old compilers do not know C++23.
    if echo | "$1" -std=c++23 -fsyntax-only -x c++ - 2> /dev/null; then standards="$standards c++23"; fi
    for standard in $standards; do
        compile calls "$1" "-std=$standard" -DUPSCOPE_NO_NLOHMANN
        compile reading "$1" "-std=$standard"
        compile without_exceptions "$1" "-std=$standard" -fno-exceptions -fno-rtti -DUPSCOPE_NO_NLOHMANN
    done
    compile calls "$1" -std=c++17
    compile values "$1" -std=c++17 -fno-rtti -DUPSCOPE_NO_FUTURES
    compile reading "$1" -std=c++17 -fno-rtti -DUPSCOPE_NO_NLOHMANN
    compile designated_initializers "$1" -std=c++20
    compile without_exceptions "$1" -std=c++17 -fno-exceptions -fno-rtti
    # The macro, while exceptions are enabled.
    compile without_exceptions "$1" -std=c++17 -DUPSCOPE_NO_EXCEPTIONS -DUPSCOPE_NO_NLOHMANN
    compile started_calls "$1" -std=c++20 -DUPSCOPE_NO_NLOHMANN
    echo "    compile: $1 ($("$1" -dumpversion))"
}

# windows_modes COMPILER: the modes in which a compiler for Windows may differ from gcc on this machine.
windows_modes() {
    compile calls "$1" -std=c++17
    compile reading "$1" -std=c++17
    compile without_exceptions "$1" -std=c++20 -fno-exceptions -fno-rtti -DUPSCOPE_NO_NLOHMANN
    # With Windows threads, gcc has std::thread only since version 13.
    case $1 in
        *-win32) ;;
        *) compile started_calls "$1" -std=c++20 -DUPSCOPE_NO_NLOHMANN ;;
    esac
    echo "    compile: $1 ($("$1" -dumpversion))"
}

# Check that warnings are found.
echo 'int wrong(long x) { int y = x; return y; }' > "$work/wrong.cpp"
# shellcheck disable=SC2086
if "${CXX:-c++}" $all -fsyntax-only "$work/wrong.cpp" 2> /dev/null; then
    echo "compile: the compiler does not find a warning"
    exit 1
fi

native=0
for compiler in g++ clang++ c++; do
    command -v "$compiler" > /dev/null || continue
    # c++ is the same compiler as one of the others.
    [ "$compiler" != c++ ] || [ "$native" -eq 0 ] || continue
    all_modes "$compiler"
    native=$((native + 1))
done
for machine in i686 x86_64; do
    found=
    for threads in -posix -win32 ''; do
        compiler=$machine-w64-mingw32-g++$threads
        command -v "$compiler" > /dev/null || continue
        # Without a suffix, it is one of the two.
        [ -n "$threads" ] || [ -z "$found" ] || continue
        windows_modes "$compiler"
        found=yes
    done
    [ -n "$found" ] || skip "compile with $machine-w64-mingw32-g++" "g++-mingw-w64-$(echo "$machine" | tr _ -)"
done
command -v clang++ > /dev/null || skip "compile with clang++" clang

# With older standards, and in C, there is exactly one error, which says what to do.
for mode in 'c++ c++98' 'c++ c++11' 'c++ c++14' 'c c99'; do
    not "${CXX:-c++}" -x "${mode% *}" "-std=${mode#* }" -fsyntax-only "$include/upscope.hpp" 2> "$work/old.log"
    errors=$(grep 'error:' "$work/old.log")
    case $(($(echo "$errors" | wc -l))):$errors in
        1:*'upscope.hpp needs C++17 or later'*) ;;
        *) echo "compile: the errors with ${mode#* } are not the expected one: $errors"; exit 1 ;;
    esac
done

# The macros that the header adds must start with UPSCOPE_.
sed -n '/^#include </p' "$include/upscope.h" "$include/upscope.hpp" | grep -v nlohmann > "$work/standard.hpp"
echo '#include "upscope.hpp"' > "$work/ours.hpp"
for name in standard ours; do
    "${CXX:-c++}" -std=c++17 -DUPSCOPE_NO_NLOHMANN "-I$include" -dM -E -x c++ "$work/$name.hpp" |
        sed 's/^#define \([A-Za-z0-9_]*\).*/\1/' | sort > "$work/$name.macros"
done
added=$(comm -13 "$work/standard.macros" "$work/ours.macros")
left=$(echo "$added" | grep -v '^UPSCOPE_' || :)$(echo "$added" | grep '^UPSCOPE_HPP_' || :)
[ -z "$left" ] || { echo "compile: these macros remain defined: $left"; exit 1; }

[ "$native" -gt 0 ] || { echo "compile: no compiler was found"; exit 1; }
echo "    compile: compiled $compiled times"
