#!/bin/sh
# The core's tests with the oldest and with the newest releases that Cargo.toml allows of ureq, which promises
# less than semver for what is used of it. Needs the registry of crates.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh

work=$absolute_target/test-versions
rm -rf "$work"
mkdir -p "$work"
crates="ureq"
cp -r Cargo.toml Cargo.lock build.rs crates tests examples include fuzz README.md "$work"

# locked CRATE: the version in the copy.
locked() {
    sed -n "/^name = \"$1\"\$/{n;s/^version = \"\(.*\)\"/\1/p;}" "$work/Cargo.lock"
}

oldest() {
    cd "$work"
    for crate in $crates; do
        lowest=$(sed -n "s/^$crate = { version = \"~\([0-9.]*\)\".*/\1/p" Cargo.toml)
        [ -n "$lowest" ]
        cargo update -q -p "$crate" --precise "$lowest"
        [ "$(locked "$crate")" = "$lowest" ]
    done
}

newest() {
    cd "$work"
    # shellcheck disable=SC2046
    cargo update -q $(printf -- '-p %s ' $crates)
}

# The whole of the core's tests, with a folder of their own, as they are built with another lock file.
core() {
    for crate in $crates; do echo "    versions: $crate $(locked "$crate")"; done
    cd "$work"
    CARGO_TARGET_DIR=$absolute_target/versions cargo test -q -p upscope
}

run_test 'oldest resolves' oldest
run_test 'oldest' core
run_test 'newest resolves' newest
run_test 'newest' core
finish_tests versions
