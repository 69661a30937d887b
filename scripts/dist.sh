#!/bin/sh
# What a release consists of, in target/dist: the sources, the library as it is installed on this system, the list of
# its components, and the checksums of all. The same commit gives the same bytes.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/reproducible.sh

version=$(version)
host=$(rustc -vV | sed -n 's/^host: //p')
sources=libupscope-$version
binaries=libupscope-$version-$host
out=$(pwd)/target/dist
stage=$out/stage

if ! git diff-index --quiet HEAD --; then echo "dist: what is not committed is not in $sources.tar.gz" >&2; fi
# The commit's time for everything that is dated.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
rm -rf "$out"
mkdir -p "$stage/$binaries"

# pack NAME: in one order, with one owner and one time.
pack() {
    tar -C "$stage" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -cf - "$1" |
        gzip -9n > "$out/$1.tar.gz"
}

git archive --prefix="$sources/" HEAD | tar -C "$stage" -xf -
pack "$sources"

scripts/sbom.py > "$out/$sources.cdx.json"

# Of its own, as it is built with other flags.
cargo build --release --locked -p libupscope --target-dir "$target/dist-build"
# Installed below a name that nothing may hold: the archive is unpacked anywhere.
prefix=/upscope-prefix
BUILT=$target/dist-build/release DESTDIR=$stage/$binaries.root PREFIX=$prefix LIBDIR=$prefix/lib \
    INCLUDEDIR=$prefix/include scripts/install.sh > /dev/null
mv "$stage/$binaries.root$prefix"/* "$stage/$binaries"
cp README.md CHANGELOG.md SECURITY.md LICENSE-* "$out/$sources.cdx.json" "$stage/$binaries"
if grep -rIl "$prefix" "$stage/$binaries"; then
    echo "dist: these name a place that is not there" >&2
    exit 1
fi
pack "$binaries"
rm -rf "$stage"

cd "$out"
sums() { if command -v sha256sum > /dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }
sums "$sources.tar.gz" "$binaries.tar.gz" "$sources.cdx.json" > SHA256SUMS
cat SHA256SUMS
