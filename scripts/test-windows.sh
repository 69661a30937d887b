#!/bin/sh
# The library on Windows, which here is Wine: what is built, the tests in C, TLS, and the conformance vectors, from
# 32-bit and 64-bit programs, beside the sandbox of this machine. test-windows.sh [--quick | --vectors MACHINE]
#
# --quick: 32 bit alone, of it the started calls, the vectors and VB6's entry points; nothing where Wine cannot be set up.
# --vectors: the started calls and the vectors, with the library that is built already.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh
. scripts/tally.sh
. scripts/windows-cargo.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL

case ${1:-} in
    --quick)
        machines=i686 quick=yes
        # In CI they are there. A developer's Mac is no reason to fail.
        if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null || ! unshare --mount true 2> /dev/null; then
            skip windows "Debian, root and mount namespaces: 32-bit Wine runs in a Debian of its own"
            tell_skipped windows
            exit 0
        fi
        ;;
    --vectors) machines=${2:?} quick=yes ;;
    '') machines="i686 x86_64" quick= ;;
    *)
        echo "usage: test-windows.sh [--quick | --vectors MACHINE]" >&2
        exit 2
        ;;
esac
# shellcheck disable=SC2086
[ "${1:-}" = --vectors ] || scripts/windows.sh $machines
need openssl openssl
need python3 python3

# Whatever else a program needs is in Windows since 7.
system_dlls="advapi32 bcrypt crypt32 kernel32 msvcrt ntdll ws2_32"

# These are not here, as what they look at is Linux's: clients, memory, short_of_memory (/proc), fork, slow_dns (a
# resolver of their own).
alone="json_pick null_pointers bad_input windows_proxy"
with_sandbox="life statuses pages pending logger threads stale windows_wide windows_unload windows_footprint"

# compile_for MACHINE SOURCE PROGRAM LIBRARY...
compile_for() {
    "$1-w64-mingw32-gcc" -std=gnu99 -g -O1 -Wall -Wextra -Werror -D_WIN32_WINNT=0x0601 -Iinclude -Iexamples "$2" \
        -o "$3" -static-libgcc "$4" $also -lws2_32 -lpsapi -ladvapi32 -Wl,-Bstatic -lpthread -Wl,-Bdynamic
}

# The C functions of the header, and the wide ones, which are in none.
exports_fit() {
    tr '\n' ' ' < include/upscope.h | sed 's|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/||g' |
        grep -o 'upscope_[a-z_]*(' | tr -d '(' | LC_ALL=C sort -u > "$work/declared"
    sed -n 's/^    //p' "$built/upscope.def" > "$work/exported"
    grep -v '^upscope_w_' "$work/exported" | diff "$work/declared" -
    sed -n 's/.* __stdcall \(upscope_w_[a-z_]*\)(.*/\1/p' tests/c/windows_wide.c | LC_ALL=C sort > "$work/declared"
    grep '^upscope_w_' "$work/exported" | diff "$work/declared" -
}

imports_fit() {
    "$machine-w64-mingw32-objdump" -p "$built/upscope.dll" | sed -n 's/.*DLL Name: \(.*\)\.dll/\1/p' |
        tr '[:upper:]' '[:lower:]' | sort -u > "$work/imported"
    test -s "$work/imported"
    while read -r dll; do
        case " $system_dlls " in *" $dll "*) ;; *) echo "upscope.dll needs $dll.dll"; return 1 ;; esac
    done < "$work/imported"
}

# The same sources give the same bytes: the DLL does not tell when it was linked or stripped.
no_time() {
    TZ=UTC "$machine-w64-mingw32-objdump" -p "$built/upscope.dll" > "$work/dll"
    grep -q '^Time/Date.*Jan  *1 00:00:00 1970' "$work/dll"
}

vectors() {
    env -u http_proxy -u HTTP_PROXY -u https_proxy -u HTTPS_PROXY -u all_proxy -u ALL_PROXY \
        UPSCOPE_EXECUTOR="scripts/wine.sh $machine $work/conformance_executor.exe" \
        timeout -k 5 600 cargo test -q --test conformance_of -- --nocapture > "$work/vectors" 2>&1 ||
        { tail -n 40 "$work/vectors"; return 1; }
    sed -n 's/^.* \([^ ]*\.exe\): \([0-9]* vectors\)$/    \1: \2/p' "$work/vectors"
}

