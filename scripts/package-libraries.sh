#!/bin/sh
# Makes the libraries that `make install` and `make dist` install from the static library that Cargo built:
# package-libraries.sh STATIC_LIBRARY FOLDER SONAME
#
# FOLDER/libupscope.a: one object file whose only global symbols are upscope_*, without LLVM bitcode. Two static libraries
# built by Cargo cannot be linked into one program, because both define rust_eh_personality.
# FOLDER/libupscope.so: the same object file, linked as a shared library with a SONAME. The one that Cargo links has no
# SONAME, because programs use it in the target directory, without the symbolic links of an installed library.
#
# For ELF only. CC, OBJCOPY, NM and AR select the tools for another target.
set -eu
archive=$1 folder=$2 soname=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The compiler's support code contains LLVM bitcode, on which binutils with LLVM's plugin fails. Only a linker script can
# remove it before another tool reads it.
echo 'SECTIONS { /DISCARD/ : { *(.llvmbc) *(.llvmcmd) } } INSERT AFTER .comment;' > "$work/no-bitcode.ld"

# relocatable OUTPUT OPTION...
relocatable() {
    output=$1
    shift
    "${CC:-cc}" -r -nostdlib -o "$output" -Wl,-T,"$work/no-bitcode.ld" "$@"
}

# Link everything to find the names, then only what these names reach.
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
# -z nodelete: see build.rs. The other options are those of rustc.
"${CC:-cc}" -shared -o "$folder/libupscope.so" "$work/upscope.o" -Wl,-soname,"$soname" -Wl,-z,nodelete \
    -Wl,-z,relro,-z,now -Wl,-z,noexecstack -Wl,--gc-sections -Wl,-O1 -Wl,--strip-all \
    -Wl,--version-script="$work/exports.map"
