#!/bin/sh
# The last words of a `make` of many suites, which have passed: what they skipped. skipped.sh NAME
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

if [ -n "$(cat "$absolute_target/skipped"/* 2> /dev/null)" ]; then
    echo "skipped, and what it would need:"
    sort -u "$absolute_target/skipped"/* | sed 's/^/    /'
fi
echo "$1: passed"
