# shellcheck shell=sh
# Source this in the root of the checkout. Paths of build results, and functions that provide missing tools.

target=${CARGO_TARGET_DIR:-target}
case $target in
    /*) absolute_target=$target ;;
    *) absolute_target=$(pwd)/$target ;;
esac
case $(uname -s) in
    Darwin) shared_library=$target/release/libupscope.dylib ;;
    *) shared_library=$target/release/libupscope.so ;;
esac

# version: prints the version in Cargo.toml.
version() {
    sed -n '/^\[workspace\.package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml
}

# with_timeout SECONDS COMMAND...: without a limit if there is no `timeout` (macOS).
with_timeout() {
    seconds=$1
    shift
    if command -v timeout > /dev/null; then timeout -k 5 "$seconds" "$@"; else "$@"; fi
}

# compile SOURCE PROGRAM [FLAG...]: with the header and the shared library of this checkout.
compile() {
    source=$1 program=$2
    shift 2
    "${CC:-cc}" -std=c99 -g -Wall -Wextra -Wpedantic -Werror -D_POSIX_C_SOURCE=200809L -Iinclude -Iexamples \
        "$source" "$@" -o "$program" -L"$target/release" -lupscope -pthread \
        -Wl,-rpath,"$(cd "$target/release" && pwd)"
}

# omit_build_paths: sets the compiler flags that keep this machine's paths out of the libraries. Panic messages contain
# the paths of source files, also of crates in Cargo's home directory.
omit_build_paths() {
    cargo_home=${CARGO_HOME:-$HOME/.cargo}
    # Flags may contain spaces. This character separates them.
    separator=$(printf '\037')
    CARGO_ENCODED_RUSTFLAGS="--remap-path-prefix=$cargo_home=/cargo$separator--remap-path-prefix=$(pwd)=/upscope"
    export CARGO_ENCODED_RUSTFLAGS
    # For the C and assembly code of ring.
    CFLAGS="${CFLAGS:-} -ffile-prefix-map=$(printf '%s' "$cargo_home" | sed 's/ /\\ /g')=/cargo"
    export CFLAGS
}

# install_debian [OPTION...] PACKAGE...: fails unless this is root on Debian, or if UPSCOPE_INSTALL is no.
install_debian() {
    [ "${UPSCOPE_INSTALL:-}" != no ] && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null || return 1
    # Old package lists name packages that no longer exist. Updates them at most once in two hours.
    updated=$absolute_target/apt-updated
    mkdir -p "$absolute_target"
    if [ -z "$(find "$updated" -mmin -120 2> /dev/null)" ]; then
        echo "updating the lists of Debian packages" >&2
        if with_timeout 300 apt-get update -q > /dev/null < /dev/null; then : > "$updated"; fi
    fi
    echo "installing $*" >&2
    DEBIAN_FRONTEND=noninteractive with_timeout 900 apt-get install -y -q -o DPkg::Lock::Timeout=120 "$@" > /dev/null < /dev/null
}

# need PROGRAM PACKAGE: installs the Debian package if the program is missing. `make test` disables the installation.
need() {
    command -v "$1" > /dev/null || install_debian "$2" || {
        echo "$1 is missing: install the package $2" >&2
        return 1
    }
}

# A Python environment in this checkout, for tools that the machine does not have.
tools=$absolute_target/tools

# python_package NAME: installs it from PyPI into that environment.
python_package() {
    [ ! -f "$tools/$1.installed" ] || return 0
    [ -x "$tools/bin/pip" ] || "${PYTHON:-python3}" -m venv "$tools"
    echo "installing $1 in $tools" >&2
    with_timeout 300 "$tools/bin/pip" install -q --no-input --disable-pip-version-check "$1" < /dev/null
    : > "$tools/$1.installed"
}

# python_tool PROGRAM PACKAGE: installs the Python package if the machine does not have the program.
python_tool() {
    command -v "$1" > /dev/null || {
        python_package "$2"
        PATH=$PATH:$tools/bin
    }
}

# npm_tool PACKAGE@VERSION: installs it from the npm registry into this checkout. Its programs are in $npm_tools.
npm_tools=$absolute_target/npm-tools/node_modules/.bin
npm_tool() {
    [ ! -f "$absolute_target/npm-tools/$1.installed" ] || return 0
    need npm npm
    echo "installing $1 in $absolute_target/npm-tools" >&2
    mkdir -p "$absolute_target/npm-tools"
    with_timeout 300 npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$absolute_target/npm-tools" "$1" < /dev/null
    : > "$absolute_target/npm-tools/$1.installed"
}

# suites_passed NAME: the last message of a make target that runs several test suites. Lists the tests that were skipped.
suites_passed() {
    if [ -n "$(cat "$absolute_target/skipped"/* 2> /dev/null)" ]; then
        echo "skipped tests, and what they need:"
        sort -u "$absolute_target/skipped"/* | sed 's/^/    /'
    fi
    echo "$1: passed"
}
