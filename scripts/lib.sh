# shellcheck shell=sh
# To be sourced, in the root of the checkout: where things are, and how to get what a machine may not have.

target=${CARGO_TARGET_DIR:-target}
case $target in
    /*) absolute_target=$target ;;
    *) absolute_target=$(pwd)/$target ;;
esac
case $(uname -s) in
    Darwin) shared_library=$target/release/libupscope.dylib ;;
    *) shared_library=$target/release/libupscope.so ;;
esac

# The version of all that is built here, told once, in Cargo.toml.
version() {
    sed -n '/^\[workspace\.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml
}

# with_timeout SECONDS COMMAND...: without `timeout` (macOS) there is no bound.
with_timeout() {
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

# install_debian [OPTION...] PACKAGE...: where that can be done without asking anybody, and UPSCOPE_INSTALL is not no.
install_debian() {
    [ "${UPSCOPE_INSTALL:-}" != no ] && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || return 1
    # First the lists of what there is, once in two hours: old ones name packages that are gone, or too old.
    updated=$absolute_target/apt-updated
    mkdir -p "$absolute_target"
    if [ -z "$(find "$updated" -mmin -120 2> /dev/null)" ]; then
        echo "updating the lists of Debian packages" >&2
        if with_timeout 300 apt-get update -q > /dev/null < /dev/null; then : > "$updated"; fi
    fi
    echo "installing $*" >&2
    DEBIAN_FRONTEND=noninteractive with_timeout 900 apt-get install -y -q -o DPkg::Lock::Timeout=120 "$@" > /dev/null < /dev/null
}

# need PROGRAM PACKAGE: not for what `make test` runs, as that installs nothing on the machine.
need() {
    command -v "$1" > /dev/null || install_debian "$2" || {
        echo "$1 is missing: install the package $2" >&2
        return 1
    }
}

# Where tools come from that a machine may not have: a Python environment of this checkout's own.
tools=$absolute_target/tools

# python_package NAME: from PyPI, into that environment.
python_package() {
    [ ! -f "$tools/$1.installed" ] || return 0
    [ -x "$tools/bin/pip" ] || "${PYTHON:-python3}" -m venv "$tools"
    echo "installing $1 in $tools" >&2
    with_timeout 300 "$tools/bin/pip" install -q --no-input --disable-pip-version-check "$1" < /dev/null
    : > "$tools/$1.installed"
}

# python_tool PROGRAM PACKAGE: the machine's own, else that of a Python package.
python_tool() {
    command -v "$1" > /dev/null || {
        python_package "$2"
        PATH=$PATH:$tools/bin
    }
}
