#!/bin/sh
# Compares the C ABI of this checkout with the recorded one, tests/abi/libupscope.abi: test-abi.sh [--record]
#
# New functions and constants are compatible. A function that was removed, a type that changed and a constant with another
# value are not. --record adds what is new to the record, unless the ABI is not compatible. If it must not be compatible, the
# soname changes (docs/abi.md): delete the record, then write a new one.
#
# abidw reads types from debug information. The shipped library has none, and that of Rust describes Rust's types. So
# abidw reads a library compiled from C, which defines the functions exactly as the header declares them. The header is
# generated from the functions that the shipped library exports, and its exports are compared with the header and the
# record here and in tests/c/exports.py. abidw does not see macros, so the constants are an enumeration of that library.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh

record=tests/abi/libupscope.abi
work=$absolute_target/test-abi
version=$(version)
rm -rf "$work"
mkdir -p "$work"

if [ "$(uname -s)" != Linux ] || [ "$(getconf LONG_BIT)" != 64 ]; then
    skip abi "Linux on a 64-bit processor"
    print_skipped abi
    exit 0
fi
need abidw abigail-tools
need abidiff abigail-tools

# surface HEADER NAME: compiles $work/NAME.so from the header.
surface() {
    python3 tests/abi/surface.py "$1" > "$work/$2.c"
    # Without optimization, and as C99, so that the description of the types does not depend on the compiler's defaults.
    "${CC:-cc}" -std=c99 -g -O0 -fPIC -shared -Wall -Wextra -Wno-unused-parameter -Werror -I. \
        "-ffile-prefix-map=$work=." -Wl,-soname,"libupscope.so.${version%%.*}" -o "$work/$2.so" "$work/$2.c"
}

# compatible NAME: whether programs that use the recorded ABI can use $work/NAME.so. New functions and enumerators do not
# count. The sizes of types are those of all 64-bit processors.
compatible() {
    abidiff --no-architecture --no-added-syms "$record" "$work/$1.so" > "$work/$1.report"
}

current() {
    surface include/upscope.h current
    compatible current || { cat "$work/current.report"; return 1; }
}

# The library that is shipped exports every recorded function.
exported() {
    sed -n "s/.*<elf-symbol name='\(upscope_[a-z0-9_]*\)'.*type='func-type'.*/\1/p" "$record" | LC_ALL=C sort > "$work/recorded"
    [ "$(wc -l < "$work/recorded")" -ge 26 ]
    nm -D --defined-only "$shared_library" | sed 's/.* //' | LC_ALL=C sort > "$work/exported"
    [ -z "$(LC_ALL=C comm -23 "$work/recorded" "$work/exported" | tee /dev/stderr)" ]
}

# planted NAME EXPRESSION: whether a change of the header, made with sed, is compatible.
planted() {
    sed "$2" include/upscope.h > "$work/$1.h"
    not cmp -s include/upscope.h "$work/$1.h"
    surface "$work/$1.h" "$1"
    compatible "$1"
}

# Each incompatible change is found, and each compatible one is accepted.
selftest() {
    planted added 's/^void upscope_client_free(/void upscope_added(int32_t value);\n&/'
    planted new_constant 's/^#define UPSCOPE_DONE 100$/#define UPSCOPE_NEW 102\n&/'
    not planted removed '/^void upscope_client_free(/d'
    grep -q 'upscope_client_free' "$work/removed.report"
    not planted renamed 's/^void upscope_client_free(/void upscope_client_delete(/'
    not planted parameter 's/^void upscope_client_free(upscope_client \*client)/void upscope_client_free(upscope_client *client, int32_t how)/'
    not planted narrower 's/^const char \*upscope_status_name(upscope_status status)/const char *upscope_status_name(int8_t status)/'
    not planted result 's/^void upscope_client_free(/int32_t upscope_client_free(/'
    not planted status_type 's/^typedef int32_t upscope_status;/typedef int64_t upscope_status;/'
    not planted callback 's/upscope_log_fn)(void \*user_data, int32_t level,/upscope_log_fn)(void *user_data, int64_t level,/'
    not planted renumbered 's/^#define UPSCOPE_DONE 100$/#define UPSCOPE_DONE 102/'
    not planted lost_constant '/^#define UPSCOPE_DONE 100$/d'
}

case ${1:-} in
    --record)
        surface include/upscope.h current
        if [ -f "$record" ] && ! compatible current; then
            cat "$work/current.report"
            echo "test-abi.sh: the ABI is not compatible with the recorded one" >&2
            exit 1
        fi
        abidw --no-corpus-path --no-comp-dir-path --no-show-locs --out-file "$work/record" "$work/current.so"
        mv "$work/record" "$record"
        echo "recorded the ABI of libupscope $version in $record"
        exit
        ;;
    '') ;;
    *) echo "usage: test-abi.sh [--record]" >&2; exit 2 ;;
esac

run_test 'recorded ABI' current
run_test 'exports of the library' exported
run_test selftest selftest
surface include/upscope.h all
abidiff --no-architecture "$record" "$work/all.so" | sed -n 's/^ *\[A\] /    not recorded yet: /p'
finish_tests abi
