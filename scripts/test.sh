#!/bin/sh
# `make test`: builds everything, then tests everything. Two steps run at a time: linking uses one processor, and many
# tests wait for timers and sockets, so one at a time would take 50 % longer. The output of a step is printed when the step
# ends, and stays in target/test.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

logs=$absolute_target/test
rm -rf "$logs" "$absolute_target/skipped"
mkdir -p "$logs"
# No step may install anything on the machine.
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

# in_parallel FOREGROUND BACKGROUND: runs two functions. Background jobs of the shell ignore Ctrl-C, which the Python tests
# send to themselves, so those tests are in the foreground.
in_parallel() {
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

# Mostly waits.
test_in_foreground() {
    step rust scripts/test-rust.sh
    step c scripts/test-c.sh
    step python bindings/python/test.sh
    step demo env -u UPSCOPE_API_KEY -u UPSCOPE_BASE_URL scripts/demo.sh
}
# Mostly computes.
test_in_background() {
    step c++ scripts/test-cpp.sh
    step install scripts/test-install.sh
    step scripts scripts/test-scripts.sh
    step dependencies scripts/check-dependencies.sh
}

# Ctrl-C ends both jobs.
trap 'trap "" TERM; kill 0; exit 130' INT TERM
echo "building the release and the tests; the output of each step is printed when it ends, and stays in $logs"
in_parallel build_for_tests build_release
in_parallel test_in_foreground test_in_background
suites_passed 'make test'
