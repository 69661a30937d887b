#!/bin/sh
# Format, lints and tests of everything in Rust, the header's freshness among them.
set -eu
cd "$(dirname "$0")/.."

cargo fmt --all --check
cargo clippy --workspace --all-targets -- -D warnings
# Some of the tests link the shared library, which `cargo test` does not build by itself.
cargo build --workspace
# A proxy may be needed to fetch packages, but never on the way to this computer itself.
cargo test --workspace --no-run
exec env -u http_proxy -u HTTP_PROXY -u https_proxy -u HTTPS_PROXY -u all_proxy -u ALL_PROXY \
    -u UPSCOPE_API_KEY -u UPSCOPE_BASE_URL cargo test --workspace
