#!/bin/sh
# The library as a C program meets it: header, exports, every function, and the demo.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh
. scripts/tally.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL

work=$target/test-c
mkdir -p "$work"

tally header sh tests/c/header.sh include "$work"
tally exports python3 tests/c/exports.py include/upscope.h "$shared_library"
for name in json_pick null_pointers bad_input peak_memory out_of_memory slow_dns; do
    compile "tests/c/$name.c" "$work/$name" -Itests/c
    tally "$name" bounded 120 "$work/$name"
done
for name in visitor_lifecycle statuses session_pages started_calls logger threads fork client_leaks erased_secrets; do
    compile "tests/c/$name.c" "$work/$name" -Itests/c
    tally "$name" scripts/with-sandbox --limit 60 "$work/$name"
done
for name in helpdesk quickstart; do
    compile "examples/$name.c" "$work/$name"
    tally "$name as C++" "${CXX:-c++}" -x c++ -std=c++98 -Wall -Wextra -Wpedantic -Werror -Iinclude \
        -c "examples/$name.c" -o "$work/$name.o"
done
tally with-sandbox bounded 60 python3 tests/c/with_sandbox.py
tally examples scripts/with-sandbox --limit 60 python3 tests/c/examples.py "$work"
tally_end c
