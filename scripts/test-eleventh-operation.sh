#!/bin/sh
# A new operation is two files: copies this tree, adds a made-up operation and its vectors, runs `make generate`, builds,
# and calls it in every language that can be had here. What is forgotten on the way has to be told in a sentence.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL

root=$(pwd)
mkdir -p "$target/eleventh-operation"
work=$(cd "$target/eleventh-operation" && pwd)
tree=$work/tree
fixtures=$root/tests/eleventh_operation
rm -rf "$tree"
mkdir -p "$tree"
git ls-files --cached --others --exclude-standard > "$work/files"
# What was deleted and not committed yet is listed, too.
while IFS= read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done < "$work/files" | tar -cf - -T - | tar -xf - -C "$tree"

cd "$tree"
CARGO_TARGET_DIR=$work/target
LD_LIBRARY_PATH=$CARGO_TARGET_DIR/debug
DYLD_LIBRARY_PATH=$LD_LIBRARY_PATH
CARGO_NET_OFFLINE=${CARGO_NET_OFFLINE:-false}
export CARGO_TARGET_DIR LD_LIBRARY_PATH DYLD_LIBRARY_PATH CARGO_NET_OFFLINE

# tells SENTENCE COMMAND...: the command fails, and says so.
tells() {
    sentence=$1
    shift
    not "$@" > "$work/log" 2>&1
    grep -qF "$sentence" "$work/log" || { tail -n 20 "$work/log"; return 1; }
}

definition_alone() {
    cp "$fixtures/rename_visitor.rs" crates/core/src/catalog/operations/
    tells 'crates/core/src/catalog/operations/mod.rs is stale: run `make generate`.' cargo test -q -p upscope-codegen
}

generate() {
    make generate > "$work/log" 2>&1 || { tail -n 20 "$work/log"; return 1; }
    # Once more changes nothing.
    make generate | not grep renewed
}

vectors_missing() {
    tells 'tests/vectors/rename_visitor.json is missing' cargo test -q -p upscope-codegen
    cp "$fixtures/rename_visitor.json" tests/vectors/
}

route_missing() {
    tells 'add it to ROUTES in crates/sandbox/src/routes.rs' cargo test -q -p upscope-sandbox --lib routes
}

# quietly COMMAND...: what it prints is shown when it fails.
quietly() {
    "$@" > "$work/log" 2>&1 || { tail -n 20 "$work/log"; return 1; }
}

# The format, and the tests that call every operation.
rust() {
    cargo fmt --all --check
    cargo build -q
    quietly cargo test -q -p upscope-codegen
    quietly cargo test -q -p libupscope --lib --test header --test fuzz_replay --test conformance
    quietly cargo test -q -p upscope --lib
    mkdir -p crates/core/examples
    cp "$fixtures/call.rs" crates/core/examples/call.rs
    cargo build -q -p upscope --example call
    python3 "$fixtures/server.py" "$CARGO_TARGET_DIR/debug/examples/call"
}

c() {
    "${CC:-cc}" -std=c99 -Wall -Wextra -Wpedantic -Werror -Iinclude "$fixtures/call.c" -o "$work/call_c" \
        -L"$CARGO_TARGET_DIR/debug" -lupscope
    python3 "$fixtures/server.py" "$work/call_c"
}

cpp() {
    "${CXX:-c++}" -std=c++17 -Wall -Wextra -Wpedantic -Werror -DUPSCOPE_NO_NLOHMANN -Iinclude "$fixtures/call.cpp" \
        -o "$work/call_cpp" -L"$CARGO_TARGET_DIR/debug" -lupscope -pthread
    python3 "$fixtures/server.py" "$work/call_cpp"
}

python() {
    (cd bindings/python && cargo build -q --features pyo3/extension-module)
    for library in lib_upscope.so lib_upscope.dylib; do
        [ ! -f "$CARGO_TARGET_DIR/debug/$library" ] ||
            cp "$CARGO_TARGET_DIR/debug/$library" bindings/python/python/upscope/_upscope.abi3.so
    done
    PYTHONPATH=$tree/bindings/python/python python3 "$fixtures/server.py" python3 "$fixtures/call.py"
}

csharp() {
    bindings/csharp/build.sh "$work/csharp"
    mcs -nologo -out:"$work/csharp/Call.exe" -r:"$work/csharp/Upscope.Client.dll" "$fixtures/Call.cs"
    python3 "$fixtures/server.py" mono "$work/csharp/Call.exe"
}

pascal() {
    mkdir -p "$work/pascal"
    fpc -B -O2 -vw -Sew -Fubindings/pascal -FU"$work/pascal" -FE"$work/pascal" "$fixtures/call.pas" > "$work/log" 2>&1 || {
        grep -E 'Error|Fatal|Warning' "$work/log"
        return 1
    }
    python3 "$fixtures/server.py" "$work/pascal/call"
}

vb6() {
    python3 bindings/vb6/proof/check_declares.py bindings/vb6/Upscope.bas bindings/vb6/proof/vbdeclares.pas README.md
    grep -q '^Public Function UpscopeRenameVisitor(' bindings/vb6/Upscope.bas
}

run_test 'a definition alone' definition_alone
run_test generate generate
run_test 'no vectors' vectors_missing
run_test 'no route' route_missing
run_test Rust rust
run_test C c
run_test C++ cpp
run_test Python python
if command -v mcs > /dev/null && command -v mono > /dev/null; then run_test C# csharp; fi
if command -v fpc > /dev/null; then run_test Pascal pascal; fi
run_test VB6 vb6
finish_tests 'eleventh operation'
