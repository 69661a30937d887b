#!/bin/sh
# Makes the libraries that `make install` and `make dist` give away from the static library that cargo built:
# package-libraries.sh STATIC_LIBRARY FOLDER SONAME
#
# FOLDER/libupscope.a: one object file whose only global symbols are upscope_*, without LLVM bitcode. What cargo writes
# cannot be linked beside another static library made by Rust: both would define rust_eh_personality.
# FOLDER/libupscope.so: the same object file, linked as a shared library that has a SONAME. The one that cargo links has
# none, because it is used where it lies, without the links that an installed library has beside it.
#
# For ELF; CC, OBJCOPY and AR name the tools of another target.
set -eu
archive=$1 folder=$2 soname=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The compiler's own support code comes with its bitcode, at which a binutils with LLVM's plugin fails. Only a linker
# script can leave it out before any other tool reads it.
echo 'SECTIONS { /DISCARD/ : { *(.llvmbc) *(.llvmcmd) } } INSERT AFTER .comment;' > "$work/no-bitcode.ld"

# relocatable OUTPUT OPTION...
relocatable() {
    output=$1
    shift
    "${CC:-cc}" -r -nostdlib -o "$output" -Wl,-T,"$work/no-bitcode.ld" "$@"
}

# First everything, to learn the names; then what these reach.
relocatable "$work/all.o" -Wl,--whole-archive "$archive"
"${NM:-nm}" -g --defined-only "$work/all.o" | sed -n 's/^[0-9a-f]* T \(upscope_.*\)/\1/p' > "$work/names"
[ -s "$work/names" ] || { echo "package-libraries.sh: $archive defines no upscope_*" >&2; exit 1; }
# shellcheck disable=SC2046
relocatable "$work/reached.o" -Wl,--gc-sections $(sed 's/^/-Wl,-u,/' "$work/names") "$archive"
mkdir -p "$folder"
"${OBJCOPY:-objcopy}" --strip-unneeded --keep-global-symbols="$work/names" "$work/reached.o" "$work/upscope.o"
rm -f "$folder/libupscope.a"
"${AR:-ar}" rcsD "$folder/libupscope.a" "$work/upscope.o"

{ echo '{ global:' && sed 's/$/;/' "$work/names" && echo 'local: *; };'; } > "$work/exports.map"
# -z nodelete: as in build.rs. The rest is how rustc links.
"${CC:-cc}" -shared -o "$folder/libupscope.so" "$work/upscope.o" -Wl,-soname,"$soname" -Wl,-z,nodelete \
    -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--gc-sections -Wl,-O1 -Wl,--strip-all \
    -Wl,--version-script="$work/exports.map"
