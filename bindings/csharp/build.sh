#!/bin/sh
# Compiles the binding with Mono's compiler into Upscope.Client.dll. Usage: build.sh FOLDER
# `dotnet build` does not need this script.
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
out=$1
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
mcs -nologo -target:library -out:"$out/Upscope.Client.dll" -doc:"$out/Upscope.Client.xml" -langversion:4 -unsafe \
    -optimize -debug- -warn:4 -warnaserror -noconfig bindings/csharp/src/*.cs "$out/AssemblyVersion.cs"
