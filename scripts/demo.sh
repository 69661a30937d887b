#!/bin/sh
# Compiles and runs the helpdesk example: with a sandbox, or with the real service if UPSCOPE_API_KEY is set.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

mkdir -p "$target/demo"
compile examples/helpdesk.c "$target/demo/helpdesk"
if [ -n "${UPSCOPE_API_KEY:-}" ]; then
    with_timeout 300 "$target/demo/helpdesk" "$@"
else
    exec scripts/with-sandbox "$target/demo/helpdesk" --write "$@"
fi
