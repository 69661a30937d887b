#!/bin/sh
# Tests that a new operation needs only three things: a definition, its vectors, and a route in the sandbox. Copies this
# tree, adds an operation, runs `make generate`, builds, and calls the operation from every language that is available.
# Also tests that each forgotten step fails with a message that says what to do.
#
# The build takes third-party crates from target/debug, which `make test` fills, and stays in target/eleventh-operation.
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
if git rev-parse --is-inside-work-tree > /dev/null 2>&1; then
    git ls-files --cached --others --exclude-standard
else
    find . \( -name target -o -name .git \) -prune -o -type f -print
fi > "$work/files"
# git also lists deleted files that are not committed. tar -m: with the current time, or Cargo would take a file that the
# previous run had changed for unchanged.
while IFS= read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done < "$work/files" | tar -cf - -T - | tar -xmf - -C "$tree"

# Copies the compiled third-party crates, once. Cargo recognises them by their hashes.
compiled=$absolute_target/debug
if [ ! -d "$work/target" ] && [ -d "$compiled/deps" ]; then
    for folder in deps build .fingerprint; do
        mkdir -p "$work/target/debug/$folder"
        (cd "$compiled/$folder" && find . -mindepth 1 -maxdepth 1 ! -name '*upscope*' \
            \( -type d -o -name '*.rlib' -o -name '*.rmeta' -o -name 'lib*.so' -o -name 'lib*.dylib' -o -name '*.d' \) \
            -exec cp -pR {} "$work/target/debug/$folder" \;)
    done
fi

cd "$tree"
CARGO_TARGET_DIR=$work/target
LD_LIBRARY_PATH=$CARGO_TARGET_DIR/debug
DYLD_LIBRARY_PATH=$LD_LIBRARY_PATH
CARGO_NET_OFFLINE=${CARGO_NET_OFFLINE:-false}
# Every run compiles a new copy, so incremental compilation has no use.
CARGO_INCREMENTAL=0
export CARGO_TARGET_DIR LD_LIBRARY_PATH DYLD_LIBRARY_PATH CARGO_NET_OFFLINE CARGO_INCREMENTAL

# quietly COMMAND...: prints the output only if the command fails.
quietly() {
    "$@" > "$work/log" 2>&1 || { tail -n 20 "$work/log"; return 1; }
}

# fails_with MESSAGE COMMAND...: the command fails and prints the message.
fails_with() {
    message=$1
    shift
    not "$@" > "$work/log" 2>&1
    grep -qF "$message" "$work/log" || { tail -n 20 "$work/log"; return 1; }
}

# All Cargo commands select the whole workspace, because another selection would compile the dependencies again with other
# features.
missing_generate() {
    cp "$fixtures/rename_visitor.rs" crates/core/src/catalog/operations/
    # shellcheck disable=SC2016
    fails_with 'crates/core/src/catalog/operations/mod.rs is stale: run `make generate`.' \
        cargo test -q --workspace --test up_to_date
}

generate() {
    quietly make generate
    # The second run changes nothing.
    make generate | not grep updated
}

missing_vectors() {
    fails_with 'tests/vectors/rename_visitor.json is missing' cargo test -q --workspace --test up_to_date
    cp "$fixtures/rename_visitor.json" tests/vectors/
}

missing_route() {
    fails_with 'add it to ROUTES in crates/sandbox/src/routes.rs' cargo test -q --workspace --lib routes
    # Any handler will do: the programs below call server.py.
    python3 - crates/sandbox/src/routes.rs << 'END'
import pathlib, re, sys

path = pathlib.Path(sys.argv[1])
text = re.sub(r"\[Route; (\d+)\]", lambda found: f"[Route; {int(found[1]) + 1}]", path.read_text())
route = '    route("get_visitor", "GET", "visitors/{visitor_id}", visitors::show),\n'
assert route in text
path.write_text(text.replace(route, route + '    route("rename_visitor", "PUT", "visitors/{visitor_id}/name", visitors::show),\n'))
END
}

# The format, and the tests that call every operation.
rust() {
    cargo fmt --all --check
    cp "$fixtures/call.rs" crates/core/examples/call.rs
    quietly cargo build -q --workspace
    quietly cargo test -q --workspace --lib --test up_to_date --test header --test fuzz_replay --test conformance
    cargo build -q --workspace --example call
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
    python3 bindings/vb6/proof/check_classes.py bindings/vb6 README.md
}

mkdir -p crates/core/examples
run_test 'without make generate' missing_generate
run_test 'make generate' generate
run_test 'without vectors' missing_vectors
run_test 'without a route in the sandbox' missing_route
run_test Rust rust
run_test C c
run_test C++ cpp
run_test Python python
if command -v mcs > /dev/null && command -v mono > /dev/null; then run_test C# csharp; else skip C# "mono-mcs and mono-runtime"; fi
if command -v fpc > /dev/null; then run_test Pascal pascal; else skip Pascal fp-compiler; fi
run_test VB6 vb6
finish_tests 'eleventh operation'