story() {
    scripts/with-sandbox --limit 120 scripts/wine.sh "$machine" "$work/helpdesk.exe" --write > "$work/helpdesk" ||
        { tail -n 20 "$work/helpdesk"; return 1; }
    grep -q 'All went as expected' "$work/helpdesk"
}

# The tests in Rust of core and boundary, the panic wall among them, as Windows programs.
rust_tests() {
    # Wine's reader of debug information crashes on that of Rust. It also wants to look up whether a certificate is
    # revoked, which those of the two tests left out do not allow: windows_tls.py has what they have.
    export RUST_BACKTRACE=0 "CARGO_TARGET_$(echo "$machine" | tr '[:lower:]' '[:upper:]')_WIN7_WINDOWS_GNU_RUNNER=$(pwd)/scripts/wine.sh $machine"
    windows_cargo "$machine" test -q -p upscope -p libupscope --lib --test behaviour -Zbuild-std -- \
        --skip tls::certificates::a_root_in_ca_file_is_trusted --skip tls::certificates::a_rejected_certificate_is_explained \
        > "$work/rust" 2>&1 || { tail -n 40 "$work/rust"; return 1; }
    grep '^test result' "$work/rust" | sed 's/^/    /'
}

for machine in $machines; do
    echo "  $machine"
    built=target/windows/$machine
    work=$(pwd)/target/test-windows/$machine
    also=
    rm -rf "$work"
    mkdir -p "$work"
    # A program finds its libraries beside itself.
    cp "$built/upscope.dll" "$work"
    scripts/wine.sh "$machine" --setup
    for name in pending conformance_executor; do
        compile_for "$machine" "tests/c/$name.c" "$work/$name.exe" "$built/libupscope.dll.a"
    done
    tally "$machine pending" scripts/with-sandbox --limit 120 scripts/wine.sh "$machine" "$work/pending.exe"
    tally "$machine vectors" vectors
    tally "$machine no time in the DLL" no_time
    [ -z "$quick" ] || continue

    tally "$machine exports" exports_fit
    tally "$machine imports" imports_fit
    for name in $alone $with_sandbox; do
        compile_for "$machine" "tests/c/$name.c" "$work/$name.exe" "$built/libupscope.dll.a"
    done
    for name in $alone; do
        tally "$machine $name" env -u http_proxy -u https_proxy -u all_proxy -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY \
            timeout -k 5 120 scripts/wine.sh "$machine" "$work/$name.exe"
    done
    for name in $with_sandbox; do
        case $name in pending) continue ;; esac
        tally "$machine $name" scripts/with-sandbox --limit 120 scripts/wine.sh "$machine" "$work/$name.exe"
    done
    tally "$machine Rust tests" rust_tests
    tally "$machine tls" timeout -k 5 300 python3 tests/c/windows_tls.py "$work" scripts/wine.sh "$machine"

    # The other ways to link: with what Microsoft's linker would read, and without the DLL.
    mkdir -p "$work/linked"
    cp "$built/upscope.dll" "$work/linked"
    compile_for "$machine" tests/c/stale.c "$work/linked/by_lib.exe" "$built/upscope.lib"
    also="-lcrypt32 -lbcrypt -lntdll -luserenv"
    compile_for "$machine" tests/c/stale.c "$work/static.exe" "$built/libupscope.a"
    rm "$work/upscope.dll"
    tally "$machine import library" scripts/with-sandbox --limit 120 scripts/wine.sh "$machine" "$work/linked/by_lib.exe"
    tally "$machine static library" scripts/with-sandbox --limit 120 scripts/wine.sh "$machine" "$work/static.exe"
    for name in helpdesk quickstart; do
        tally "$machine $name" compile_for "$machine" "examples/$name.c" "$work/$name.exe" "$built/libupscope.a"
    done
    tally "$machine helpdesk runs" story
done
if [ "${1:-}" = --quick ]; then tally vb6 env MACHINES=i686 bindings/vb6/test.sh; fi
tally_end windows
