#!/bin/sh
# Checks the format of the Rust sources and runs the Rust tests, which also check that generated files are current:
# test-rust.sh [--build]
# --build only builds the tests.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh

# Some tests link the shared library, which `cargo test` does not build.
cargo build --workspace
cargo test --workspace --no-run
[ "${1:-}" != --build ] || exit 0

if cargo fmt --version > /dev/null 2>&1; then
    cargo fmt --all --check
else
    skip "format of the sources" "rustfmt: rustup component add rustfmt"
fi
# Downloading packages may need a proxy, but the tests connect to this computer.
env -u http_proxy -u HTTP_PROXY -u https_proxy -u HTTPS_PROXY -u all_proxy -u ALL_PROXY \
    -u UPSCOPE_API_KEY -u UPSCOPE_BASE_URL cargo test --workspace
print_skipped rust
