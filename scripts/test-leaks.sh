#!/bin/sh
# Runs the demo and some of the C tests under valgrind: no leaks and no invalid memory accesses.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL
need valgrind valgrind

work=$target/test-leaks
mkdir -p "$work"
check="valgrind -q --leak-check=full --errors-for-leak-kinds=definite,possible --error-exitcode=9"

compile examples/helpdesk.c "$work/helpdesk"
run_test demo scripts/with-sandbox sh -c "$check $work/helpdesk --write > $work/demo.log || {
    cat $work/demo.log
    exit 9
}"
# When a program with asynchronous calls ends, threads of the library may still run. valgrind reports the memory of a
# running thread as possibly lost.
with_threads="valgrind -q --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite --error-exitcode=9"
for name in json_functions null_pointers bad_input webhook visitor_lifecycle session_pages started_calls client_close threads; do
    compile "tests/c/$name.c" "$work/$name" -Itests/c
    case $name in
        session_pages | started_calls | client_close) run_test "$name" scripts/with-sandbox $with_threads "$work/$name" ;;
        visitor_lifecycle | threads) run_test "$name" scripts/with-sandbox $check "$work/$name" ;;
        *) run_test "$name" with_timeout 120 $check "$work/$name" ;;
    esac
done
finish_tests leaks
