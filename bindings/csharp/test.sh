#!/bin/sh
# Tests the binding for C# with Mono: its own tests with a sandbox, for the assembly of each framework, the conformance
# vectors, and the package. The tests with NuGet 2.8 need Debian's package nuget.
# --core: also on .NET Core. --windows: also on .NET Core for 64-bit Windows, under Wine, with the DLL in UPSCOPE_DLLS
# (default: target/windows). These runtimes come from a Python package, which is downloaded into target/csharp.
# UPSCOPE_SANDBOX: the sandbox program (default: target/release/upscope-sandbox). VECTORS=none: without the vectors.
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
. scripts/test-lib.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL

core=no windows=no dlls=${UPSCOPE_DLLS:-target/windows}
for argument; do
    case $argument in
        --core) core=yes ;;
        --windows) windows=yes ;;
        *) echo "usage: test.sh [--core] [--windows]" >&2; exit 2 ;;
    esac
done

need mcs mono-mcs
need sn mono-devel
mono_libraries=$(dirname "$(command -v mono)")/../lib/mono

work=$(pwd)/target/csharp
mkdir -p "$work/bin"
library=$(cd "$(dirname "$shared_library")" && pwd)/$(basename "$shared_library")
# The search path of the dynamic loader.
LD_LIBRARY_PATH=$(dirname "$library")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
DYLD_LIBRARY_PATH=$LD_LIBRARY_PATH
export LD_LIBRARY_PATH DYLD_LIBRARY_PATH

# compile_test FRAMEWORK PROGRAM [OPTION...]
compile_test() {
    folder=$work/bin/$1 program=$2
    shift 2
    mcs -nologo -out:"$folder/$program.exe" -warn:4 -warnaserror -r:"$folder/Upscope.Client.dll" "$@" \
        "bindings/csharp/tests/$program.cs"
    # For .NET Core.
    cat > "$folder/$program.runtimeconfig.json" << END
{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"},
                    "configProperties": {"System.Globalization.Invariant": true}}}
END
}

build() {
    for framework in net40 netstandard2.0 netstandard2.1; do
        bindings/csharp/build.sh "$work/bin/$framework" "$framework"
        standard=
        [ $framework = net40 ] || standard=-r:$mono_libraries/4.5/Facades/netstandard.dll
        for program in BindingTests ConformanceExecutor; do
            # shellcheck disable=SC2086 # No option for net40.
            compile_test $framework $program $standard
        done
    done
    compile_test netstandard2.1 SessionStreamTests "$standard" -debug+
    # Like the assembly, it must find IAsyncEnumerable in netstandard, also on .NET Core.
    program=$work/bin/netstandard2.1/SessionStreamTests.exe
    mono "$work/FinishAssembly.exe" "$program" bindings/csharp/Upscope.snk . "$program.finished" 2.1.0.0
    mv "$program.finished" "$program"
    rm "$program.mdb"
}

# binding RUNTIME...: what runs the program. The test programs of each framework.
binding() {
    scripts/with-sandbox --limit 120 "$@" "$work/bin/$framework/BindingTests.exe"
    [ "$framework" != netstandard2.1 ] ||
        scripts/with-sandbox --limit 120 "$@" "$work/bin/$framework/SessionStreamTests.exe"
}

# The signature is valid, and a changed byte of the code makes it invalid.
strong_name() {
    for framework in net40 netstandard2.0 netstandard2.1; do
        sn -q -v "$work/bin/$framework/Upscope.Client.dll"
    done
    python3 - "$work/bin/net40/Upscope.Client.dll" "$work/changed.dll" << 'END'
import pathlib, sys

data = bytearray(pathlib.Path(sys.argv[1]).read_bytes())
data[0x300] ^= 1
pathlib.Path(sys.argv[2]).write_bytes(data)
END
    not sn -q -v "$work/changed.dll" > "$work/changed.log"
    grep -q 'not strongnamed' "$work/changed.log"
}

