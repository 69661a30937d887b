#!/bin/sh
# Tests examples/fastapi_app with two wheels alone, in an environment without a Rust toolchain:
# test-fastapi-app.sh FOLDER_WITH_WHEELS
#
# PYTHON: the interpreter (python3).
set -eu
wheels=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
. scripts/lib.sh
cd bindings/python
work=$absolute_target/python/fastapi-app
python=$(command -v "${PYTHON:-python3}")
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
unset UPSCOPE_SANDBOX UPSCOPE_API_KEY UPSCOPE_BASE_URL PYTHONPATH

rm -rf "$work"
mkdir -p "$work"
cp -R examples/fastapi_app "$work/app"
"$python" -m venv "$work/venv"
# Only the programs of the environment can be found from here on.
PATH=$work/venv/bin
cd "$work/app"
for program in cargo rustc upscope-sandbox; do
    if command -v "$program"; then
        echo "test-fastapi-app.sh: $program must not be on the PATH" >&2
        exit 1
    fi
done
# The names of the files select these wheels, whatever an index offers under the same names.
for wheel in "$wheels"/upscope-*.whl; do upscope=$wheel; done
for wheel in "$wheels"/upscope_sandbox-*.whl; do sandbox=$wheel; done
pip install -q --only-binary :all: "$upscope[testing]" "$sandbox" -r requirements-test.txt
pytest -q -p no:cacheprovider
