#!/bin/sh
# Compiles the binding with Mono's compiler into Upscope.Client.dll. Usage: build.sh FOLDER [FRAMEWORK]
# FRAMEWORK: net40, netstandard2.0 or netstandard2.1, as in the package, with symbols. Without it: net40 without symbols,
# which needs only mono-mcs. `dotnet build` does not need this script.
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
out=$1
framework=${2:-}
mkdir -p "$out"

need mcs mono-mcs
version=$(version)
# Assembly versions have no suffix.
version=${version%%-*}
cat > "$out/AssemblyVersion.cs" << END
[assembly: System.Reflection.AssemblyTitle("Upscope.Client")]
[assembly: System.Reflection.AssemblyProduct("libupscope")]
[assembly: System.Reflection.AssemblyVersion("$version")]
[assembly: System.Reflection.AssemblyFileVersion("$version")]
END

# compile_binding ASSEMBLY OPTION...
compile_binding() {
    assembly=$1
    shift
    mcs -nologo -target:library -out:"$assembly" -doc:"$out/Upscope.Client.xml" -unsafe -optimize \
        -keyfile:bindings/csharp/Upscope.snk -warn:4 -warnaserror -noconfig "$@" \
        bindings/csharp/src/*.cs "$out/AssemblyVersion.cs"
}

case $framework in
    '') compile_binding "$out/Upscope.Client.dll" -langversion:4 -debug-; exit ;;
    net40 | netstandard2.0) options=-langversion:4 ;;
    netstandard2.1) options='-langversion:7 -define:NETSTANDARD2_1' ;;
    *) echo "build.sh: $framework is not net40, netstandard2.0 or netstandard2.1" >&2; exit 2 ;;
esac

need sn mono-devel
mono_libraries=$(dirname "$(command -v mono)")/../lib/mono
if [ "$framework" = net40 ] && [ -d "$mono_libraries/4.0-api" ]; then
    # Only what .NET Framework 4.0 has.
    options="$options -nostdlib -r:$mono_libraries/4.0-api/mscorlib.dll"
fi
finish=$(pwd)/target/csharp/FinishAssembly.exe
if [ ! -f "$finish" ] || [ bindings/csharp/package/FinishAssembly.cs -nt "$finish" ]; then
    mkdir -p target/csharp
    mcs -nologo -out:"$finish" -warn:4 -warnaserror -r:"$(echo "$mono_libraries"/gac/Mono.Cecil/0.11*/Mono.Cecil.dll)" \
        -r:Mono.CompilerServices.SymbolWriter.dll bindings/csharp/package/FinishAssembly.cs
fi
mkdir -p "$out/unfinished"
# shellcheck disable=SC2086 # Several options.
compile_binding "$out/unfinished/Upscope.Client.dll" $options -debug+
set -- "$out/unfinished/Upscope.Client.dll" bindings/csharp/Upscope.snk . "$out/Upscope.Client.dll"
case $framework in
    netstandard*) set -- "$@" "${framework#netstandard}.0.0" ;;
esac
mono "$finish" "$@"
