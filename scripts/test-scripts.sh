#!/bin/sh
# Tests what the scripts do and print on machines where a tool is missing or too old, with stubs for the tools.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh
unset PREFIX LIBDIR INCLUDEDIR BINDIR DOCDIR DESTDIR

work=$absolute_target/test-scripts
rm -rf "$work"
mkdir -p "$work"
wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml)

# stub NAME PROGRAM: writes the program $work/NAME/PROGRAM with the script from standard input.
stub() {
    mkdir -p "$work/$1"
    { echo '#!/bin/sh' && cat; } > "$work/$1/$2"
    chmod +x "$work/$1/$2"
}

stub old rustc << 'END'
echo "rustc 1.80.1 (3f5fd8dd4 2024-08-06)"
END
stub old cargo << END
echo "\$@" >> "$work/cargo-calls"
exit 101
END
stub broken rustc << 'END'
echo "error: rustup could not choose a version of rustc to run" >&2
exit 1
END

# prints PATTERN LOG: the log has one line, apart from those of make, and it matches.
prints() {
    grep -v '^make' "$2" > "$2.printed" || :
    [ "$(wc -l < "$2.printed")" -eq 1 ] || { cat "$2"; return 1; }
    grep -q "$1" "$2.printed" || { cat "$2"; return 1; }
}

# Every target that may be the first one names the required version of Rust and does not call Cargo.
old_rust() {
    for target in build demo test install; do
        rm -rf "$work/clone"
        mkdir -p "$work/clone"
        cp -r Makefile Cargo.toml scripts "$work/clone"
        (cd "$work/clone" && not env -u CARGO_TARGET_DIR -u RUSTC -u MAKEFLAGS PATH="$work/old:$PATH" make -s "$target" DESTDIR="$work/stage") > "$work/old.log" 2>&1
        prints "needs Rust $wanted or newer, and .*rustc is 1.80" "$work/old.log"
    done
    [ ! -e "$work/cargo-calls" ]
    not env PATH="$work/broken:$PATH" RUSTC=rustc scripts/check-tools.sh rust > "$work/broken.log" 2>&1
    prints "needs Rust $wanted or newer, and rustc does not run: error: rustup could not" "$work/broken.log"
    grep -q "Rust $wanted" README.md
}

# Neither an old compiler from Debian nor one without the source of its standard library is used.
no_windows_compiler() {
    stub debian rustc << 'END'
case $* in
    --version) echo "rustc 1.85.0 (4d91de4e4 2025-02-17) (built from a source tarball)" ;;
    *) echo x86_64-unknown-linux-gnu ;;
esac
END
    stub rustup rustc << END
case \$* in
    --version) echo "rustc 1.95.0 (59807616e 2026-04-14)" ;;
    *sysroot) echo "$work" ;;
    *) echo i686-win7-windows-gnu ;;
esac
END
    stub rustup apt-get << END
echo "\$1" >> "$work/apt-calls"
END
    (
        unset UPSCOPE_INSTALL
        PATH=$work/rustup:$PATH
        absolute_target=$work
        . scripts/windows-cargo.sh
        debian_rustc=$work/debian/rustc
        not need_windows i686
    ) > "$work/windows.log" 2>&1
    grep -q "debian/rustc (1.85.0) does not support that target" "$work/windows.log"
    grep -q "rustup/rustc has no source of its standard library" "$work/windows.log"
    # An installed package may be too old, and only new package lists name the newer version.
    if [ "$(id -u)" = 0 ]; then [ "$(tr '\n' ' ' < "$work/apt-calls")" = "update install " ]; fi
}

# `make test` does not install anything on the machine.
nothing_installed() {
    stub apt apt-get << END
echo "\$@" >> "$work/apt-installs"
END
    UPSCOPE_INSTALL=no PATH="$work/apt:$PATH" not need no-such-program no-such-package 2> "$work/need.log"
    prints 'no-such-program is missing: install the package no-such-package' "$work/need.log"
    [ ! -e "$work/apt-installs" ]
    grep -q '^export UPSCOPE_INSTALL=no$' scripts/test.sh
}

# Root installs what the owner of a checkout has built, without compiling and without writing to the checkout, even if the
# `cargo` on the PATH is another one.
root_installs() {
    clone=$work/owned
    mkdir -p "$clone/target/release"
    cp -r Makefile Cargo.toml Cargo.lock LICENSE-* build.rs crates examples include packaging scripts "$clone"
    cp "$absolute_target/release/libupscope.a" "$absolute_target/release/upscope-sandbox" "$clone/target/release"
    chown -R nobody "$clone"
    find "$clone" ! -user nobody > "$work/before"
    install_owned() {
        (cd "$clone" && env -u CARGO_TARGET_DIR -u BUILT PATH="$work/old:$PATH" make -s install prefix=/p DESTDIR="$work/by-root") \
            > "$work/owned.log" 2>&1
    }
    install_owned
    [ -f "$work/by-root/p/lib/libupscope.so" ]
    touch "$clone/crates/core/src/lib.rs"
    not install_owned
    prints "run 'make build' as the owner of" "$work/owned.log"
    [ ! -e "$work/cargo-calls" ]
    find "$clone" ! -user nobody | diff "$work/before" -
}

run_test 'old Rust' old_rust
run_test 'no compiler for Windows' no_windows_compiler
run_test 'make test installs nothing' nothing_installed
if [ "$(id -u)" != 0 ]; then
    skip "root installs what another user built" root
elif [ "$(uname -s)" != Linux ]; then
    skip "root installs what another user built" Linux
else
    run_test "root installs what another user built" root_installs
fi
finish_tests scripts
