#!/bin/sh
# Measures the cost of calls, compared with other clients: scripts/bench.sh [--quick] [--only PART,...]
# Parts: c, idle, one-core, threads, large, first, pages, counts, rust, python, sandbox.
# With --profile: prints which crates the instructions of a call belong to.
#
# The result goes to target/bench/bench.json. Without options it takes some minutes and renews docs/bench.svg and the
# tables in docs/performance.md and README.md. Needs Linux and an otherwise idle machine.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL

parts=c,idle,one-core,threads,large,first,pages,counts,rust,python,sandbox
for argument; do
    case ${before:-} in --only) parts=$argument ;; esac
    case $argument in --only=*) parts=${argument#--only=} ;; esac
    before=$argument
done
has() {
    case ,$parts, in *,"$1",*) ;; *) return 1 ;; esac
}

profile() {
    need valgrind valgrind
    # The shipped library, but with line numbers.
    CARGO_PROFILE_RELEASE_STRIP=none CARGO_PROFILE_RELEASE_DEBUG=line-tables-only \
        CARGO_TARGET_DIR=$work/profiled cargo build --release --locked -p libupscope
    "${CC:-cc}" $flags -pthread bench/c/server.c -o "$work/server"
    (target=$work/profiled && compile bench/c/repeat.c "$work/repeat-profiled" -O2)
    exec python3 -B bench/instruction_profile.py "$work" "$@"
}

mkdir -p "$target/bench"
work=$(cd "$target/bench" && pwd)
[ "$(uname -s)" = Linux ] || { echo "bench.sh: the measurements need Linux" >&2; exit 1; }
flags="-O2 -std=c99 -Wall -Wextra -Wpedantic -Werror -D_POSIX_C_SOURCE=200809L"
if [ "${1:-}" = --profile ]; then
    shift
    profile "$@"
fi
need openssl openssl
need strace strace
# Ask the C compiler for the headers.
include() {
    echo "#include <$1>" | "${CC:-cc}" -E -x c - > /dev/null 2>&1
}
include curl/curl.h || need curl/curl.h libcurl4-openssl-dev
include cjson/cJSON.h || need cjson/cJSON.h libcjson-dev

cargo build --release --locked
"${CC:-cc}" $flags -pthread bench/c/server.c -o "$work/server"
"${CC:-cc}" $flags -pthread bench/c/prevent_idle.c -o "$work/prevent_idle"
"${CC:-cc}" $flags bench/c/versions.c -o "$work/versions" -lcurl -lcjson
"${CC:-cc}" $flags -shared -fPIC bench/c/count_allocations.c -o "$work/count_allocations.so"
"${CC:-cc}" $flags -Iinclude bench/c/first_call_libcurl.c -o "$work/first_call_libcurl" -lcurl
# Linked although they come before the sources.
peers="-Wl,--no-as-needed -lcurl -lcjson"
compile bench/c/clients.c "$work/clients" -O2 $peers
compile bench/c/large.c "$work/large" -O2
compile bench/c/large.c "$work/large_libcurl" -O2 -DBENCH_LIBCURL $peers
compile bench/c/repeat.c "$work/repeat" -O2
for program in threads first_call pages; do compile "bench/c/$program.c" "$work/$program" -O2; done
strip -o "$work/libupscope-stripped.so" "$shared_library"

if has rust; then
    (cd bench/rust && CARGO_TARGET_DIR=$work/rust cargo build --release --locked)
    cp "$work/rust/release/bench-clients" "$work/clients-in-rust"
fi
if has sandbox; then
    # Without wrk, the run says which figures it skips.
    need wrk wrk || true
    cargo build --release --locked -p upscope-sandbox
    cp "$target/release/upscope-sandbox" "$work/upscope-sandbox"
fi
if has python; then bindings/python/bench.sh "$work"; fi

exec python3 -B bench/run.py "$work" "$@"
