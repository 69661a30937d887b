#!/bin/sh
# Tests the library for Windows under Wine, from 32-bit and 64-bit programs: the DLL, the C tests, TLS, and the conformance
# vectors. The sandbox runs on this machine. test-windows.sh [--quick | --vectors MACHINE]
#
# --quick: only 32-bit, and only asynchronous calls, the vectors and VB6's functions. Skipped if Wine cannot be set up.
# --vectors: asynchronous calls and the vectors, without building the library.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh
. scripts/windows-cargo.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL

case ${1:-} in
    --quick)
        machines=i686 quick=yes
        # CI has these. Other machines skip the tests.
        if [ "$(id -u)" != 0 ] || ! command -v apt-get > /dev/null || ! unshare --mount true 2> /dev/null; then
            skip windows "Debian, root and mount namespaces: 32-bit Wine runs in a separate Debian system"
            print_skipped windows
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
[ "${1:-}" = --vectors ] || scripts/build-windows.sh $machines
need openssl openssl
need python3 python3
python_tool cmake cmake

# The DLLs of Windows 7 and later that the library may use.
system_dlls="advapi32 bcrypt crypt32 kernel32 msvcrt ntdll ws2_32"

# Without the tests that need Linux: client_leaks, peak_memory, out_of_memory (/proc), fork, slow_dns (resolver configuration).
alone="json_functions null_pointers bad_input webhook windows_proxy"
with_sandbox="visitor_lifecycle statuses session_pages started_calls client_close logger threads stale_connection windows_stdcall windows_unload windows_footprint"

# compile_for MACHINE SOURCE PROGRAM LIBRARY...
compile_for() {
    "$1-w64-mingw32-gcc" -std=gnu99 -g -O1 -Wall -Wextra -Werror -D_WIN32_WINNT=0x0601 -Iinclude -Iexamples "$2" \
        -o "$3" -static-libgcc "$4" $also -lws2_32 -lpsapi -ladvapi32 -Wl,-Bstatic -lpthread -Wl,-Bdynamic
}

# The DLL exports the C functions of the header, and the stdcall functions, which no header declares.
exports_match() {
    tr '\n' ' ' < include/upscope.h | sed 's|/\*[^*]*\*\+\([^/*][^*]*\*\+\)*/||g' |
        grep -o 'upscope_[a-z_]*(' | tr -d '(' | LC_ALL=C sort -u > "$work/declared"
    sed -n 's/^    //p' "$built/upscope.def" > "$work/exported"
    grep -v '^upscope_w_' "$work/exported" | diff "$work/declared" -
    sed -n 's/.* __stdcall \(upscope_w_[a-z_]*\)(.*/\1/p' tests/c/windows_stdcall.c | LC_ALL=C sort > "$work/declared"
    grep '^upscope_w_' "$work/exported" | diff "$work/declared" -
}

imports_match() {
    "$machine-w64-mingw32-objdump" -p "$built/upscope.dll" | sed -n 's/.*DLL Name: \(.*\)\.dll/\1/p' |
        tr '[:upper:]' '[:lower:]' | sort -u > "$work/imported"
    test -s "$work/imported"
    while read -r dll; do
        case " $system_dlls " in *" $dll "*) ;; *) echo "upscope.dll needs $dll.dll"; return 1 ;; esac
    done < "$work/imported"
}

