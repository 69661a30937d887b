#!/bin/sh
# Goes from an empty virtual environment to a passed test with `upscope.testing`, from two wheels alone, and measures the
# time: test-sandbox-wheel.sh FOLDER_WITH_WHEELS
#
# Runs the recipe for pytest in docs/sandbox.md. PYTHON: the interpreter (python3).
set -eu
wheels=$(cd "$1" && pwd)
cd "$(dirname "$0")/../.."
. scripts/lib.sh
work=$absolute_target/python/sandbox-wheel
python=$(command -v "${PYTHON:-python3}")
limit=60
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
unset UPSCOPE_SANDBOX UPSCOPE_API_KEY UPSCOPE_BASE_URL PYTHONPATH

rm -rf "$work"
mkdir -p "$work/wheels" "$work/empty"
scripts/extract-recipes.sh "$work/recipes"
# The time of a download says nothing about the packages, so everything is here before the measurement.
"$python" -m pip download -q --only-binary :all: -d "$work/wheels" "pytest<10"
cp "$wheels"/upscope-*.whl "$wheels"/upscope_sandbox-*.whl "$work/wheels"

begun=$(date +%s)
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install -q --no-index --find-links "$work/wheels" "upscope[testing]"
cd "$work/recipes/pytest"
# Neither Cargo nor a sandbox is on the PATH, not even the programs of the environment.
PATH=$work/empty "$work/venv/bin/python" -m pytest -q -p no:cacheprovider
seconds=$(($(date +%s) - begun))
echo "test-sandbox-wheel.sh: from an empty environment to a passed test in $seconds s"
[ "$seconds" -le "$limit" ] || {
    echo "test-sandbox-wheel.sh: that is more than $limit s" >&2
    exit 1
}
