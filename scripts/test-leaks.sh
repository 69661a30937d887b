#!/bin/sh
# No leak, and no memory touched that should not be, in the demo and in the C tests that hand over most.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh
. scripts/tally.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL
need valgrind valgrind

work=$target/test-leaks
mkdir -p "$work"
check="valgrind -q --leak-check=full --errors-for-leak-kinds=definite,possible --error-exitcode=9"

compile examples/helpdesk.c "$work/helpdesk"
# The story was told before; here its complaints alone are of interest.
tally demo scripts/with-sandbox sh -c "$check $work/helpdesk --write > $work/demo.log || {
    cat $work/demo.log
    exit 9
}"
# At the end of a program that has started calls, the library's threads may still be about to end: what the system keeps
# for a running thread counts as possibly lost.
started="valgrind -q --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite --error-exitcode=9"
for name in json_pick null_pointers bad_input visitor_lifecycle session_pages started_calls threads; do
    compile "tests/c/$name.c" "$work/$name" -Itests/c
    case $name in
        session_pages | started_calls) tally "$name" scripts/with-sandbox $started "$work/$name" ;;
        visitor_lifecycle | threads) tally "$name" scripts/with-sandbox $check "$work/$name" ;;
        *) tally "$name" bounded 120 $check "$work/$name" ;;
    esac
done
tally_end leaks
