#!/bin/sh
# What a call costs in Python, beside its peers. Needs the environment that test.sh makes.
set -eu
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
venv=${VENV:-$root/target/python-venv}
[ -x "$venv/bin/python" ] || { echo "bench.sh: run 'make test-python' first" >&2; exit 1; }
exec "$venv/bin/python" bench/bench.py --check "$@"
