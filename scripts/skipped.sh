#!/bin/sh
# What the suites of one `make` have skipped: `skipped.sh begin` forgets what there is, `skipped.sh end COMMAND` prints
# it and says that COMMAND has passed.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh

list=$absolute_target/skipped
case ${1:-} in
    begin)
        rm -f "$list"
        ;;
    end)
        if [ -s "$list" ]; then
            echo "skipped, and what it would need:"
            sort -u "$list" | sed 's/^/    /'
        fi
        echo "$2: passed"
        ;;
    *) echo "usage: skipped.sh begin | end COMMAND" >&2; exit 2 ;;
esac
