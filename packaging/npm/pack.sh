#!/bin/sh
# Builds the npm package of the sandbox in DIST (target/npm-dist), with one program for one system: pack.sh [PROGRAM]
#
# PROGRAM: target/release/upscope-sandbox of this system. `make npm` takes the one of the Python wheel, which runs with any
# glibc since 2.17.
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh

program=${1:-$target/release/upscope-sandbox}
dist=${DIST:-$absolute_target/npm-dist}
stage=$absolute_target/npm-package
[ -f "$program" ] || {
    echo "pack.sh: $program does not exist: run \`make build\`" >&2
    exit 1
}
need npm npm

rm -rf "$stage"
mkdir -p "$stage/program" "$dist"
cp packaging/npm/*.js packaging/npm/*.d.ts packaging/npm/README.md LICENSE-* "$stage"
install -m 755 "$program" "$stage/program/$(basename "$program")"
node - packaging/npm/package.json "$(version)" > "$stage/package.json" << 'END'
const [file, version] = process.argv.slice(2);
const { platform, arch } = process;
const description = { ...JSON.parse(require('fs').readFileSync(file)), version, os: [platform], cpu: [arch] };
// The program of another C library does not run.
if (platform === 'linux') description.libc = [process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl'];
console.log(JSON.stringify(description, null, 2));
END
cd "$stage"
rm -f "$dist"/upscope-sandbox-*.tgz
npm pack --silent --offline --pack-destination "$dist"
