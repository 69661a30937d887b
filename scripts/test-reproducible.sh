#!/bin/sh
# Tests that two builds in two directories, with two paths of Cargo's home directory, give the same bytes: the libraries
# that Cargo builds, those that are installed, and with --windows those for Windows.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh

work=$(mkdir -p "$target" && cd "$target" && pwd)/reproducible
home=${CARGO_HOME:-$HOME/.cargo}
rm -rf "$work"

# copy FOLDER: copies the sources, with uncommitted changes.
copy() {
    if git rev-parse --is-inside-work-tree > /dev/null 2>&1; then
        git ls-files -z --cached --others --exclude-standard
    else
        find . \( -name target -o -name .git \) -prune -o -type f -print0
    fi | tar -c --null --ignore-failed-read -T - | tar -x -C "$1"
}

# in_copy FOLDER COMMAND...: runs the command in a copy of the sources in that directory.
in_copy() {
    folder=$1
    shift
    if [ ! -d "$work/$folder" ]; then
        mkdir -p "$work/$folder/source"
        ln -s "$home" "$work/$folder/home"
        copy "$work/$folder/source"
    fi
    CARGO_HOME=$work/$folder/home
    export CARGO_HOME
    cd "$work/$folder/source"
    "$@"
}

# build TARGET_FOLDER: run this in a copy of the sources.
build() {
    out=$(pwd)/../results
    mkdir -p "$out"
    omit_build_paths
    cargo build --quiet --locked --release -p libupscope --target-dir "../$1"
    cp "../$1/release/$(basename "$shared_library")" "$out/cargo-$(basename "$shared_library")"
    [ "$(uname -s)" = Darwin ] || scripts/package-libraries.sh "../$1/release/libupscope.a" "$out" libupscope.so.0
}

windows() {
    unset CARGO_TARGET_DIR
    scripts/build-windows.sh i686 > /dev/null
    cp -r target/windows/. ../results
}

same() {
    diff -r "$work/here/results" "$work/elsewhere/results"
    [ "$(find "$work/here/results" -type f | wc -l)" -ge "$1" ]
}

# The libraries do not contain the paths of the build.
no_paths() {
    not grep -raqF "$work" "$work/here/results"
    not grep -raqF "$home" "$work/here/results"
}

run_test 'first build' in_copy here build target
run_test 'second build' in_copy elsewhere build output
run_test 'same bytes' same 3
case ${1:-} in
    --windows)
        # More than a second apart, so that a timestamp would make a difference.
        run_test 'first build for Windows' in_copy here windows
        run_test 'second build for Windows' in_copy elsewhere windows
        run_test 'same bytes for Windows' same 8
        ;;
    *) skip 'reproducible: Windows' 'test-reproducible.sh --windows' ;;
esac
run_test 'no paths of the build' no_paths
finish_tests reproducible
