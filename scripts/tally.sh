# shellcheck shell=sh
# To be sourced behind tools.sh: runs tests one by one, counts them, and notes those that this machine cannot run.

passed=0
failed=0
# What all suites of one `make` have skipped; of this one, the lines behind those that are there now.
skips=$absolute_target/skipped
mkdir -p "$absolute_target"
: >> "$skips"
skipped_before=$(wc -l < "$skips")

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

# skip TEST NEEDED: a test that does not run, and what it would need.
skip() {
    echo "$1: needs $2" >> "$skips"
}

# skipped: what this suite has skipped.
skipped() {
    tail -n "+$((skipped_before + 1))" "$skips"
}

# tally_end NAME: what was skipped, the closing line, and the exit code; no test at all is a failure.
tally_end() {
    skipped | sed "s/^/    $1: SKIPPED /"
    count=$(skipped | wc -l)
    echo "$1: $passed passed, $failed failed$([ "$count" -eq 0 ] || echo ", $((count)) skipped")"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
