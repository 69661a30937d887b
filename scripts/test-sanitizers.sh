#!/bin/sh
# The tests in C with a library that watches its own memory: test-sanitizers.sh [address] [thread]
# Each first finds a fault that was planted. ThreadSanitizer needs the source of Rust's standard library, to build that
# too, or it would see races where there are none.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh
. scripts/tally.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL

built=$target
UPSCOPE_SANDBOX=$(cd "$built/release" && pwd)/upscope-sandbox
export UPSCOPE_SANDBOX
host=$(rustc -vV | sed -n 's/^host: //p')
# Symbols, for whoever reads a report; what the compiler has to tell apart from a nightly one is this variable.
export RUSTC_BOOTSTRAP=1 CARGO_PROFILE_RELEASE_STRIP=none CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=line-tables-only

# build NAME CARGO [OPTION...]: the library alone, and into a folder of its own.
build() {
    sanitizer=$1 cargo=$2
    shift 2
    RUSTFLAGS="-Zsanitizer=$sanitizer" "$cargo" build --release -p libupscope --target "$host" \
        --target-dir "$built/sanitized/$sanitizer" "$@"
    # Where `compile` looks.
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

# instrumented FUNCTION: the library itself was compiled with it, not the programs alone.
instrumented() {
    nm -D --undefined-only "$target/release/libupscope.so" > "$work/imports"
    grep -w "$1" "$work/imports"
}

# finds PROGRAM REPORT: the planted fault, with a frame of the library in the report.
finds() {
    program "$1"
    if bounded 60 "$work/$1" > "$work/$1.log" 2>&1; then cat "$work/$1.log"; return 1; fi
    grep -m 1 "SUMMARY: .*$2" "$work/$1.log"
    grep -q 'libupscope.so' "$work/$1.log"
}

run() {
    program "$1"
    case $1 in
        json_pick | null_pointers | bad_input) bounded 300 "$work/$1" ;;
        *) scripts/with-sandbox --limit 300 "$work/$1" ;;
    esac
}

address() {
    build address cargo
    tally 'address: is in the library' instrumented __asan_init
    tally 'address: finds what is planted' finds use_after_free_selftest heap-use-after-free
    # A leak is a failure too. Without fork.c: a fork while another thread allocates leaves the sanitizer's own
    # allocator locked in the child.
    for name in json_pick null_pointers bad_input visitor_lifecycle statuses session_pages started_calls logger threads; do
        tally "address: $name" run "$name"
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
    tally 'thread: is in the library' instrumented __tsan_func_entry
    tally 'thread: finds what is planted' finds race_selftest 'data race'
    for name in threads started_calls session_pages logger visitor_lifecycle; do
        tally "thread: $name" run "$name"
    done
}

[ $# -gt 0 ] || set -- address thread
for sanitizer in "$@"; do
    case $sanitizer in
        address | thread) "$sanitizer" ;;
        *) echo "usage: test-sanitizers.sh [address] [thread]" >&2; exit 2 ;;
    esac
done
tally_end sanitizers
