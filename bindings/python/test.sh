#!/bin/sh
# Installs the package as a user would, in a virtual environment, and tests it:
# test.sh [--build | --more] [OPTION OF PYTEST...]
#
# Without --more, it runs what `make test` needs: one interpreter and a development build. --build only builds and installs.
# --more runs what `make ci` adds: lints, the checks that need requirements-more.txt, and the tests of the release build
# with every other interpreter.
#
# VENV: the virtual environment (target/python-venv). PYTHON: the interpreter that creates it (python3).
# UPSCOPE_PYTHONS: the other interpreters for --more (those on the PATH).
# UPSCOPE_SANDBOX: the sandbox program (target/release/upscope-sandbox).
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
. scripts/test-lib.sh
cd bindings/python
root=$(cd ../.. && pwd)
venv=${VENV:-$root/target/python-venv}
work=$absolute_target/python
UPSCOPE_SANDBOX=${UPSCOPE_SANDBOX:-$absolute_target/release/upscope-sandbox}
export UPSCOPE_SANDBOX PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
# Keeps the caches of the tools in the checkout. The cache of pyright contains a copy of Node.
export PYRIGHT_PYTHON_CACHE_DIR="$work/pyright" RUFF_CACHE_DIR="$work/ruff" MYPY_CACHE_DIR="$work/mypy"
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL PYTHONPATH
part=test
case ${1:-} in
    --build | --more) part=${1#--} && shift ;;
esac

# install PROFILE TARGET_FOLDER [OPTION OF PIP...]: builds the package with a cargo profile, and installs it.
install() {
    profile=$1 folder=$2
    shift 2
    rm -rf "$work/wheels"
    CARGO_TARGET_DIR=$folder MATURIN_PEP517_ARGS="--profile $profile" \
        "$venv/bin/pip" wheel -q --no-deps "$@" -w "$work/wheels" .
    "$venv/bin/pip" install -q --force-reinstall --no-deps "$work/wheels"/upscope-*.whl
}

# tests PYTHON [OPTION...]: runs the tests, and records what they skip.
tests() {
    python=$1
    shift
    rm -f "$work/passed"
    { "$python" -m pytest -q -p no:cacheprovider "$@" && : > "$work/passed"; } | tee "$work/pytest.log"
    sed -n 's/^SKIPPED \[[0-9]*\] \([^ ]*\): \(.*\)$/python \1: \2/p' "$work/pytest.log" | sort -u >> "$UPSCOPE_SKIPPED"
    [ -f "$work/passed" ]
}

conformance() {
    for mode in "" " --async"; do
        (cd "$root" && UPSCOPE_EXECUTOR="$venv/bin/python bindings/python/tests/conformance_executor.py$mode" \
            cargo test -q --test conformance_of)
    done
}

# other_python INTERPRETER: tests the same wheel with another version. The stable ABI is the same for all versions.
other_python() {
    version=$("$1" -c 'import sys; print(*sys.version_info[:2], sep=".")' 2> /dev/null) || return 0
    [ "$version" != "$("$venv/bin/python" -c 'import sys; print(*sys.version_info[:2], sep=".")')" ] || return 0
    echo "== tests with Python $version"
    "$1" -m venv "$venv-$version"
    "$venv-$version/bin/pip" install -q "pytest<10" pytest-timeout
    "$venv-$version/bin/pip" install -q --force-reinstall --no-deps "$work/wheels"/upscope-*.whl
    tests "$venv-$version/bin/python"
    tested="$tested $version"
}

mkdir -p "$work"
[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"

if [ "$part" != more ]; then
    "$venv/bin/pip" install -q -r requirements-test.txt
    echo "== build and install"
    # Shares the target folder and so the dependencies of the library's tests, and uses the installed maturin.
    PATH=$venv/bin:$PATH install dev "$absolute_target" --no-build-isolation
    [ "$part" != build ] || exit 0
fi
[ -x "$UPSCOPE_SANDBOX" ] || (cd "$root" && cargo build --release -p upscope-sandbox)
if [ "$part" = test ]; then
    echo "== sources"
    if cargo fmt --version > /dev/null 2>&1; then
        cargo fmt --check
    else
        skip "format of the Python module's sources" rustfmt
    fi
    "$venv/bin/ruff" check -q .
    "$venv/bin/ruff" format -q --check .
    "$venv/bin/mypy" -p upscope
    "$venv/bin/mypy" tests/*.py
    echo "== tests"
    tests "$venv/bin/python" "$@"
    echo "== conformance vectors"
    conformance
    skip "python: other interpreters, clippy, pyright, the reference" "make ci"
else
    "$venv/bin/pip" install -q -r requirements-more.txt
    echo "== build and install"
    # A separate folder, because the flags differ from those of the library.
    install release "$work"
    echo "== sources"
    CARGO_TARGET_DIR=$work cargo clippy -q --locked -- -D warnings
    "$venv/bin/mypy" docs.py bench/*.py
    echo "== tests that need more"
    tests "$venv/bin/python" tests/test_typing.py tests/test_documentation.py tests/test_sessions_table.py \
        tests/test_testing.py tests/test_runtime_types.py tests/test_pydantic.py tests/test_celery.py \
        tests/test_frameworks.py tests/test_history.py tests/test_history_model.py tests/test_history_kills.py "$@"
    tested=
    for python in ${UPSCOPE_PYTHONS-python3.9 python3.10 python3.11 python3.12 python3.13 python3.14 python3.15}; do
        if command -v "$python" > /dev/null; then other_python "$python"; fi
    done
    [ -n "$tested" ] || skip "python: other interpreters" "one of Python 3.9 to 3.15 besides the first"
    echo "== from an empty environment to a test with the sandbox, from the wheels alone, without a Rust toolchain"
    # The target folder of `make build`, which has the sandbox.
    CARGO_TARGET_DIR=$absolute_target "$venv/bin/pip" wheel -q --no-deps -w "$work/wheels" ./sandbox
    PYTHON=$venv/bin/python ./test-sandbox-wheel.sh "$work/wheels"
    if "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        echo "== FastAPI application, from the wheels alone, without a Rust toolchain"
        PYTHON=$venv/bin/python ./test-fastapi-app.sh "$work/wheels"
    else
        skip "python: FastAPI application" "Python 3.11"
    fi
fi
print_skipped python