# vectors RUNTIME...: what runs the program.
vectors() {
    for mode in "" " --async"; do
        UPSCOPE_EXECUTOR="$* $work/bin/$framework/ConformanceExecutor.exe$mode" with_timeout 300 cargo test -q --test conformance_of
    done
}

# dotnet_for PLATFORM: .NET Core 3.1, whose last version this Python package has.
dotnet_for() {
    runtime=$work/dotnet-$1
    [ ! -f "$runtime/complete" ] || return 0
    [ -x "$tools/bin/pip" ] || python3 -m venv "$tools" > /dev/null
    echo "fetching .NET Core for $1"
    rm -rf "$runtime"
    with_timeout 300 "$tools/bin/pip" download -q --no-input --disable-pip-version-check --no-deps --platform "$1" \
        --only-binary=:all: -d "$runtime" dotnetcore2==3.1.23 < /dev/null
    python3 -m zipfile -e "$runtime"/*.whl "$runtime"
    rm "$runtime"/*.whl
    chmod +x "$runtime"/dotnetcore2/bin/dotnet*
    : > "$runtime/complete"
}

on_core() {
    dotnet_for manylinux1_x86_64
    for framework in netstandard2.1 netstandard2.0; do binding "$runtime/dotnetcore2/bin/dotnet" exec; done
    [ "${VECTORS:-}" = none ] || vectors "$runtime/dotnetcore2/bin/dotnet" exec
}

# The binding loads the DLL from the folder x64.
on_windows() {
    dotnet_for win_amd64
    framework=netstandard2.0
    mkdir -p "$work/bin/$framework/x64"
    cp "$dlls/x86_64/upscope.dll" "$work/bin/$framework/x64"
    scripts/with-sandbox --limit 200 scripts/wine.sh x86_64 "$runtime/dotnetcore2/bin/dotnet.exe" exec \
        "$work/bin/$framework/BindingTests.exe"
    [ "${VECTORS:-}" = none ] || vectors scripts/wine.sh x86_64 "$runtime/dotnetcore2/bin/dotnet.exe" exec
}

# If the library is missing, the message says what to do.
missing_library() {
    LD_LIBRARY_PATH= with_timeout 30 mono "$work/bin/net40/BindingTests.exe" > "$work/missing.txt" 2>&1 && return 1
    grep -q "upscope library was not found: put upscope.dll" "$work/missing.txt"
}

# planted NAME MESSAGE: a copy of the package's files, changed by plant_NAME, must fail the check with the message.
planted() {
    stage=$work/planted/$1
    rm -rf "$stage" "$stage-package"
    mkdir -p "$work/planted" "$stage-package"
    cp -r "$work/package" "$stage"
    "plant_$1"
    not python3 bindings/csharp/package/nupkg.py "$stage" "$stage-package/libupscope.$(version).nupkg" \
        > /dev/null 2> "$stage.log"
    grep -qF "$2" "$stage.log" || { cat "$stage.log"; return 1; }
}

plant_targets() { rm "$stage/buildTransitive/net40/libupscope.targets"; }
plant_client() { sed -i.bak 's/<metadata>/<metadata minClientVersion="2.12">/' "$stage/libupscope.nuspec"; rm "$stage"/*.bak; }
plant_element() { sed -i.bak 's|</metadata>|<license>MIT</license></metadata>|' "$stage/libupscope.nuspec"; rm "$stage"/*.bak; }
plant_symbols() { echo none > "$stage/lib/net40/Upscope.Client.pdb"; }

package() {
    bindings/csharp/pack.sh "$work"
    planted targets 'buildTransitive: the .targets file is not named by the id'
    planted client 'the attribute minClientVersion, which old clients refuse'
    planted element 'the element license, which NuGet 2.8 does not know'
    planted symbols 'lib/net40/Upscope.Client.pdb is not a portable .pdb file'
}

# install_package SOURCE OUTPUT: from a folder, with NuGet 2.8, which keeps its settings in HOME.
install_package() {
    rm -rf "$2"
    HOME=$work/nuget-home with_timeout 60 nuget install libupscope -Prerelease -NonInteractive -Source "$1" -OutputDirectory "$2"
}

old_nuget() {
    mkdir -p "$work/feed" "$work/nuget-home"
    rm -f "$work/feed"/*
    cp "$work/libupscope.$(version).nupkg" "$work/feed"
    install_package "$work/feed" "$work/installed" > "$work/nuget.log" || { cat "$work/nuget.log"; return 1; }
    cmp "$work/installed/libupscope.$(version)/lib/net40/Upscope.Client.dll" "$work/package/lib/net40/Upscope.Client.dll"
    # This client refuses a package for a later one.
    not install_package "$work/planted/client-package" "$work/refused" > "$work/nuget.log" 2>&1
    grep -q "requires NuGet client version '2.12'" "$work/nuget.log"

    # What a project for .NET Framework 4.0 gets.
    mcs -nologo -out:"$work/OldNuGet.exe" -warn:4 -warnaserror -r:"$nuget_libraries/NuGet.Core.dll" bindings/csharp/tests/OldNuGet.cs
    MONO_PATH=$nuget_libraries with_timeout 60 mono "$work/OldNuGet.exe" "$work/feed/libupscope.$(version).nupkg" > "$work/selected"
    cat > "$work/expected" << 'END'
needs client any
reference lib/net40/Upscope.Client.dll
import build/net40/libupscope.targets
dependencies 0
END
    sed 1d "$work/selected" | diff "$work/expected" -
    sed -n 1p "$work/selected" | grep -q '^client 2\.8\.'
}

# A program with a project file of the year 2010 gets the assembly and both native libraries, directly and through
# buildTransitive.
net40_program() {
    for import in build buildTransitive; do
        folder=$work/net40_program/$import
        rm -rf "$folder"
        mkdir -p "$folder"
        cp -r "$work/package" "$folder/package"
        for machine in x86 x64; do
            mkdir -p "$folder/package/runtimes/win-$machine/native"
            # Only copied, not loaded.
            echo "$machine" > "$folder/package/runtimes/win-$machine/native/upscope.dll"
        done
        with_timeout 120 xbuild /nologo /v:q "/p:Package=$folder/package" "/p:Import=$import" "/p:OutputPath=$folder/out/" \
            "/p:BaseIntermediateOutputPath=$folder/obj/" bindings/csharp/tests/net40_program/Program.csproj > "$folder/log" 2>&1 ||
            { cat "$folder/log"; return 1; }
        for machine in x86 x64; do
            cmp "$folder/out/$machine/upscope.dll" "$folder/package/runtimes/win-$machine/native/upscope.dll"
        done
        [ "$(with_timeout 30 mono "$folder/out/Program.exe")" = 1234 ]
    done
}

run_test build build
for framework in net40 netstandard2.0 netstandard2.1; do
    # --debug: stack traces have lines.
    run_test "binding $framework" binding mono --debug
done
run_test "strong name" strong_name
run_test "missing library" missing_library
framework=net40
[ "${VECTORS:-}" = none ] || run_test vectors vectors mono
[ "$core" = no ] || run_test ".NET Core" on_core
if [ "$windows" = yes ]; then
    if [ ! -f "$dlls/x86_64/upscope.dll" ]; then
        echo "$dlls/x86_64/upscope.dll does not exist: run make windows" >&2
        exit 1
    fi
    run_test ".NET Core for Windows" on_windows
fi
run_test package package
nuget_libraries=$(dirname "$(command -v nuget || echo /)")/../lib/nuget
if [ -f "$nuget_libraries/NuGet.Core.dll" ]; then run_test "NuGet 2.8" old_nuget; else skip "NuGet 2.8" nuget; fi
if command -v xbuild > /dev/null; then run_test "a .NET 4.0 program" net40_program; else skip "a .NET 4.0 program" mono-xbuild; fi
finish_tests csharp
