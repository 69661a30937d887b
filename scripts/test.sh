#!/bin/sh
# `make test`: first everything is built, then everything is tested, both in two lanes at once. Linking keeps one processor
# busy and many tests wait for clocks and sockets, so that one lane alone would take half as long again. What a step
# prints comes as a whole when it has ended, and stays in target/test.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

logs=$absolute_target/test
rm -rf "$logs" "$absolute_target/skipped"
mkdir -p "$logs"
# Nothing here may install anything on the machine.
export UPSCOPE_INSTALL=no

# step NAME COMMAND...
step() {
    name=$1
    shift
    begun=$(date +%s)
    if "$@" > "$logs/$name.log" 2>&1 < /dev/null; then outcome=passed; else outcome=FAILED; fi
    echo "== $name: $outcome, $(($(date +%s) - begun)) s" >> "$logs/$name.log"
    [ "$outcome" = passed ] || echo "$name" >> "$logs/failed"
    cat "$logs/$name.log"
}

# together LANE LANE: each a function. The first one is in the foreground, as the shell has a job in the background ignore
# Ctrl-C, which tests of Python send to themselves.
together() {
    "$2" &
    other=$!
    "$1"
    wait "$other"
    if [ -s "$logs/failed" ]; then
        echo "make test: FAILED: $(tr '\n' ' ' < "$logs/failed")"
        exit 1
    fi
}

build_for_tests() {
    step build-rust scripts/test-rust.sh --build
    step build-python bindings/python/test.sh --build
}
build_release() {
    step build scripts/install.sh build
}

# What waits most.
test_in_front() {
    step rust scripts/test-rust.sh
    step c scripts/test-c.sh
    step install scripts/test-install.sh
    step python bindings/python/test.sh
    step demo env -u UPSCOPE_API_KEY -u UPSCOPE_BASE_URL scripts/demo.sh
}
# What computes most.
test_behind() {
    step c++ scripts/test-cpp.sh
    step scripts scripts/test-scripts.sh
    step dependencies scripts/check-dependencies.sh
}

# Ctrl-C ends both lanes.
trap 'trap "" TERM; kill 0; exit 130' INT TERM
echo "building for release and for the tests; what is printed comes at the end of each step, and stays in $logs"
together build_for_tests build_release
together test_in_front test_behind
scripts/skipped.sh 'make test'
