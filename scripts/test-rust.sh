#!/bin/sh
# Format and tests of everything in Rust, the freshness of what is made from it among them. Lints: scripts/lint.sh
# test-rust.sh [--build]: builds the tests and runs none.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh

# Some of the tests link the shared library, which `cargo test` does not build by itself.
cargo build --workspace
# A proxy may be needed to fetch packages, but never on the way to this computer itself.
cargo test --workspace --no-run
[ "${1:-}" != --build ] || exit 0

if cargo fmt --version > /dev/null 2>&1; then
    cargo fmt --all --check
else
    skip "format of the sources" "rustfmt: rustup component add rustfmt"
fi
env -u http_proxy -u HTTP_PROXY -u https_proxy -u HTTPS_PROXY -u all_proxy -u ALL_PROXY \
    -u UPSCOPE_API_KEY -u UPSCOPE_BASE_URL cargo test --workspace
print_skipped rust
