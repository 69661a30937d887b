# shellcheck shell=sh
# To be sourced: runs tests one by one and counts them.

passed=0
failed=0

# tally NAME COMMAND...: a command, or a function, of which every line has to succeed.
tally() {
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

# tally_end NAME: the closing line, and the exit code; no test at all is a failure.
tally_end() {
    echo "$1: $passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
