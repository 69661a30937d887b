#!/bin/sh
# Tests the modules for VB6 and VBA, which run only on Windows: compares the Declares with the DLLs, checks the syntax of the
# classes, and calls the DLLs from Pascal programs under Wine, 32-bit and 64-bit. --office: also runs the modules in
# LibreOffice, with the shared library of this system.
# Needs the DLLs in UPSCOPE_DLLS (default: target/windows). MACHINES=i686: only 32-bit. VECTORS=none: without the vectors.
# UPSCOPE_SANDBOX: the sandbox program (default: target/release/upscope-sandbox).
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
. scripts/test-lib.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL

machines=${MACHINES:-i686 x86_64} dlls=${UPSCOPE_DLLS:-target/windows}
work=$(pwd)/target/vb6
mkdir -p "$work"
folders=
for machine in $machines; do
    if [ ! -f "$dlls/$machine/upscope.dll" ]; then
        echo "$dlls/$machine/upscope.dll does not exist: run make windows" >&2
        exit 1
    fi
    folders="$folders $machine=$dlls/$machine"
done

declares() {
    # shellcheck disable=SC2086
    python3 bindings/vb6/proof/check_declares.py "$1" bindings/vb6/proof/vbdeclares.pas README.md $folders
}

# detected NAME SED: a mistake that Visual Basic does not detect.
detected() {
    sed "$2" bindings/vb6/Upscope.bas > "$work/wrong.bas"
    not cmp -s bindings/vb6/Upscope.bas "$work/wrong.bas"
    not declares "$work/wrong.bas" > /dev/null 2> "$work/wrong.log"
}
inserted_mistakes() {
    detected "a missing parameter" 's/, ByVal Units As Long)/)/'
    detected "a result by value" 's/ByRef Response As Long)/ByVal Response As Long)/'
    detected "a truncated pointer" 's/(ByVal Client As LongPtr)/(ByVal Client As Long)/'
    detected "a name that is not exported" 's/Alias "upscope_w_call"/Alias "upscope_w_Call"/'
    detected "a missing function" '/Alias "upscope_w_about"/,+1d'
    detected "a missing PtrSafe" 's/PtrSafe Function NativeCall/Function NativeCall/'
    detected "other line endings" 's/\r$//'
}

proof() {
    machine=$1
    mkdir -p "$work/$machine"
    # shellcheck disable=SC2046
    $(bindings/pascal/cross.sh "$machine") -B -O2 -vw -Sew -Fubindings/pascal -Fubindings/pascal/tests \
        -FU"$work/$machine" -FE"$work/$machine" bindings/vb6/proof/vb6_proof.pas > "$work/$machine/fpc.log" 2>&1 || {
        grep -E 'Error|Fatal|Warning' "$work/$machine/fpc.log"
        return 1
    }
    cp "$dlls/$machine/upscope.dll" "$work/$machine"
    scripts/with-sandbox --limit 200 scripts/wine.sh "$machine" "$work/$machine/vb6_proof.exe" --checks
}

vectors() {
    for mode in "" " --started"; do
        UPSCOPE_EXECUTOR="scripts/wine.sh $1 $work/$1/vb6_proof.exe$mode" with_timeout 300 cargo test -q --test conformance_of
    done
}

new_operation() {
    sed 's/^| `get_usage`/| `get_agent` | New. | | `GET \/agent` |\n&/' README.md > "$work/new.md"
    not python3 bindings/vb6/proof/check_declares.py bindings/vb6/Upscope.bas bindings/vb6/proof/vbdeclares.pas \
        "$work/new.md" > /dev/null 2> "$work/new.log"
    grep -q UpscopeGetAgent "$work/new.log"
}

# class_detected NAME FILE SED: a mistake in a class that LibreOffice may not detect.
class_detected() {
    rm -rf "$work/classes"
    mkdir -p "$work/classes"
    cp bindings/vb6/*.bas bindings/vb6/*.cls "$work/classes"
    sed "$3" "bindings/vb6/$2" > "$work/classes/$2"
    not cmp -s "bindings/vb6/$2" "$work/classes/$2"
    not python3 bindings/vb6/proof/check_classes.py "$work/classes" README.md > /dev/null 2> "$work/classes.log"
}
classes() {
    python3 bindings/vb6/proof/check_classes.py bindings/vb6 README.md
    class_detected "a handle that is not freed" UpscopeSessionPages.cls '/UpscopeRelease mNumber/d'
    class_detected "a reserved name" UpscopeClient.cls 's/CloseClient/Close/'
    class_detected "a missing argument" UpscopeStartedCall.cls 's/UpscopeWait(mNumber, TimeoutMs, Json)/UpscopeWait(mNumber, Json)/'
    class_detected "an unknown function" UpscopeAnswer.cls 's/UpscopeJsonCount(/UpscopeJsonLength(/'
    class_detected "an open block" UpscopeAnswer.cls '/^    Next/d'
    class_detected "a missing operation" UpscopeClient.cls 's/Function GetUsage(/Function GetUse(/'
    class_detected "other line endings" UpscopeAnswer.cls 's/\r$//'
}

# office_run FOLDER
office_run() {
    scripts/with-sandbox --limit 200 python3 bindings/vb6/proof/office_proof.py "$1" "$shared_library" "$work/office"
}
office() {
    need soffice libreoffice-core-nogui
    [ -f /usr/lib/libreoffice/program/libpythonloaderlo.so ] ||
        install_debian --no-install-recommends libreoffice-script-provider-python python3-uno
    office_run bindings/vb6
    # Wrong functions must fail the test.
    rm -rf "$work/wrong"
    mkdir -p "$work/wrong"
    cp bindings/vb6/*.bas bindings/vb6/*.cls "$work/wrong"
    sed 's|"/", "~1"|"/", "/"|' bindings/vb6/Upscope.bas > "$work/wrong/Upscope.bas"
    sed 's/^    UpscopeRelease mNumber/    mNumber = mNumber/' bindings/vb6/UpscopeSessionPages.cls \
        > "$work/wrong/UpscopeSessionPages.cls"
    not office_run "$work/wrong" > "$work/wrong.log"
    grep -q 'FAILED: a path with a slash and a tilde' "$work/wrong.log"
    grep -q 'FAILED: everything was freed' "$work/wrong.log"
}

run_test declares declares bindings/vb6/Upscope.bas
run_test "inserted mistakes" inserted_mistakes
run_test "a new operation" new_operation
run_test classes classes
for machine in $machines; do
    run_test "proof, $machine" proof "$machine"
    [ "${VECTORS:-}" = none ] || run_test "vectors, $machine" vectors "$machine"
done
case ${1:-} in --office) run_test office office ;; esac
finish_tests vb6
