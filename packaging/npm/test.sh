#!/bin/sh
# Packs the npm package with target/release/upscope-sandbox, installs it in an empty project without a network, and tests it.
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
. scripts/test-lib.sh
work=$absolute_target/npm-test
unset UPSCOPE_SANDBOX

need npm npm
rm -rf "$work"
mkdir -p "$work/project"
DIST=$work packaging/npm/pack.sh
archive=$(echo "$work"/upscope-sandbox-*.tgz)
cp packaging/npm/test/* "$work/project"
cd "$work/project"
echo '{ "private": true }' > package.json
npm install --silent --offline --no-audit --no-fund "$archive"

contents() {
    tar -tzf "$archive" | LC_ALL=C sort > "$work/contents"
    printf 'package/%s\n' LICENSE-APACHE LICENSE-MIT README.md cli.js index.d.ts index.js package.json program.js \
        program/upscope-sandbox | diff - "$work/contents"
}
types() {
    npm_tool typescript@5.9.3
    for module in node16 nodenext; do
        "$npm_tools/tsc" --noEmit --strict --target es2020 --module $module types.ts
    done
}

run_test "the archive contains what users need" contents
run_test "tests with node:test" node --test --test-reporter=spec package.test.js
run_test "the declarations of TypeScript" types
finish_tests npm
