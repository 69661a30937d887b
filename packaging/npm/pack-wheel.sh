#!/bin/sh
# Builds the npm package of the sandbox with the program in the wheel of the sandbox, which runs with any glibc since 2.17.
# WHEELS: the folder with the wheel (target/python-dist). DIST: see pack.sh.
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh

wheel=$(echo "${WHEELS:-target/python-dist}"/upscope_sandbox-*.whl)
unpacked=$absolute_target/npm-program
rm -rf "$unpacked"
python3 -m zipfile -e "$wheel" "$unpacked"
packaging/npm/pack.sh "$(echo "$unpacked"/upscope_sandbox-*.data/scripts/upscope-sandbox*)"
