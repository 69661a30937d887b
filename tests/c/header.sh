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
# One C compiler makes eight, one C++ compiler four.
[ "$compiled" -ge 12 ] || { echo "header.sh: no compiler was found"; exit 1; }
echo "    header: compiled $compiled times"
