#!/bin/sh
# Runs the C tests with a library that is built with a sanitizer: test-sanitizers.sh [address] [thread]
# Each sanitizer must first find an injected fault. ThreadSanitizer needs the source of Rust's standard library: without
# instrumenting that too, it reports false positives.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL

built=$target
UPSCOPE_SANDBOX=$(cd "$built/release" && pwd)/upscope-sandbox
export UPSCOPE_SANDBOX
host=$(rustc -vV | sed -n 's/^host: //p')
# RUSTC_BOOTSTRAP enables -Zsanitizer in a stable compiler. Symbols make the reports readable.
export RUSTC_BOOTSTRAP=1 CARGO_PROFILE_RELEASE_STRIP=none CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=line-tables-only

# build SANITIZER CARGO [OPTION...]: builds the library into a separate directory.
build() {
    sanitizer=$1 cargo=$2
    shift 2
    RUSTFLAGS="-Zsanitizer=$sanitizer" "$cargo" build --release -p libupscope --target "$host" \
        --target-dir "$built/sanitized/$sanitizer" "$@"
    # For `compile`.
    target=$built/sanitized/$sanitizer/$host
    work=$built/sanitized/$sanitizer/c
    mkdir -p "$work"
}

program() {
    case $sanitizer in
        thread) compile "tests/c/$1.c" "$work/$1" -Itests/c -fsanitize=thread -fno-builtin tests/c/tsan_interceptors.c ;;
        *) compile "tests/c/$1.c" "$work/$1" -Itests/c "-fsanitize=$sanitizer" ;;
    esac
}

# instrumented FUNCTION: the library is instrumented, not only the test programs.
instrumented() {
    nm -D --undefined-only "$target/release/libupscope.so" > "$work/imports"
    grep -w "$1" "$work/imports"
}

# finds PROGRAM REPORT: the sanitizer reports the injected fault, with a stack frame of the library.
finds() {
    program "$1"
    if with_timeout 60 "$work/$1" > "$work/$1.log" 2>&1; then cat "$work/$1.log"; return 1; fi
    grep -m 1 "SUMMARY: .*$2" "$work/$1.log"
    grep -q 'libupscope.so' "$work/$1.log"
}

run() {
    program "$1"
    case $1 in
        json_functions | null_pointers | bad_input | webhook) with_timeout 300 "$work/$1" ;;
        *) scripts/with-sandbox --limit 300 "$work/$1" ;;
    esac
}

address() {
    build address cargo
    run_test 'address: the library is instrumented' instrumented __asan_init
    run_test 'address: finds the injected fault' finds use_after_free_selftest heap-use-after-free
    # Also fails on leaks. Not fork.c: a fork while another thread allocates leaves the sanitizer's allocator locked in the
    # child process.
    for name in json_functions null_pointers bad_input webhook visitor_lifecycle statuses session_pages started_calls client_close logger threads; do
        run_test "address: $name" run "$name"
    done
}

thread() {
    for rustc in "$(command -v rustc)" /usr/bin/rustc ''; do
        [ -n "$rustc" ] || break
        [ ! -f "$("$rustc" --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock" ] || break
    done
    if [ -z "$rustc" ]; then
        skip 'ThreadSanitizer' 'a toolchain with the source of its standard library (Debian: rustc-web cargo-web rust-web-src)'
        return
    fi
    RUSTC=$rustc
    export RUSTC
    build thread "$(dirname "$rustc")/cargo" -Zbuild-std=std,panic_unwind
    run_test 'thread: the library is instrumented' instrumented __tsan_func_entry
    run_test 'thread: finds the injected fault' finds race_selftest 'data race'
    for name in threads started_calls client_close session_pages logger visitor_lifecycle; do
        run_test "thread: $name" run "$name"
    done
}

[ $# -gt 0 ] || set -- address thread
for sanitizer in "$@"; do
    case $sanitizer in
        address | thread) "$sanitizer" ;;
        *) echo "usage: test-sanitizers.sh [address] [thread]" >&2; exit 2 ;;
    esac
done
finish_tests sanitizers
