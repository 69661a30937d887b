#!/bin/sh
# Tests the binding for C# with Mono: its own tests with a sandbox, the conformance vectors, and the package.
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
need mono mono-runtime
# For the tests only. The binding needs only mscorlib.
[ -e "$(dirname "$(command -v mono)")/../lib/mono/4.5/System.Core.dll" ] || need System.Core.dll libmono-system-core4.0-cil

work=$(pwd)/target/csharp
mkdir -p "$work/bin"
library=$(cd "$(dirname "$shared_library")" && pwd)/$(basename "$shared_library")
# The search path of the dynamic loader.
LD_LIBRARY_PATH=$(dirname "$library")${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
DYLD_LIBRARY_PATH=$LD_LIBRARY_PATH
export LD_LIBRARY_PATH DYLD_LIBRARY_PATH

build() {
    bindings/csharp/build.sh "$work/bin"
    for program in BindingTests ConformanceExecutor; do
        mcs -nologo -out:"$work/bin/$program.exe" -warn:4 -warnaserror -r:"$work/bin/Upscope.Client.dll" \
            "bindings/csharp/tests/$program.cs"
        # For .NET Core.
        cat > "$work/bin/$program.runtimeconfig.json" << END
{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"},
                    "configProperties": {"System.Globalization.Invariant": true}}}
END
    done
}

# vectors RUNTIME...: what runs the program.
vectors() {
    for mode in "" " --async"; do
        UPSCOPE_EXECUTOR="$* $work/bin/ConformanceExecutor.exe$mode" with_timeout 300 cargo test -q --test conformance_of
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
    scripts/with-sandbox --limit 120 "$runtime/dotnetcore2/bin/dotnet" exec "$work/bin/BindingTests.exe"
    [ "${VECTORS:-}" = none ] || vectors "$runtime/dotnetcore2/bin/dotnet" exec
}

# The binding loads the DLL from the folder x64.
on_windows() {
    dotnet_for win_amd64
    mkdir -p "$work/bin/x64"
    cp "$dlls/x86_64/upscope.dll" "$work/bin/x64"
    scripts/with-sandbox --limit 200 scripts/wine.sh x86_64 "$runtime/dotnetcore2/bin/dotnet.exe" exec \
        "$work/bin/BindingTests.exe"
    [ "${VECTORS:-}" = none ] || vectors scripts/wine.sh x86_64 "$runtime/dotnetcore2/bin/dotnet.exe" exec
}

# If the library is missing, the message says what to do.
missing_library() {
    LD_LIBRARY_PATH= with_timeout 30 mono "$work/bin/BindingTests.exe" > "$work/missing.txt" 2>&1 && return 1
    grep -q "upscope library was not found: put upscope.dll" "$work/missing.txt"
}

# pack.sh checks the package. A copy with a missing file must fail the check.
package() {
    bindings/csharp/pack.sh "$work"
    rm -rf "$work/incomplete"
    cp -r "$work/package" "$work/incomplete"
    rm "$work/incomplete/build/net40/libupscope.targets"
    mkdir -p "$work/incomplete-package"
    not python3 bindings/csharp/package/nupkg.py "$work/incomplete" "$work/incomplete-package/libupscope.$(version).nupkg" \
        > /dev/null 2> "$work/incomplete.log"
    grep -q 'the .targets file is not named by the id' "$work/incomplete.log"
}

run_test build build
run_test binding scripts/with-sandbox --limit 120 mono "$work/bin/BindingTests.exe"
run_test "missing library" missing_library
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
finish_tests csharp
