#!/bin/sh
# Tests the sandbox's pages in Chromium: test-sandbox-browser.sh [OPTION OF PYTEST...]
#
# UPSCOPE_SANDBOX: the sandbox program (target/release/upscope-sandbox).
# UPSCOPE_SCREENSHOTS: the folder for screenshots (target/sandbox-browser/screenshots).
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh
work=$absolute_target/sandbox-browser
UPSCOPE_SANDBOX=${UPSCOPE_SANDBOX:-$absolute_target/release/upscope-sandbox}
UPSCOPE_SCREENSHOTS=${UPSCOPE_SCREENSHOTS:-$work/screenshots}
export UPSCOPE_SANDBOX UPSCOPE_SCREENSHOTS PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

if ! need chromium chromium || ! need chromedriver chromium-driver; then
    skip "sandbox: pages in Chromium" "the programs chromium and chromedriver"
    print_skipped sandbox-browser
    exit 0
fi
[ -x "$UPSCOPE_SANDBOX" ] || cargo build --release -p upscope-sandbox
mkdir -p "$work"
[ -x "$work/venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install -q -r crates/sandbox/tests/browser/requirements.txt

# without_network COMMAND...: in a network namespace that has only loopback, so that a test that needs more fails.
without_network() {
    unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$@"
}
if without_network true 2> /dev/null; then
    run=without_network
else
    run=env
    skip "sandbox: pages on a machine without network" "root and the programs unshare and ip"
fi
# Neither the sandbox nor ChromeDriver may be reached through a proxy of this machine.
unset http_proxy HTTP_PROXY https_proxy HTTPS_PROXY all_proxy ALL_PROXY
"$run" "$work/venv/bin/python" -B -m pytest -q -p no:cacheprovider crates/sandbox/tests/browser "$@"
print_skipped sandbox-browser
