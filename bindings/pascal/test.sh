#!/bin/sh
# Tests the units for Pascal on this system: their own tests with a sandbox, the conformance vectors, and the packages for
# Lazarus and Delphi. --windows: also as Win32 and Win64 programs under Wine, with the DLLs in UPSCOPE_DLLS (default:
# target/windows).
# UPSCOPE_SANDBOX: the sandbox program (default: target/release/upscope-sandbox). VECTORS=none: without the vectors.
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
. scripts/test-lib.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL

windows= dlls=${UPSCOPE_DLLS:-target/windows}
case ${1:-} in
    --windows) windows="i686 x86_64" ;;
    '') ;;
    *) echo "usage: test.sh [--windows]" >&2; exit 2 ;;
esac

need fpc fp-compiler
work=$(pwd)/target/pascal
native=$work/native
mkdir -p "$native"
# The search path of the dynamic loader.
LD_LIBRARY_PATH=$(cd "$(dirname "$shared_library")" && pwd)${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
DYLD_LIBRARY_PATH=$LD_LIBRARY_PATH
export LD_LIBRARY_PATH DYLD_LIBRARY_PATH

# pascal FOLDER COMPILER...: compiles both programs with all checks. Warnings are errors.
pascal() {
    folder=$1
    shift
    mkdir -p "$folder"
    for program in binding_tests conformance_executor; do
        "$@" -B -O2 -Cr -Co -vw -Sew -Fubindings/pascal -FU"$folder" -FE"$folder" \
            "bindings/pascal/tests/$program.pas" > "$folder/fpc.log" 2>&1 || {
            grep -E 'Error|Fatal|Warning' "$folder/fpc.log"
            return 1
        }
    done
}

# The tests leave no memory allocated, also in the handlers that threads of the library call.
memory() {
    mkdir -p "$work/memory"
    fpc -B -O2 -v0 -gl -gh -Fubindings/pascal -FU"$work/memory" -FE"$work/memory" bindings/pascal/tests/binding_tests.pas > /dev/null
    rm -f "$work/memory/heap.log"
    HEAPTRC="log=$work/memory/heap.log" scripts/with-sandbox --limit 100 "$work/memory/binding_tests" bindings/pascal/upscope.pas
    grep -q '^0 unfreed memory blocks' "$work/memory/heap.log"
}

# Both packages have exactly the units of this folder, and the version of the library.
package_units() {
    units=$(cd bindings/pascal && ls -- *.pas)
    delphi=$(sed -n "/^contains/,/;/s/^  \([a-z]*\) in '\1\.pas'[,;]\$/\1.pas/p" bindings/pascal/libupscope.dpk)
    lazarus=$(sed -n 's/^ *<Filename Value="\(.*\)"\/>$/\1/p' bindings/pascal/libupscope.lpk)
    [ "$delphi" = "$units" ] || { echo "libupscope.dpk contains $delphi, but the units are $units"; return 1; }
    [ "$lazarus" = "$units" ] || { echo "libupscope.lpk has the files $lazarus, but the units are $units"; return 1; }
    parts='Major="\([0-9]*\)" Minor="\([0-9]*\)" Release="\([0-9]*\)"'
    of_lazarus=$(sed -n "s/^ *<Version $parts\/>\$/\1.\2.\3/p" bindings/pascal/libupscope.lpk)
    [ "$of_lazarus" = "$(version | sed 's/-.*//')" ] || {
        echo "libupscope.lpk has the version $of_lazarus, Cargo.toml has $(version)"
        return 1
    }
}

# Free Pascal has no packages on this system. It compiles the package for Delphi as a program with the same units.
delphi_package() {
    rm -rf "$work/delphi"
    mkdir -p "$work/delphi"
    cp bindings/pascal/*.pas "$work/delphi"
    sed -e 's/^package /program /' -e '/^{\$DESCRIPTION/d' -e '/^requires$/,/;$/d' -e 's/^contains$/uses/' \
        -e 's/^end\.$/begin\nend./' bindings/pascal/libupscope.dpk > "$work/delphi/libupscope.dpr"
    # Only the option selects Delphi's language.
    sed -i 's/{\$IFDEF FPC}{\$MODE DELPHI}{\$ENDIF}//' "$work/delphi"/*.pas
    fpc -Mdelphi -B -vw -Sew -FU"$work/delphi" -FE"$work/delphi" "$work/delphi/libupscope.dpr" > "$work/delphi/fpc.log" 2>&1 || {
        grep -E 'Error|Fatal|Warning' "$work/delphi/fpc.log"
        return 1
    }
}

# lazbuild builds a copy of the package, because Lazarus writes a unit next to it, and a project that requires it.
lazarus_package() {
    lazarus=$work/lazarus
    rm -rf "$lazarus"
    mkdir -p "$lazarus/package"
    cp -r bindings/pascal/*.pas bindings/pascal/libupscope.lpk bindings/pascal/examples "$lazarus/package"
    for arguments in "--build-all $lazarus/package/libupscope.lpk" "--add-package-link $lazarus/package/libupscope.lpk" \
        "--build-all $lazarus/package/examples/visitors.lpi"; do
        # shellcheck disable=SC2086
        with_timeout 120 lazbuild --primary-config-path="$lazarus/configuration" $arguments > "$lazarus/log" 2>&1 || {
            grep -E 'Error|Fatal' "$lazarus/log"
            return 1
        }
    done
    [ "$(scripts/with-sandbox --limit 20 "$lazarus/package/examples/visitors" | wc -l)" -ge 3 ]
    # Without the link, the project must not find the package in another place.
    rm -rf "$lazarus/configuration" "$lazarus/package/examples/visitors"
    not lazbuild --primary-config-path="$lazarus/configuration" --build-all "$lazarus/package/examples/visitors.lpi" > "$lazarus/log" 2>&1
    grep -q libupscope "$lazarus/log"
}

vectors() {
    for mode in "" " --started"; do
        UPSCOPE_EXECUTOR="$1$mode" with_timeout 300 cargo test -q --test conformance_of
    done
}

missing_library() {
    LD_LIBRARY_PATH= with_timeout 60 "$native/binding_tests" --missing
}

# If the unit does not mask floating-point exceptions, a call with all of them enabled must fail.
unmasked_exceptions() {
    mkdir -p "$work/unmasked"
    cp bindings/pascal/upscopejson.pas "$work/unmasked"
    sed 's/^  Result := SetExceptionMask(\[exInvalidOp.*/  Result := GetExceptionMask;/' bindings/pascal/upscope.pas \
        > "$work/unmasked/upscope.pas"
    not cmp -s bindings/pascal/upscope.pas "$work/unmasked/upscope.pas"
    fpc -B -O2 -v0 -Fu"$work/unmasked" -FU"$work/unmasked" -FE"$work/unmasked" bindings/pascal/tests/binding_tests.pas > /dev/null
    not scripts/with-sandbox --limit 60 "$work/unmasked/binding_tests" bindings/pascal/upscope.pas > "$work/unmasked/log"
    grep -q 'with all exceptions on' "$work/unmasked/log"
}

under_wine() {
    machine=$1
    folder=$work/$machine
    # shellcheck disable=SC2046
    pascal "$folder" $(bindings/pascal/cross.sh "$machine")
    cp "$dlls/$machine/upscope.dll" "$folder"
    scripts/with-sandbox --limit 200 scripts/wine.sh "$machine" "$folder/binding_tests.exe" bindings/pascal/upscope.pas
}

# With WideString, as in Delphi 7.
wide_strings() {
    wide=$work/wide
    mkdir -p "$wide"
    cp bindings/pascal/upscope.pas bindings/pascal/tests/lines.pas "$wide"
    sed 's/UpscopeText = UnicodeString;/UpscopeText = WideString;/' bindings/pascal/upscopejson.pas > "$wide/upscopejson.pas"
    cp "$dlls/i686/upscope.dll" "$wide"
    # shellcheck disable=SC2046
    $(bindings/pascal/cross.sh i686) -B -O2 -v0 -Fu"$wide" -FU"$wide" -FE"$wide" bindings/pascal/tests/binding_tests.pas
    scripts/with-sandbox --limit 200 scripts/wine.sh i686 "$wide/binding_tests.exe" bindings/pascal/upscope.pas
}

# Neither a missing DLL nor one of the wrong bitness opens an error dialog.
wrong_dll() {
    lone=$work/lone
    rm -rf "$lone"
    mkdir -p "$lone"
    cp "$work/i686/binding_tests.exe" "$lone"
    with_timeout 60 scripts/wine.sh i686 "$lone/binding_tests.exe" --missing | grep 'was not found'
    cp "$dlls/x86_64/upscope.dll" "$lone"
    with_timeout 60 scripts/wine.sh i686 "$lone/binding_tests.exe" --missing | grep 'not a DLL for a 32-bit program'
}

run_test build pascal "$native" fpc
run_test binding scripts/with-sandbox --limit 60 "$native/binding_tests" bindings/pascal/upscope.pas
run_test "missing library" missing_library
run_test memory memory
run_test "units of the packages" package_units
run_test "Delphi package" delphi_package
# lazbuild does not start without the sources of Lazarus.
if { command -v lazbuild > /dev/null && [ -d /usr/lib/lazarus/default/packager/registration ]; } ||
    install_debian --no-install-recommends lcl-utils lazarus-src; then
    run_test "Lazarus package" lazarus_package
else
    skip "Lazarus package" "lcl-utils and lazarus-src"
fi
run_test "unmasked exceptions" unmasked_exceptions
[ "${VECTORS:-}" = none ] || run_test vectors vectors "$native/conformance_executor"
for machine in $windows; do
    if [ ! -f "$dlls/$machine/upscope.dll" ]; then
        echo "$dlls/$machine/upscope.dll does not exist: run make windows" >&2
        exit 1
    fi
    run_test "binding, $machine" under_wine "$machine"
    [ "${VECTORS:-}" = none ] ||
        run_test "vectors, $machine" vectors "scripts/wine.sh $machine $work/$machine/conformance_executor.exe"
done
if [ -n "$windows" ]; then
    run_test "WideString" wide_strings
    run_test "wrong DLL" wrong_dll
fi
finish_tests pascal
