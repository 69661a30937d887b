#!/bin/sh
# Fuzzes one target: fuzz.sh TARGET SECONDS [OPTION OF LIBFUZZER...]
# Inputs that fail go to fuzz/artifacts. Inputs that reach new code go to fuzz/found; `fuzz.sh TARGET merge` adds those
# that the corpus lacks. Give them a name that says what they exercise, and keep at most 20 in a corpus.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

targets=$(sed -n 's/^name = "\(.*\)"$/\1/p' fuzz/Cargo.toml | tail -n +2)
if [ $# -lt 2 ] || ! echo "$targets" | grep -qx "$1"; then
    echo "usage: fuzz.sh TARGET SECONDS [OPTION...], or fuzz.sh TARGET merge; targets:" $targets >&2
    exit 2
fi
name=$1 seconds=$2
shift 2

# cargo-fuzz needs a nightly compiler. This variable enables nightly features in the stable one.
export RUSTC_BOOTSTRAP=1
if ! cargo fuzz --version > /dev/null 2>&1; then
    tools=$(pwd)/target/tools
    PATH=$tools/bin:$PATH
    [ -x "$tools/bin/cargo-fuzz" ] || cargo install --locked --quiet cargo-fuzz --root "$tools"
fi
mkdir -p "fuzz/found/$name"
if [ "$seconds" = merge ]; then
    exec cargo fuzz run --target-dir "$target/fuzz" "$name" "fuzz/corpus/$name" "fuzz/found/$name" -- -set_cover_merge=1 -use_counters=0 "$@"
fi
exec cargo fuzz run --target-dir "$target/fuzz" "$name" "fuzz/found/$name" "fuzz/corpus/$name" -- \
    -dict="fuzz/dictionaries/$name.dict" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 "$@"
