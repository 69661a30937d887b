#!/bin/sh
# Counts the instructions of each of four calls through the C ABI on an open connection. Fails if one takes over 10 % more
# than bench/instructions.json records. --record renews that file; --spread shows how much the counts vary between runs.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL
need valgrind valgrind

[ -f "$shared_library" ] || cargo build --release --locked
mkdir -p "$target/bench"
work=$(cd "$target/bench" && pwd)
"${CC:-cc}" -O2 -std=c99 -Wall -Wextra -Wpedantic -Werror -D_POSIX_C_SOURCE=200809L -pthread bench/c/server.c \
    -o "$work/server"
compile bench/c/repeat.c "$work/repeat" -O2
exec python3 -B bench/instructions.py "$work" "$@"
