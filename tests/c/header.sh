#!/bin/sh
# Compiles each header alone and included twice, with every supported C and C++ standard, without warnings.
# Usage: header.sh INCLUDE_FOLDER WORK_FOLDER, from the root of the checkout
set -eu
. scripts/lib.sh
. scripts/test-lib.sh
include=$1
work=$2
compiled=0

# compile COMPILER LANGUAGE STANDARD HEADER
compile() {
    printf '#include "%s"\n#include "%s"\nint use(void);\nint use(void) { return (int)sizeof(UPSCOPE_VERSION); }\n' \
        "$4" "$4" > "$work/twice.$2"
    "$1" "-std=$3" -Wall -Wextra -Wpedantic -Werror -I"$include" -c "$work/twice.$2" -o "$work/twice.o"
    # Alone: the header itself, not included by another file.
    "$1" "-std=$3" -Wall -Wextra -Wpedantic -Werror -I"$include" -x "$5" -fsyntax-only - < "$include/$4"
    compiled=$((compiled + 2))
}

for compiler in gcc clang cc; do
    command -v "$compiler" > /dev/null || continue
    # C90 has no // comments; its compilers have stdint.h all the same.
    for standard in c90 c99 c11 c17; do compile "$compiler" c "$standard" upscope.h c; done
done
for compiler in g++ clang++ c++; do
    command -v "$compiler" > /dev/null || continue
    for standard in c++98 c++20; do compile "$compiler" cpp "$standard" upscope.h c++; done
done
if [ -f "$include/upscope.hpp" ]; then
    for standard in c++17 c++20; do compile c++ cpp "$standard" upscope.hpp c++; done
fi
command -v clang > /dev/null || skip "header with clang" clang

# warns COMPILER STATEMENT [FLAG...]: whether the compiler warns about a program that contains the statement.
warns() {
    statement=$2
    printf '#include "upscope.h"\nUPSCOPE_DEPRECATED("use other()") int old(void);\nvoid use(void);\nvoid use(void) { %s }\n' \
        "$statement" > "$work/warns.c"
    compiler=$1
    shift 2
    # gcc finds unused results only when it generates code.
    not "$compiler" -std=c99 -Werror "$@" -I"$include" -c "$work/warns.c" -o "$work/warns.o" 2> "$work/warns.log"
}
for compiler in gcc clang; do
    command -v "$compiler" > /dev/null || continue
    for call in 'upscope_client_new(0, 0, 0);' 'upscope_start(0, 0, 0, 0, 0, 0, 0);' 'upscope_sessions_open(0, 0, 0, 0);'; do
        warns "$compiler" "$call"
        grep -q 'unused-result' "$work/warns.log"
        not warns "$compiler" "$call" -DUPSCOPE_NO_WARN_UNUSED_RESULT
    done
    # Other functions may be called for their effect. NULL is allowed everywhere, so it causes no warning.
    not warns "$compiler" 'upscope_stop_session(0, 0, 0); upscope_sessions_next(0, 0); upscope_pending_wait(0, 0, 0);' -Wall
    warns "$compiler" 'old();'
    grep -q 'use other()' "$work/warns.log"
    not warns "$compiler" 'old();' -DUPSCOPE_NO_DEPRECATED
done

# As old compilers from Microsoft see it: without stdint.h, and without the attributes of other compilers.
mkdir -p "$work/visual-c"
echo 'typedef unsigned int size_t; int atoi(const char *text);' > "$work/visual-c/stdlib.h"
echo 'char *strchr(const char *text, int c);' > "$work/visual-c/string.h"
for version in 1200 1400 1500; do
    printf '#include "upscope.h"\nint use(void);\nint use(void) { return UPSCOPE_CHECK_VERSION() && UPSCOPE_OK == 0; }\n' \
        > "$work/visual-c.c"
    "${CC:-cc}" -std=c90 -Wall -Wextra -Wpedantic -Werror -nostdinc -isystem "$work/visual-c" -I"$include" \
        -U__GNUC__ -U__clang__ "-D_MSC_VER=$version" -fsyntax-only "$work/visual-c.c"
    "${CC:-cc}" -nostdinc -isystem "$work/visual-c" -I"$include" -U__GNUC__ -U__clang__ "-D_MSC_VER=$version" -E \
        "$work/visual-c.c" > "$work/visual-c.i"
    not grep -q '__attribute__' "$work/visual-c.i"
done
# New compilers from Microsoft have an attribute of C++17.
mkdir -p "$work/visual-c++"
cp "$work/visual-c/string.h" "$work/visual-c/stdlib.h" "$work/visual-c++"
printf 'typedef int int32_t;\ntypedef unsigned int uint32_t;\n' > "$work/visual-c++/stdint.h"
visual_cpp() {
    "${CXX:-c++}" -std=c++17 -nostdinc -isystem "$work/visual-c++" -I"$include" -U__GNUC__ -U__clang__ -D_MSC_VER=1920 \
        -D_MSVC_LANG=201703L "$@"
}
echo '#include "upscope.h"' > "$work/visual-c++.cpp"
echo 'void use() { upscope_client_new(0, 0, 0); }' >> "$work/visual-c++.cpp"
visual_cpp -fsyntax-only "$work/visual-c++.cpp" 2> "$work/visual-c++.log"
grep -q unused-result "$work/visual-c++.log"
visual_cpp -Werror -DUPSCOPE_NO_WARN_UNUSED_RESULT -fsyntax-only "$work/visual-c++.cpp"

# One C compiler makes eight, one C++ compiler four.
[ "$compiled" -ge 12 ] || { echo "header.sh: no compiler was found"; exit 1; }
echo "    header: compiled $compiled times"
