#!/bin/sh
# Compiles the helpdesk example and runs it: beside a sandbox, or, where UPSCOPE_API_KEY is set, with the real service.
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
