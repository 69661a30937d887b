#!/bin/sh
# Builds a release in target/dist: the sources, the library for this system, the list of its components, and checksums.
# The same commit gives the same bytes.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

version=$(version)
host=$(rustc -vV | sed -n 's/^host: //p')
sources=libupscope-$version
binaries=libupscope-$version-$host
out=$(pwd)/target/dist
stage=$out/stage

if ! git diff-index --quiet HEAD --; then echo "dist: $sources.tar.gz does not contain uncommitted changes" >&2; fi
# All dates are that of the commit.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
rm -rf "$out"
mkdir -p "$stage/$binaries"

# pack NAME: writes a tar file with fixed order, owner and time.
pack() {
    tar -C "$stage" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner -cf - "$1" |
        gzip -9n > "$out/$1.tar.gz"
}

git archive --prefix="$sources/" HEAD | tar -C "$stage" -xf -
pack "$sources"

scripts/sbom.py > "$out/$sources.cdx.json"

# A separate target directory, because the flags differ.
omit_build_paths
cargo build --release --locked -p libupscope -p upscope-sandbox --target-dir "$target/dist-build"
# The archive may be unpacked anywhere, so none of its files may contain this prefix.
prefix=/upscope-prefix
BUILT=$target/dist-build/release DESTDIR=$stage/$binaries.root PREFIX=$prefix LIBDIR=$prefix/lib \
    INCLUDEDIR=$prefix/include BINDIR=$prefix/bin DOCDIR=$prefix/share/doc/libupscope scripts/install.sh > /dev/null
mv "$stage/$binaries.root$prefix"/* "$stage/$binaries"
cp README.md CHANGELOG.md SECURITY.md LICENSE-* "$out/$sources.cdx.json" "$stage/$binaries"
if grep -rIl "$prefix" "$stage/$binaries"; then
    echo "dist: the files above contain the temporary prefix $prefix" >&2
    exit 1
fi
if [ "$(uname -s)" = Linux ]; then
    nm -D --defined-only "$stage/$binaries/lib/libupscope.so" | while read -r _ _ name; do
        grep -q "elf-symbol name='$name'" tests/abi/libupscope.abi ||
            echo "dist: $name is not in the recorded ABI: run make record-abi" >&2
    done
fi
pack "$binaries"
rm -rf "$stage"

cd "$out"
sums() { if command -v sha256sum > /dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }
sums "$sources.tar.gz" "$binaries.tar.gz" "$sources.cdx.json" > SHA256SUMS
cat SHA256SUMS
