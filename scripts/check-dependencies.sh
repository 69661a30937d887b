#!/bin/sh
# Checks that docs/dependencies.md gives a reason for each third-party crate in the library, and lists no other crates;
# and that the workspace does not change the features of the library's crates. If cargo-deny is installed, it checks
# licences, duplicates and sources (deny.toml). `cargo deny check advisories` needs a network.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh

work=${CARGO_TARGET_DIR:-target}/dependencies
mkdir -p "$work"
sed -n 's/^| `\([^`]*\)` | .* | .* | .* |$/\1/p' docs/dependencies.md | sort > "$work/listed"
# For this system. Crates for other systems are only expected in the lock file.
cargo tree --locked --offline -p libupscope -e normal --prefix none --format '{p}' > "$work/tree"
# Crates of the workspace have a path after their version.
awk '!/ \(\// { print $1 }' "$work/tree" | sort -u > "$work/used"
sed -n 's/^name = "\(.*\)"$/\1/p' Cargo.lock | sort -u > "$work/locked"

listed_once() {
    [ -s "$work/listed" ]
    same=$(uniq -d "$work/listed")
    [ -z "$same" ] || { echo "listed twice in docs/dependencies.md: $same"; return 1; }
}

complete() {
    [ -s "$work/used" ]
    missing=$(comm -13 "$work/listed" "$work/used")
    [ -z "$missing" ] || { echo "docs/dependencies.md has no reason for: $missing"; return 1; }
}

current() {
    gone=$(comm -23 "$work/listed" "$work/locked")
    [ -z "$gone" ] || { echo "listed in docs/dependencies.md, but not used: $gone"; return 1; }
}

# The tables for Linux list only crates that are used on Linux.
in_use() {
    sed -n '/^## In the library/,/^## On other/s/^| `\([^`]*\)` .*/\1/p' docs/dependencies.md | sort > "$work/linux"
    unused=$(comm -23 "$work/linux" "$work/used")
    [ -z "$unused" ] || { echo "listed for Linux in docs/dependencies.md, but not used there: $unused"; return 1; }
}

# features PACKAGE EDGES: prints each crate with its enabled features, without `default`, which stands for others.
features() {
    # shellcheck disable=SC2086
    cargo tree --locked --offline $1 -e "$2" --no-dedupe --prefix none --format '{p}|{f}' |
        sed -e 's/ (.*)|/|/' -e 's/|default$/|/' -e 's/|default,/|/' -e 's/,default$//' -e 's/,default,/,/' | sort -u
}

# Cargo unifies features: a feature that the sandbox or a test enables for a shared crate is also enabled in the library
# if one command builds both. The library must be the same either way. windows-sys is exempt, because its features only
# declare functions.
same_features() {
    features '-p libupscope' normal | grep -v '^windows-sys ' > "$work/features-alone"
    [ -s "$work/features-alone" ]
    for edges in normal normal,dev; do
        features --workspace "$edges" > "$work/features-workspace"
        # Only the crates that the library contains.
        awk -F'|' 'NR == FNR { library[$1]; next } $1 in library' "$work/features-alone" "$work/features-workspace" |
            diff "$work/features-alone" - || {
            echo "> these features differ between the library alone and the workspace ($edges): enable them for the library in Cargo.toml, or disable them elsewhere"
            return 1
        }
    done
}

run_test 'no crate is listed twice' listed_once
run_test 'each crate has a reason' complete
run_test 'each listed crate is used' current
run_test 'same features alone and with the workspace' same_features
if [ "$(uname -s)" = Linux ]; then run_test 'each crate listed for Linux is used there' in_use; fi
if cargo deny --version > /dev/null 2>&1; then
    run_test 'cargo deny' cargo deny --offline --log-level error check licenses bans sources
else
    skip 'licences, duplicates and sources of dependencies' cargo-deny
fi
echo "    dependencies: $(wc -l < "$work/used") third-party crates in the library"
finish_tests dependencies
