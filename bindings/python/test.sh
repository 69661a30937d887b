#!/bin/sh
# Installs the package as its users do, into a virtual environment, and runs all that tests it.
#
# VENV: where the environment is (target/python-venv). PYTHON: the interpreter it is made from (python3).
# UPSCOPE_PYTHONS: further interpreters that run the tests of behaviour; those on the PATH when not set.
# UPSCOPE_SANDBOX: the sandbox program; target/release/upscope-sandbox when not set.
set -eu
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
venv=${VENV:-$root/target/python-venv}
UPSCOPE_SANDBOX=${UPSCOPE_SANDBOX:-$target/release/upscope-sandbox}
export UPSCOPE_SANDBOX PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL PYTHONPATH

[ -x "$UPSCOPE_SANDBOX" ] || (cd "$root" && cargo build --release -p upscope-sandbox)
[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
"$venv/bin/pip" install -q -r requirements-test.txt

echo "== build and install"
# A folder of its own: the flags differ from those of the library.
wheels=$target/python/wheels
rm -rf "$wheels"
CARGO_TARGET_DIR=$target/python "$venv/bin/pip" wheel -q --no-deps -w "$wheels" .
"$venv/bin/pip" install -q --force-reinstall --no-deps "$wheels"/upscope-*.whl

echo "== sources"
cargo fmt --check
CARGO_TARGET_DIR=$target/python cargo clippy -q --locked -- -D warnings
"$venv/bin/ruff" check -q .
"$venv/bin/ruff" format -q --check .
"$venv/bin/mypy" -p upscope
"$venv/bin/mypy" tests/*.py docs.py bench/*.py

echo "== tests"
"$venv/bin/python" -m pytest -q "$@"

echo "== conformance vectors"
for mode in "" " --async"; do
    (cd "$root" && UPSCOPE_EXECUTOR="$venv/bin/python bindings/python/tests/conformance_executor.py$mode" \
        cargo test -q --test conformance_of)
done

# other_python INTERPRETER: the same wheel, for the stable ABI is one for all.
other_python() {
    version=$("$1" -c 'import sys; print(*sys.version_info[:2], sep=".")' 2> /dev/null) || return 0
    [ "$version" != "$("$venv/bin/python" -c 'import sys; print(*sys.version_info[:2], sep=".")')" ] || return 0
    echo "== tests with Python $version"
    "$1" -m venv "$venv-$version"
    "$venv-$version/bin/pip" install -q "pytest<10" pytest-timeout
    "$venv-$version/bin/pip" install -q --force-reinstall --no-deps "$wheels"/upscope-*.whl
    "$venv-$version/bin/python" -m pytest -q -p no:cacheprovider
}

for python in ${UPSCOPE_PYTHONS-python3.9 python3.10 python3.11 python3.12 python3.13 python3.14 python3.15}; do
    if command -v "$python" > /dev/null; then other_python "$python"; fi
done
