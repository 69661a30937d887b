#!/bin/sh
# Builds the API reference of the package as HTML: docs.sh FOLDER. Creates its own virtual environment.
#
# VENV: the virtual environment (target/python-docs-venv). PYTHON: the interpreter that creates it (python3).
set -eu
folder=${1:?usage: docs.sh FOLDER}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
VENV=${VENV:-$root/target/python-docs-venv}
export VENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
./test.sh --build
"$VENV/bin/pip" install -q "$(grep -o '^pdoc==[0-9.]*' requirements-more.txt)"
"$VENV/bin/python" -W ignore docs.py "$folder"
echo "$folder/index.html"
