#!/bin/sh
# Compiles the programs in docs/daemons.md and runs them beside a sandbox. Usage: daemon_guide.sh WORK_FOLDER
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
. scripts/test-lib.sh
work=$1
rm -rf "$work"
mkdir -p "$work"
extract_snippets docs/daemons.md "$work"

programs=$work/threads
compile "$work/threads.c" "$work/threads"
if [ "$(uname -s)" = Linux ]; then
    compile "$work/epoll.c" "$work/epoll"
    programs="$programs $work/epoll"
else
    skip "daemon_guide: epoll.c" Linux
fi
if echo '#include <uv.h>' | "${CC:-cc}" -E -x c - > /dev/null 2>&1; then
    compile "$work/libuv.c" "$work/libuv" -luv
    programs="$programs $work/libuv"
else
    skip "daemon_guide: libuv.c" libuv1-dev
fi
# shellcheck disable=SC2086
scripts/with-sandbox --limit 60 python3 -B tests/c/daemon_guide.py $programs
