# shellcheck shell=sh
# Source this after lib.sh, in the root of the checkout. Runs Cargo for Windows 7 and later.
#
# No toolchain from rustup contains a standard library for Windows 7. A toolchain with the source of its standard library
# can build one: Debian's, or rustup's with the component rust-src. On Debian, missing packages are installed.

windows_build=${CARGO_TARGET_DIR:-$(pwd)/target/windows-build}

# lacks RUSTC TARGET: prints why the compiler cannot build for the target, or nothing if it can.
lacks() {
    if ! "$1" --version > /dev/null 2>&1; then
        echo "does not exist"
    elif ! "$1" --print target-list | grep -qx "$2"; then
        echo "($("$1" --version | cut -d ' ' -f 2)) does not support that target"
    elif [ ! -f "$("$1" --print sysroot)/lib/rustlib/src/rust/library/std/Cargo.toml" ]; then
        echo "has no source of its standard library (rust-web-src, or rustup component add rust-src)"
    elif [ ! -x "$(dirname "$1")/cargo" ]; then
        echo "has no cargo in the same directory (cargo-web)"
    fi
}

# The compiler from Debian and the one on the PATH.
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
        # Also if it is installed, because it may be too old.
        install_debian rustc-web cargo-web rust-web-src || :
        find_windows_rustc "$windows_target"
    } || {
        echo "no installed Rust compiler can build for $windows_target:" >&2
        for rustc in $(windows_compilers); do echo "  $rustc $(lacks "$rustc" "$windows_target")" >&2; done
        echo "On an updated Debian 12, install the packages rustc-web, cargo-web and rust-web-src." >&2
        return 1
    }
    need "$1-w64-mingw32-gcc" "gcc-mingw-w64-$(echo "$1" | tr _ -)-win32"
}

# windows_cargo MACHINE COMMAND ARGUMENT...: CARGO_ENCODED_RUSTFLAGS applies to everything built for Windows.
windows_cargo() {
    machine=$1 command=$2
    shift 2
    find_windows_rustc "$machine-win7-windows-gnu"
    # For the C and assembly code of ring.
    name=${machine}_win7_windows_gnu
    env "CC_$name=$machine-w64-mingw32-gcc" "AR_$name=$machine-w64-mingw32-ar" RUSTC_BOOTSTRAP=1 \
        RUSTC="$windows_rustc" CARGO_TARGET_DIR="$windows_build" \
        "$(dirname "$windows_rustc")/cargo" "$command" --locked --target "$machine-win7-windows-gnu" "$@"
}
