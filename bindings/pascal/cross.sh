#!/bin/sh
# Builds Free Pascal for Windows programs from Debian's sources into target/fpc, and prints its command line.
# Usage: cross.sh i686|x86_64
#
# Debian's packages have only the compiler and the run-time units for the machine itself.
set -eu
cd "$(dirname "$0")/../.."
. scripts/lib.sh
out=$(pwd)/target/fpc
mkdir -p "$out"

need fpc fp-compiler >&2
[ -d /usr/share/fpcsrc ] || need fpc-sources fpc-source >&2
sources=/usr/share/fpcsrc/$(fpc -iV)
[ -d "$sources/rtl" ] || { echo "cross.sh: $sources has no sources: install the package fpc-source" >&2; exit 1; }

case ${1:-} in
    i686) cpu=i386 system=win32 compiler=$out/ppcross386 ;;
    x86_64) cpu=x86_64 system=win64 compiler=$(command -v ppcx64) ;;
    *) echo "usage: cross.sh i686|x86_64" >&2; exit 2 ;;
esac
units=$out/units/$cpu-$system

# quietly LOG COMMAND...: shows the output only if the command fails.
quietly() {
    log=$out/$1.log
    shift
    "$@" > "$log" 2>&1 || { grep -E 'Error|Fatal' "$log" >&2 || tail -n 5 "$log" >&2; exit 1; }
}

compiler_of_i386() {
    work=$out/compiler
    rm -rf "$work"
    mkdir -p "$work"
    # A separate program converts the messages of the compiler to source files.
    messages=$(find -L /usr/lib/fpc /usr/lib/*/fpc -name errore.msg 2> /dev/null | head -n 1)
    quietly messages fpc -FE"$work" "$sources/compiler/utils/msg2inc.pp"
    (cd "$work" && quietly messages ./msg2inc "$messages" msg msg)
    (cd "$sources/compiler" && quietly compiler fpc -O2 -di386 -dNOOPT -Fux86 -Fui386 -Fusystems -Fix86 -Fii386 \
        -Fi"$work" -FU"$work" -o"$work/ppcross386" pp.pas)
    mv "$work/ppcross386" "$compiler"
    rm -rf "$work"
}

# The run-time units that the programs of the bindings use.
run_time_units() {
    rm -rf "$units"
    mkdir -p "$units"
    cd "$sources/rtl/$system"
    call="$compiler -n -T$system -O2 -FE$units -FU$units -Fi../inc -Fi../$cpu -Fi../win"
    quietly "rtl-$system" $call -Us -Sg system.pp
    quietly "rtl-$system" $call ../inc/uuchar.pp
    quietly "rtl-$system" $call -Fi../objpas ../objpas/objpas.pp
    # Only 32-bit programs start with this unit.
    if [ "$system" = win32 ]; then quietly "rtl-$system" $call sysinitpas.pp; fi
    quietly "rtl-$system" $call -Fi../objpas/sysutils -Fi../objpas/classes -Fi../objpas -Fi../win/wininc \
        -Fu"../$cpu" -Fu../win/wininc -Fu../win -Fu../inc -Fu../objpas buildrtl.pp
    : > "$units/complete"
}

[ "$cpu" != i386 ] || [ -x "$compiler" ] || compiler_of_i386
[ -f "$units/complete" ] || (run_time_units)
# -n: without the configuration of the compiler for this machine.
echo "$compiler -n -T$system -Fu$units"