# The same sources give the same bytes: the DLL does not contain the time of linking or stripping.
no_timestamp() {
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

# The sandbox starts under Wine, answers, and ends with its standard input.
sandbox_program() {
    cat > "$work/upscope-sandbox" << END
#!/bin/sh
exec "$(pwd)/scripts/wine.sh" $machine "$(pwd)/$built/upscope-sandbox.exe" "\$@"
END
    chmod +x "$work/upscope-sandbox"
    "$work/upscope-sandbox" --version | grep -qF "upscope-sandbox $(version)"
    UPSCOPE_SANDBOX=$work/upscope-sandbox scripts/with-sandbox --limit 60 python3 -c '
import json, os, urllib.request
request = urllib.request.Request(os.environ["UPSCOPE_BASE_URL"] + "/list", headers={"X-Api-Key": os.environ["UPSCOPE_API_KEY"]})
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
assert json.load(opener.open(request, timeout=30))["visitors"]'
}

# find_package with the unpacked zip archive, for the DLL and for the static library.
cmake_package() {
    rm -rf "$work/zip" "$work/cmake"
    python3 -m zipfile -e "target/windows/libupscope-$(version)-windows-$machine.zip" "$work/zip"
    for name in i686 x86_64; do
        command -v "$name-w64-mingw32-gcc" > /dev/null || continue
        if cmake -S tests/install -B "$work/cmake/$name" -DCMAKE_PREFIX_PATH="$(echo "$work"/zip/*)" -DCMAKE_SYSTEM_NAME=Windows \
            -DCMAKE_C_COMPILER="$name-w64-mingw32-gcc" -DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=BOTH \
            > "$work/cmake.$name.log" 2>&1; then found=yes; else found=no; fi
        # Programs of the other size cannot use the archive, and CMake says so.
        case $name,$found in
            "$machine,yes") ;;
            "$machine,no") cat "$work/cmake.$name.log"; return 1 ;;
            *,yes) echo "CMake accepts the archive for $machine in programs for $name"; return 1 ;;
            *) grep -q 'byte pointers' "$work/cmake.$name.log" ;;
        esac
    done
    cmake --build "$work/cmake/$machine" > "$work/cmake.log" 2>&1 || { cat "$work/cmake.log"; return 1; }
    cp "$work"/zip/*/upscope.dll "$work/cmake/$machine"
    for program in consumer consumer_static; do
        scripts/with-sandbox --limit 120 scripts/wine.sh "$machine" "$work/cmake/$machine/$program.exe"
    done
}

helpdesk() {
    scripts/with-sandbox --limit 120 scripts/wine.sh "$machine" "$work/helpdesk.exe" --write > "$work/helpdesk" ||
        { tail -n 20 "$work/helpdesk"; return 1; }
    grep -q 'All went as expected' "$work/helpdesk"
}

# The Rust tests of the core and the C ABI as Windows programs, with those of panics.
rust_tests() {
    # Wine crashes when it reads Rust's debug information for a backtrace. Wine also requires revocation information, which
    # the certificates of the two skipped tests lack; windows_tls.py tests the same behaviour.
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
    # A program loads the DLL from its own directory.
    cp "$built/upscope.dll" "$work"
    scripts/wine.sh "$machine" --setup
    for name in started_calls conformance_executor; do
        compile_for "$machine" "tests/c/$name.c" "$work/$name.exe" "$built/libupscope.dll.a"
    done
    run_test "$machine started_calls" scripts/with-sandbox --limit 120 scripts/wine.sh "$machine" "$work/started_calls.exe"
    run_test "$machine vectors" vectors
    run_test "$machine no timestamp in the DLL" no_timestamp
    if [ "${1:-}" != --vectors ]; then run_test "$machine cmake" cmake_package; fi
    [ -z "$quick" ] || continue

    run_test "$machine sandbox" sandbox_program
    run_test "$machine exports" exports_match
    run_test "$machine imports" imports_match
    for name in $alone $with_sandbox; do
        compile_for "$machine" "tests/c/$name.c" "$work/$name.exe" "$built/libupscope.dll.a"
    done
    for name in $alone; do
        run_test "$machine $name" env -u http_proxy -u https_proxy -u all_proxy -u HTTP_PROXY -u HTTPS_PROXY -u ALL_PROXY \
            timeout -k 5 120 scripts/wine.sh "$machine" "$work/$name.exe"
    done
    for name in $with_sandbox; do
        case $name in started_calls) continue ;; esac
        run_test "$machine $name" scripts/with-sandbox --limit 120 scripts/wine.sh "$machine" "$work/$name.exe"
    done
    run_test "$machine Rust tests" rust_tests
    run_test "$machine tls" timeout -k 5 300 python3 tests/c/windows_tls.py "$work" scripts/wine.sh "$machine"

    # Linked with the import library for Microsoft's linker, and with the static library.
    mkdir -p "$work/linked"
    cp "$built/upscope.dll" "$work/linked"
    compile_for "$machine" tests/c/stale_connection.c "$work/linked/by_lib.exe" "$built/upscope.lib"
    also="-lcrypt32 -lbcrypt -lntdll -luserenv"
    compile_for "$machine" tests/c/stale_connection.c "$work/static.exe" "$built/libupscope.a"
    rm "$work/upscope.dll"
    run_test "$machine import library" scripts/with-sandbox --limit 120 scripts/wine.sh "$machine" "$work/linked/by_lib.exe"
    run_test "$machine static library" scripts/with-sandbox --limit 120 scripts/wine.sh "$machine" "$work/static.exe"
    for name in helpdesk quickstart; do
        run_test "$machine $name" compile_for "$machine" "examples/$name.c" "$work/$name.exe" "$built/libupscope.a"
    done
    run_test "$machine helpdesk runs" helpdesk
done
if [ "${1:-}" = --quick ]; then run_test vb6 env MACHINES=i686 bindings/vb6/test.sh; fi
finish_tests windows
