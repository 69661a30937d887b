# shellcheck shell=sh
# To be sourced behind tools.sh, in the root of the checkout: cargo for Windows 7 and later.
#
# No compiler that rustup has brings a standard library that runs on Windows 7. One with the source of its own builds
# that along with the rest: Debian's, or rustup's with the component rust-src. What is missing is installed on Debian.

windows_build=${CARGO_TARGET_DIR:-$(pwd)/target/windows-build}

# lacks RUSTC TARGET: what that compiler would need to build for it; nothing when it can.
lacks() {
    if ! "$1" --version > /dev/null 2>&1; then
        echo "is not there"
    elif ! "$1" --print target-list | grep -qx "$2"; then
        echo "($("$1" --version | cut -d ' ' -f 2)) does not know that target"
    elif [ ! -f "$("$1" --print sysroot)/lib/rustlib/src/rust/library/std/Cargo.toml" ]; then
        echo "has no source of its standard library (rust-web-src, or rustup component add rust-src)"
    elif [ ! -x "$(dirname "$1")/cargo" ]; then
        echo "has no cargo beside it (cargo-web)"
    fi
}

# Debian's own, and that of the PATH.
debian_rustc=/usr/bin/rustc
windows_compilers() {
    echo "$debian_rustc"
    command -v rustc || :
}

# find_windows_rustc TARGET: sets windows_rustc.
find_windows_rustc() {
    for windows_rustc in $(windows_compilers); do
        [ -n "$(lacks "$windows_rustc" "$1")" ] || return 0
    done
    return 1
}

# need_windows MACHINE
need_windows() {
    windows_target=$1-win7-windows-gnu
    find_windows_rustc "$windows_target" || {
        # Whether or not it is installed: it may be too old.
        install_debian rustc-web cargo-web rust-web-src || :
        find_windows_rustc "$windows_target"
    } || {
        echo "no Rust compiler here can build for $windows_target:" >&2
        for rustc in $(windows_compilers); do echo "  $rustc $(lacks "$rustc" "$windows_target")" >&2; done
        echo "Debian 12 with its updates has one: the packages rustc-web, cargo-web and rust-web-src" >&2
        return 1
    }
    need "$1-w64-mingw32-gcc" "gcc-mingw-w64-$(echo "$1" | tr _ -)-win32"
}

# windows_cargo MACHINE COMMAND ARGUMENT...: of CARGO_ENCODED_RUSTFLAGS, what is built for Windows gets all.
windows_cargo() {
    machine=$1 command=$2
    shift 2
    find_windows_rustc "$machine-win7-windows-gnu"
    # For the C and assembly of ring.
    name=${machine}_win7_windows_gnu
    env "CC_$name=$machine-w64-mingw32-gcc" "AR_$name=$machine-w64-mingw32-ar" RUSTC_BOOTSTRAP=1 \
        RUSTC="$windows_rustc" CARGO_TARGET_DIR="$windows_build" \
        "$(dirname "$windows_rustc")/cargo" "$command" --locked --target "$machine-win7-windows-gnu" "$@"
}
