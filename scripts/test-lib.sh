# shellcheck shell=sh
# To be sourced behind tools.sh: runs tests one by one, counts them, and notes those that this machine cannot run.

passed=0
failed=0
# What a suite has skipped; scripts that it runs add to it.
if [ -z "${UPSCOPE_SKIPPED:-}" ]; then
    mkdir -p "$absolute_target/skipped"
    UPSCOPE_SKIPPED=$absolute_target/skipped/$(basename "$(dirname "$0")")-$(basename "$0")
    export UPSCOPE_SKIPPED
    : > "$UPSCOPE_SKIPPED"
fi

# run_test NAME COMMAND...: a command, or a function, of which every line has to succeed.
run_test() {
    name=$1
    shift
    # As a job of its own: within a condition the shell would not end at a failing line.
    (set -eu; "$@") < /dev/null &
    if wait "$!"; then
        passed=$((passed + 1))
    else
        echo "FAILED: $name"
        failed=$((failed + 1))
    fi
}

# For a line that has to fail.
not() {
    if "$@"; then return 1; fi
}

# skip TEST NEEDED: a test that does not run, and what it would need.
skip() {
    echo "$1: needs $2" >> "$UPSCOPE_SKIPPED"
}

# print_skipped NAME: of the suite.
print_skipped() {
    sed "s/^/    $1: SKIPPED /" "$UPSCOPE_SKIPPED"
}

# finish_tests NAME: what was skipped, the closing line, and the exit code; no test at all is a failure.
finish_tests() {
    print_skipped "$1"
    count=$(($(wc -l < "$UPSCOPE_SKIPPED")))
    echo "$1: $passed passed, $failed failed$([ "$count" -eq 0 ] || echo ", $count skipped")"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
