#!/bin/sh
# Clippy, without a warning. Not part of `make test`, which passes with every Rust from the oldest on: each one warns
# about something else.
set -eu
cd "$(dirname "$0")/.."
cargo clippy --workspace --all-targets -- -D warnings
