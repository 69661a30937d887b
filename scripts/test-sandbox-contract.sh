#!/bin/sh
# Tests the sandbox and api/openapi.json against each other: test-sandbox-contract.sh [--more]
#
# schemathesis sends requests that follow the document, and requests that violate it, and checks the responses. Prism and Redocly
# check the document itself. --more sends many more requests.
#
# UPSCOPE_SANDBOX: the sandbox program (target/release/upscope-sandbox).
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh
tests=$(pwd)/crates/sandbox/tests/contract
work=$absolute_target/sandbox-contract
UPSCOPE_SANDBOX=${UPSCOPE_SANDBOX:-$absolute_target/release/upscope-sandbox}
export UPSCOPE_SANDBOX PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 PYTHONDONTWRITEBYTECODE=1
examples=25 limit=300
[ "${1:-}" != --more ] || examples=500 limit=3600
# Versions whose dependencies run with Node.js 20.19.
prism=@stoplight/prism-cli@5.14.2
redocly=@redocly/cli@2.77.0

# A link names an operation with its id, too, but in a deeper object.
operations=$(grep -c '^        "operationId"' api/openapi.json)

[ -x "$UPSCOPE_SANDBOX" ] || cargo build --release -p upscope-sandbox
mkdir -p "$work"
[ -x "$work/venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q -r "$tests/requirements.txt"

# Every check of schemathesis, with valid and invalid data, and along the links of the document.
schemathesis_finds_nothing() {
    # It writes a cache into the current folder.
    rm -rf "$work/.schemathesis"
    # The URL and the key are those of the sandbox that with-sandbox starts.
    # shellcheck disable=SC2016
    scripts/with-sandbox --limit "$limit" sh -euc '
        "$1/venv/bin/python" "$2/example_objects.py"
        cd "$1"
        venv/bin/schemathesis run "${UPSCOPE_BASE_URL%/v1.3}/openapi.json" -H "X-Api-Key: $UPSCOPE_API_KEY" \
            --checks all --mode all --max-examples "$3" --seed 1 --generation-database none \
            --suppress-health-check all --continue-on-failure --no-color > schemathesis.txt ||
            { cat schemathesis.txt; exit 1; }
        # A run that tests less than all operations and phases must not pass.
        grep -q "Tested: *$4\$" schemathesis.txt
        for phase in Examples Coverage Fuzzing Stateful; do grep -q "✅ $phase\$" schemathesis.txt; done
    ' sh "$work" "$tests" "$examples" "$operations"
}

# install_node_tools: into target, without scripts of the packages.
install_node_tools() {
    installed=$work/node/installed
    [ "$(cat "$installed" 2> /dev/null)" != "$prism $redocly" ] || return 0
    mkdir -p "$work/node"
    echo '{"private": true}' > "$work/node/package.json"
    with_timeout 600 npm --prefix "$work/node" install --no-fund --no-audit --no-package-lock --ignore-scripts \
        --loglevel error "$prism" "$redocly"
    echo "$prism $redocly" > "$installed"
}

prism_accepts_the_document_and_the_sandbox() {
    scripts/with-sandbox --limit 300 "$work/venv/bin/python" "$tests/prism.py" "$work/node/node_modules/.bin/prism"
}

# Fails on warnings, too.
redocly_accepts_the_document() {
    REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true with_timeout 120 \
        "$work/node/node_modules/.bin/redocly" lint --extends recommended-strict api/openapi.json > "$work/redocly.txt" 2>&1 ||
        { cat "$work/redocly.txt"; exit 1; }
}

run_test "schemathesis finds nothing" schemathesis_finds_nothing
if ! command -v npm > /dev/null; then
    skip "Prism and Redocly accept api/openapi.json" npm
elif ! node -e 'const [major, minor] = process.versions.node.split("."); process.exit(major > 20 || (major == 20 && minor >= 19) ? 0 : 1)'; then
    skip "Prism and Redocly accept api/openapi.json" "Node.js 20.19"
else
    install_node_tools
    run_test "Prism accepts api/openapi.json and the sandbox" prism_accepts_the_document_and_the_sandbox
    run_test "Redocly accepts api/openapi.json" redocly_accepts_the_document
fi
finish_tests sandbox-contract
