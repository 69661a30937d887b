# shellcheck shell=sh
# To be sourced behind tools.sh, in the root of the checkout: cargo for Windows 7 and later.
#
# No compiler that rustup has brings a standard library that runs on Windows 7. Debian's comes with the source of its
# own, and builds that along with the rest; it and MinGW are installed where they are missing.

windows_build=${CARGO_TARGET_DIR:-$(pwd)/target/windows-build}

# need_windows MACHINE
need_windows() {
    need /usr/bin/cargo cargo-web
    need /usr/bin/rustc rustc-web
    [ -f /usr/lib/rustlib/src/rust/library/std/Cargo.toml ] || need rust-web-src rust-web-src
    need "$1-w64-mingw32-gcc" "gcc-mingw-w64-$(echo "$1" | tr _ -)-win32"
}

# windows_cargo MACHINE COMMAND ARGUMENT...: of CARGO_ENCODED_RUSTFLAGS, what is built for Windows gets all.
windows_cargo() {
    machine=$1 command=$2
    shift 2
    # For the C and assembly of ring.
    name=${machine}_win7_windows_gnu
    env "CC_$name=$machine-w64-mingw32-gcc" "AR_$name=$machine-w64-mingw32-ar" RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc \
        CARGO_TARGET_DIR="$windows_build" \
        /usr/bin/cargo "$command" --locked --target "$machine-win7-windows-gnu" "$@"
}
