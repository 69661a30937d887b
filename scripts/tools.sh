# shellcheck shell=sh
# To be sourced, in the root of the checkout: where things are, and how to get what a machine may not have.

target=${CARGO_TARGET_DIR:-target}
case $(uname -s) in
    Darwin) shared_library=$target/release/libupscope.dylib ;;
    *) shared_library=$target/release/libupscope.so ;;
esac

# The version of all that is built here, told once, in Cargo.toml.
version() {
    sed -n '/^\[workspace\.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml
}

# bounded SECONDS COMMAND...: without `timeout` (macOS) there is no bound.
bounded() {
    seconds=$1
    shift
    if command -v timeout > /dev/null; then timeout -k 5 "$seconds" "$@"; else "$@"; fi
}

# compile SOURCE PROGRAM [FLAG...]: against the header and the shared library of this checkout.
compile() {
    source=$1 program=$2
    shift 2
    "${CC:-cc}" -std=c99 -g -Wall -Wextra -Wpedantic -Werror -D_POSIX_C_SOURCE=200809L -Iinclude -Iexamples "$@" \
        "$source" -o "$program" -L"$target/release" -lupscope -pthread \
        -Wl,-rpath,"$(cd "$target/release" && pwd)"
}

# install_debian [OPTION...] PACKAGE...: where that can be done without asking anybody.
install_debian() {
    [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || return 1
    echo "installing $*" >&2
    for attempt in 1 2; do
        DEBIAN_FRONTEND=noninteractive bounded 600 apt-get install -y -q -o DPkg::Lock::Timeout=120 "$@" \
            > /dev/null < /dev/null && return
        # A fresh machine knows no packages.
        [ "$attempt" = 2 ] || bounded 300 apt-get update -q > /dev/null < /dev/null || :
    done
    return 1
}

# need PROGRAM PACKAGE
need() {
    command -v "$1" > /dev/null || install_debian "$2" || {
        echo "$1 is missing: install the package $2" >&2
        return 1
    }
}

# Sets `cmake` to one, from a Python environment of this checkout's own if need be.
need_cmake() {
    cmake=$(command -v cmake || :)
    [ -z "$cmake" ] || return 0
    tools=$(pwd)/target/tools
    cmake=$tools/bin/cmake
    [ ! -x "$cmake" ] || return 0
    echo "installing cmake in $tools"
    if python3 -m venv "$tools" > /dev/null && bounded 300 "$tools/bin/pip" install -q --no-input \
        --disable-pip-version-check cmake < /dev/null; then return; fi
    need cmake cmake && cmake=$(command -v cmake)
}

# Sets `clang_format` to the version that decides, from a Python environment of this checkout's own.
need_clang_format() {
    tools=$(pwd)/target/tools
    clang_format=$tools/bin/clang-format
    "$clang_format" --version 2> /dev/null | grep -q 'version 19\.' && return
    echo "installing clang-format in $tools"
    python3 -m venv "$tools" > /dev/null && bounded 300 "$tools/bin/pip" install -q --no-input \
        --disable-pip-version-check clang-format==19.1.7 < /dev/null
}
