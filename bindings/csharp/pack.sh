#!/bin/sh
# Creates the NuGet package of the binding with the native libraries that this checkout has built.
# Usage: pack.sh [FOLDER]. The default folder is target/csharp.
# The .NET SDK compiles an assembly for each framework; without it, Mono's compiler does (see build.sh). Each has its symbols,
# which contain the sources, next to it.
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
out=$(mkdir -p "${1:-target/csharp}" && cd "${1:-target/csharp}" && pwd)
stage=$out/package
version=$(version)
rm -rf "$stage"
mkdir -p "$stage"

if command -v dotnet > /dev/null; then
    dotnet build -c Release -nologo -v q -p:Version="$version" bindings/csharp/Upscope.csproj
fi
for framework in net40 netstandard2.0 netstandard2.1; do
    built=bindings/csharp/bin/Release/$framework
    command -v dotnet > /dev/null || {
        built=$out/lib/$framework
        bindings/csharp/build.sh "$built" "$framework"
    }
    mkdir -p "$stage/lib/$framework"
    for extension in dll xml pdb; do cp "$built/Upscope.Client.$extension" "$stage/lib/$framework"; done
done

# native FILE RUNTIME NAME
native() {
    [ -f "$1" ] || { echo "pack.sh: $2 is left out, because $1 does not exist"; return 0; }
    mkdir -p "$stage/runtimes/$2/native"
    cp "$1" "$stage/runtimes/$2/native/$3"
}
native target/windows/i686/upscope.dll win-x86 upscope.dll
native target/windows/x86_64/upscope.dll win-x64 upscope.dll
case $(uname -s)-$(uname -m) in
    Linux-x86_64) native "$target/release/libupscope.so" linux-x64 libupscope.so ;;
    Linux-aarch64) native "$target/release/libupscope.so" linux-arm64 libupscope.so ;;
    Darwin-arm64) native "$target/release/libupscope.dylib" osx-arm64 libupscope.dylib ;;
    Darwin-x86_64) native "$target/release/libupscope.dylib" osx-x64 libupscope.dylib ;;
esac

# buildTransitive is for projects that reference the package through another project or package.
for folder in build buildTransitive; do
    mkdir -p "$stage/$folder/net40"
    cp bindings/csharp/package/libupscope.targets "$stage/$folder/net40"
done
cp bindings/csharp/README.md LICENSE-MIT LICENSE-APACHE "$stage"
sed "s/@VERSION@/$version/" bindings/csharp/package/libupscope.nuspec.in > "$stage/libupscope.nuspec"
python3 bindings/csharp/package/nupkg.py "$stage" "$out/libupscope.$version.nupkg"
