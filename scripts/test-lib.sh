# shellcheck shell=sh
# Source this after lib.sh. Functions that run tests, count them, and record the tests that this machine cannot run.

passed=0
failed=0
# The list of a suite's skipped tests. Scripts that the suite runs append to the same list.
if [ -z "${UPSCOPE_SKIPPED:-}" ]; then
    mkdir -p "$absolute_target/skipped"
    UPSCOPE_SKIPPED=$absolute_target/skipped/$(basename "$(dirname "$0")")-$(basename "$0")
    export UPSCOPE_SKIPPED
    : > "$UPSCOPE_SKIPPED"
fi

# run_test NAME COMMAND...: the command may be a function; the test fails if any of its lines fails.
run_test() {
    name=$1
    shift
    # In a background job, because `set -e` has no effect within a condition.
    (set -eu; "$@") < /dev/null &
    if wait "$!"; then
        passed=$((passed + 1))
    else
        echo "FAILED: $name"
        failed=$((failed + 1))
    fi
}

# not COMMAND...: succeeds if the command fails.
not() {
    if "$@"; then return 1; fi
}

# extract_snippets DOCUMENT FOLDER: writes each block of C or C++ into a file that is named by the comment before it. A block
# without such a comment is an error.
extract_snippets() {
    awk -v work="$2" '
        /^<!-- compiled: [a-z]+ -->$/ { mark = $3; next }
        /^```(c|cpp)$/ {
            if (mark == "") { print FILENAME ":" FNR ": a block without a `compiled:` comment"; exit 1 }
            file = work "/" mark (($0 == "```c") ? ".c" : ".cpp"); mark = ""; next
        }
        /^```/ { file = "" }
        file != "" { print > file }
    ' "$1"
}

# skip TEST REQUIREMENT: records a test that does not run, and what it needs.
skip() {
    echo "$1: needs $2" >> "$UPSCOPE_SKIPPED"
}

# print_skipped SUITE
print_skipped() {
    sed "s/^/    $1: SKIPPED /" "$UPSCOPE_SKIPPED"
}

# finish_tests SUITE: prints the result; its exit code is that of the suite. A suite without tests fails.
finish_tests() {
    print_skipped "$1"
    count=$(($(wc -l < "$UPSCOPE_SKIPPED")))
    echo "$1: $passed passed, $failed failed$([ "$count" -eq 0 ] || echo ", $count skipped")"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
