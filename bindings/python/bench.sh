#!/bin/sh
# Creates the environment of the Python benchmark, with the package as a user would build it, and its peers: bench.sh FOLDER
# `scripts/bench.sh` calls this script. `scripts/bench.sh --only python` runs only the Python benchmark.
set -eu
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")"
venv=$folder/python
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
"$venv/bin/pip" install -q -r bench/requirements.txt
rm -rf "$folder/wheels"
CARGO_TARGET_DIR=$folder/python-target "$venv/bin/pip" wheel -q --no-deps -w "$folder/wheels" .
"$venv/bin/pip" install -q --force-reinstall --no-deps "$folder/wheels"/upscope-*.whl
