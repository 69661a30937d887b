#!/bin/sh
# Checks that this machine has the tools for a build, and names the first that is missing:
# check-tools.sh rust [c] [c++] [python]
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "libupscope needs $1" >&2
    exit 1
}

# older VERSION WANTED: whether VERSION (MAJOR.MINOR) is older.
older() {
    [ "${1%%.*}" -lt "${2%%.*}" ] || { [ "${1%%.*}" -eq "${2%%.*}" ] && [ "${1#*.}" -lt "${2#*.}" ]; }
}

rust() {
    wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)
    how="rustup update, or https://rustup.rs"
    command -v cargo > /dev/null && command -v rustc > /dev/null ||
        fail "Rust $wanted or newer, and cargo or rustc is not on the PATH ($how)."
    # Cargo uses the compiler that RUSTC names.
    said=$("${RUSTC:-rustc}" --version 2>&1) || fail "Rust $wanted or newer, and rustc does not run: $said"
    # rustc 1.88.0 (6b00bc388 2025-06-23)
    found=$(echo "$said" | sed -n 's/^rustc \([0-9]*\.[0-9]*\)\..*/\1/p')
    [ -n "$found" ] || fail "Rust $wanted or newer, and the output of rustc --version is: $said"
    ! older "$found" "$wanted" || fail "Rust $wanted or newer, and $(command -v "${RUSTC:-rustc}") is $found ($how)."
}

c() {
    command -v "${CC:-cc}" > /dev/null || fail "a C compiler, and ${CC:-cc} is not on the PATH."
}

cxx() {
    command -v "${CXX:-c++}" > /dev/null || fail "a C++ compiler for its tests, and ${CXX:-c++} is not on the PATH."
}

python() {
    command -v "${PYTHON:-python3}" > /dev/null || fail "Python 3.9 or newer, and ${PYTHON:-python3} is not on the PATH."
    found=$("${PYTHON:-python3}" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    ! older "$found" 3.9 || fail "Python 3.9 or newer, and $(command -v "${PYTHON:-python3}") is $found."
    "${PYTHON:-python3}" -c 'import ensurepip, venv' 2> /dev/null ||
        fail "Python with venv and pip for its tests (on Debian: the package python3-venv)."
}

for tool; do
    case $tool in
        rust | c | python) "$tool" ;;
        c++) cxx ;;
        *) echo "usage: check-tools.sh rust [c] [c++] [python]" >&2; exit 2 ;;
    esac
done
