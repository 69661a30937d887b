#!/bin/sh
# The module for VB6 and VBA, which run on Windows alone: its Declares are held against the DLLs and called from Pascal
# under Wine, as 32-bit and 64-bit programs; its JSON functions run in LibreOffice with --office.
# Needs the DLLs in UPSCOPE_DLLS (target/windows). MACHINES: "i686" for the short run. VECTORS: none to leave them out.
# UPSCOPE_SANDBOX: the sandbox program; target/release/upscope-sandbox when not set.
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
        echo "there is no $dlls/$machine/upscope.dll: make windows" >&2
        exit 1
    fi
    folders="$folders $machine=$dlls/$machine"
done

declares() {
    # shellcheck disable=SC2086
    python3 bindings/vb6/proof/check_declares.py "$1" bindings/vb6/proof/vbdeclares.pas README.md $folders
}

# planted NAME SED: a mistake that no compiler of Visual Basic would find.
planted() {
    sed "$2" bindings/vb6/Upscope.bas > "$work/spoilt.bas"
    not cmp -s bindings/vb6/Upscope.bas "$work/spoilt.bas"
    not declares "$work/spoilt.bas" > /dev/null 2> "$work/spoilt.log"
}
planted_mistakes() {
    planted "a parameter too few" 's/, ByVal Units As Long)/)/'
    planted "by value what is a result" 's/ByRef Response As Long)/ByVal Response As Long)/'
    planted "half a pointer" 's/(ByVal Client As LongPtr)/(ByVal Client As Long)/'
    planted "a name that is not exported" 's/Alias "upscope_w_call"/Alias "upscope_w_Call"/'
    planted "a missing function" '/Alias "upscope_w_about"/,+1d'
    planted "PtrSafe forgotten" 's/PtrSafe Function NativeCall/Function NativeCall/'
    planted "the other line ends" 's/\r$//'
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

later_operation() {
    sed 's/^| `get_usage`/| `get_agent` | Later. | | `GET \/agent` |\n&/' README.md > "$work/later.md"
    not python3 bindings/vb6/proof/check_declares.py bindings/vb6/Upscope.bas bindings/vb6/proof/vbdeclares.pas \
        "$work/later.md" > /dev/null 2> "$work/later.log"
    grep -q UpscopeGetAgent "$work/later.log"
}

office() {
    need soffice libreoffice-core-nogui
    python3 bindings/vb6/proof/json_proof.py bindings/vb6/Upscope.bas "$work/office"
    # A spoilt one must not pass.
    sed 's/ChrW\$(CLng("&H" & Mid\$(Json, At, 4) & "&"))/"?"/' bindings/vb6/Upscope.bas > "$work/spoilt.bas"
    not python3 bindings/vb6/proof/json_proof.py "$work/spoilt.bas" "$work/office" > "$work/spoilt.log"
    grep -q 'FAILED: a letter in two halves' "$work/spoilt.log"
}

run_test declares declares bindings/vb6/Upscope.bas
run_test "planted mistakes" planted_mistakes
run_test "a later operation" later_operation
for machine in $machines; do
    run_test "proof, $machine" proof "$machine"
    [ "${VECTORS:-}" = none ] || run_test "vectors, $machine" vectors "$machine"
done
case ${1:-} in --office) run_test office office ;; esac
finish_tests vb6
