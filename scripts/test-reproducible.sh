#!/bin/sh
# Two builds of the shared library, in two folders, with cargo's own folder under two names, give the same bytes.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh
. scripts/tally.sh

work=$(mkdir -p "$target" && cd "$target" && pwd)/reproducible
home=${CARGO_HOME:-$HOME/.cargo}
rm -rf "$work"

# Sources as they are now, committed or not.
copy() {
    if git rev-parse --is-inside-work-tree > /dev/null 2>&1; then
        git ls-files -z --cached --others --exclude-standard
    else
        find . \( -name target -o -name .git \) -prune -o -type f -print0
    fi | tar -c --null --ignore-failed-read -T - | tar -x -C "$1"
}

# build FOLDER TARGET
build() {
    mkdir -p "$work/$1/source"
    ln -s "$home" "$work/$1/home"
    copy "$work/$1/source"
    (
        CARGO_HOME=$work/$1/home
        export CARGO_HOME
        cd "$work/$1/source"
        . scripts/reproducible.sh
        cargo build --quiet --locked --release -p libupscope --target-dir "$work/$1/$2"
    )
    cp "$work/$1/$2/release/$(basename "$shared_library")" "$work/$1.library"
}

same() {
    cmp "$work/here.library" "$work/elsewhere.library"
}

# Nor does the library tell where it was built.
silent() {
    not grep -aqF "$work" "$work/here.library"
    not grep -aqF "$home" "$work/here.library"
}

tally 'first build' build here target
tally 'second build' build elsewhere output
tally 'same bytes' same
tally 'no path of the builder' silent
tally_end reproducible
