#!/bin/sh
# The long form of the tests of `upscope.history`, with all stores: test-history.sh [OPTION OF PYTEST...]
#
# Needs the virtual environment that test.sh created. VENV selects another one.
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
venv=${VENV:-$PWD/target/python-venv}
UPSCOPE_SANDBOX=${UPSCOPE_SANDBOX:-$absolute_target/release/upscope-sandbox}
UPSCOPE_LONG_TESTS=1
export UPSCOPE_SANDBOX UPSCOPE_LONG_TESTS PIP_DISABLE_PIP_VERSION_CHECK=1
cd bindings/python
"$venv/bin/pip" install -q -r requirements-more.txt
exec "$venv/bin/python" -m pytest -q -p no:cacheprovider tests/test_history_model.py tests/test_history_kills.py "$@"
