#!/bin/sh
# Runs the small programs of tests/programs and the examples as whole processes, under load, with every installed
# interpreter, and checks exit status, output and errors: test-programs.sh [RUNS OF EACH PROGRAM (100)].
#
# JOBS: how many to run at once (4). ONLY: the names of the programs to run (all). VENV, UPSCOPE_SANDBOX: as for test.sh.
# UPSCOPE_PYTHONS: the interpreters (those on the PATH and of pyenv). WHEEL: an existing wheel to test.
set -eu
runs=${1:-100}
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
venv=${VENV:-$root/target/python-venv}
UPSCOPE_SANDBOX=${UPSCOPE_SANDBOX:-$target/release/upscope-sandbox}
export UPSCOPE_SANDBOX PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL PYTHONPATH

[ -x "$UPSCOPE_SANDBOX" ] || (cd "$root" && cargo build --release -p upscope-sandbox)
[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
"$venv/bin/python" -c "import pytest" 2> /dev/null || "$venv/bin/pip" install -q "pytest<10"

wheel=${WHEEL:-}
if [ -z "$wheel" ]; then
    wheels=$target/python/wheels
    rm -rf "$wheels"
    CARGO_TARGET_DIR=$target/python "$venv/bin/pip" wheel -q --no-deps -w "$wheels" .
    wheel=$(ls "$wheels"/upscope-*.whl)
fi
# The stable ABI is the same for all interpreters, and so is the folder.
packages=$target/python/packages
rm -rf "$packages"
"$venv/bin/pip" install -q --no-deps --target "$packages" "$wheel"

# One interpreter for each version that the package supports.
interpreters() {
    for python in ${UPSCOPE_PYTHONS-python3.9 python3.10 python3.11 python3.12 python3.13 python3.14 python3.15 \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python python3}; do
        "$python" -c 'import sys; v = sys.version_info[:2]; print(*v, sys.executable) if v >= (3, 9) else 0' \
            2> /dev/null || true
    done | sort -u -k1,1n -k2,2n | cut -d' ' -f3-
}

only=
for name in ${ONLY:-}; do only="$only --only $name"; done
# shellcheck disable=SC2046,SC2086 # a list of names
PYTHONPATH=$packages "$venv/bin/python" -B tests/program_runner.py --load --runs "$runs" --jobs "${JOBS:-4}" $only \
    $(interpreters)
