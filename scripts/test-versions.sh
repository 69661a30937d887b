#!/bin/sh
# Runs the core's tests with the oldest and the newest version of ureq that Cargo.toml allows, because the part of ureq that
# the core uses is exempt from semantic versioning. Needs crates.io.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh

work=$absolute_target/test-versions
rm -rf "$work"
mkdir -p "$work"
crates="ureq"
cp -r Cargo.toml Cargo.lock build.rs crates tests examples include fuzz README.md "$work"

# locked CRATE: prints its version in the lock file of the copy.
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

# Runs all tests of the core, with a separate target directory because the lock file differs.
core() {
    for crate in $crates; do echo "    versions: $crate $(locked "$crate")"; done
    cd "$work"
    CARGO_TARGET_DIR=$absolute_target/versions cargo test -q -p upscope
}

run_test 'select the oldest' oldest
run_test 'oldest' core
run_test 'select the newest' newest
run_test 'newest' core
finish_tests versions
