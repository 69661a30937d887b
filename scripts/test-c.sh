#!/bin/sh
# Tests the library from C: header, exports, every function, and the examples.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL

work=$target/test-c
mkdir -p "$work"

run_test header sh tests/c/header.sh include "$work"
run_test exports python3 tests/c/exports.py include/upscope.h "$shared_library"
for name in json_functions null_pointers bad_input webhook connection_info peak_memory out_of_memory slow_dns; do
    compile "tests/c/$name.c" "$work/$name" -Itests/c
    run_test "$name" with_timeout 120 "$work/$name"
done
# The program needs nothing from the library but upscope_version, so it runs with a library that has no other function.
check_version() {
    compile tests/c/check_version.c "$work/check_version" -Itests/c
    "$work/check_version" 1
    mkdir -p "$work/older"
    echo 'const char *upscope_version(void); const char *upscope_version(void) { return "0.1.0"; }' |
        "${CC:-cc}" -shared -fPIC -o "$work/older/$(basename "$shared_library")" -x c -
    LD_LIBRARY_PATH=$work/older DYLD_LIBRARY_PATH=$work/older LD_BIND_NOW=1 "$work/check_version" 0
}
run_test check_version check_version
for name in visitor_lifecycle statuses session_pages started_calls client_close logger threads fork client_leaks erased_secrets; do
    compile "tests/c/$name.c" "$work/$name" -Itests/c
    run_test "$name" scripts/with-sandbox --limit 60 "$work/$name"
done
if [ "$(uname -s)" = Linux ]; then
    compile tests/c/signals.c "$work/signals" -Itests/c
    run_test signals scripts/with-sandbox --limit 60 "$work/signals"
else
    skip signals Linux
fi
for name in helpdesk quickstart; do
    compile "examples/$name.c" "$work/$name"
    run_test "$name as C++" "${CXX:-c++}" -x c++ -std=c++98 -Wall -Wextra -Wpedantic -Werror -Iinclude \
        -c "examples/$name.c" -o "$work/$name.o"
done
run_test daemon_guide sh tests/c/daemon_guide.sh "$work/daemon_guide"
run_test with-sandbox with_timeout 60 python3 tests/c/with_sandbox.py
run_test examples scripts/with-sandbox --limit 60 python3 -B tests/c/examples.py "$work"
finish_tests c
