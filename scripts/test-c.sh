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
for name in visitor_lifecycle statuses session_pages started_calls client_close logger threads fork client_leaks erased_secrets; do
    compile "tests/c/$name.c" "$work/$name" -Itests/c
    run_test "$name" scripts/with-sandbox --limit 60 "$work/$name"
done
for name in helpdesk quickstart; do
    compile "examples/$name.c" "$work/$name"
    run_test "$name as C++" "${CXX:-c++}" -x c++ -std=c++98 -Wall -Wextra -Wpedantic -Werror -Iinclude \
        -c "examples/$name.c" -o "$work/$name.o"
done
run_test daemon_guide sh tests/c/daemon_guide.sh "$work/daemon_guide"
run_test with-sandbox with_timeout 60 python3 tests/c/with_sandbox.py
run_test examples scripts/with-sandbox --limit 60 python3 tests/c/examples.py "$work"
finish_tests c
