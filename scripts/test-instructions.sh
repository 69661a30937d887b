#!/bin/sh
# Instructions of each of the four calls through the C ABI on a warm connection, held against bench/instructions.json;
# fails when one grew by more than a tenth. --record writes that file anew, --spread shows how far counts differ from
# run to run.
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
