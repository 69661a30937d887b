#!/bin/sh
# docs/dependencies.md has a reason for every crate of others in the library, and for none that is not there.
# Where cargo-deny is installed it checks licences, duplicates and sources by deny.toml. Advisories need a database
# from outside: `cargo deny check advisories`, where there is a network.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh

work=${CARGO_TARGET_DIR:-target}/dependencies
mkdir -p "$work"
sed -n 's/^| `\([^`]*\)` | .* | .* | .* |$/\1/p' docs/dependencies.md | sort > "$work/listed"
# Of this system; what is used on others is looked for in the lock file alone.
cargo tree --locked --offline -p libupscope -e normal --prefix none --format '{p}' > "$work/tree"
# Our own have a path behind their version.
awk '!/ \(\// { print $1 }' "$work/tree" | sort -u > "$work/used"
sed -n 's/^name = "\(.*\)"$/\1/p' Cargo.lock | sort -u > "$work/locked"

listed_once() {
    [ -s "$work/listed" ]
    same=$(uniq -d "$work/listed")
    [ -z "$same" ] || { echo "twice in docs/dependencies.md: $same"; return 1; }
}

complete() {
    [ -s "$work/used" ]
    missing=$(comm -13 "$work/listed" "$work/used")
    [ -z "$missing" ] || { echo "docs/dependencies.md has no reason for: $missing"; return 1; }
}

current() {
    gone=$(comm -23 "$work/listed" "$work/locked")
    [ -z "$gone" ] || { echo "in docs/dependencies.md, but not used: $gone"; return 1; }
}

# The tables for Linux hold nothing that is not used there.
in_use() {
    sed -n '/^## In the library/,/^## On other/s/^| `\([^`]*\)` .*/\1/p' docs/dependencies.md | sort > "$work/linux"
    unused=$(comm -23 "$work/linux" "$work/used")
    [ -z "$unused" ] || { echo "not used on Linux, but listed so: $unused"; return 1; }
}

# features PACKAGE EDGES: each crate with the features that Cargo enables for it. `default` only stands for others.
features() {
    # shellcheck disable=SC2086
    cargo tree --locked --offline $1 -e "$2" --no-dedupe --prefix none --format '{p}|{f}' |
        sed -e 's/ (.*)|/|/' -e 's/|default$/|/' -e 's/|default,/|/' -e 's/,default$//' -e 's/,default,/,/' | sort -u
}

# Cargo enables a feature for every crate that is built along if one of them wants it. The library must not depend on
# what is built along: the sandbox and the tests may need nothing of the library's crates that the library lacks.
# Not windows-sys, whose features only declare more functions.
same_features() {
    features '-p libupscope' normal | grep -v '^windows-sys ' > "$work/features-alone"
    [ -s "$work/features-alone" ]
    for edges in normal normal,dev; do
        features --workspace "$edges" > "$work/features-workspace"
        # Crates are compared that the library has.
        awk -F'|' 'NR == FNR { library[$1]; next } $1 in library' "$work/features-alone" "$work/features-workspace" |
            diff "$work/features-alone" - || {
            echo "> other features with the workspace ($edges): name them in Cargo.toml, or build the others without them"
            return 1
        }
    done
}

run_test 'each crate once' listed_once
run_test 'a reason for each crate' complete
run_test 'a crate for each reason' current
run_test 'the same features alone and with the workspace' same_features
if [ "$(uname -s)" = Linux ]; then run_test 'nothing unused' in_use; fi
if cargo deny --version > /dev/null 2>&1; then
    run_test 'cargo deny' cargo deny --offline --log-level error check licenses bans sources
else
    skip 'licences, duplicates and sources of dependencies' cargo-deny
fi
echo "    dependencies: $(wc -l < "$work/used") crates of others in the library"
finish_tests dependencies
