#!/bin/sh
# Builds the library and the sandbox for Windows 7 and later into target/windows/ARCHITECTURE, and a zip file of each:
# build-windows.sh [i686] [x86_64]
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/windows-cargo.sh

out=$(pwd)/target/windows
build=$windows_build
version=$(version)
need python3 python3

# The linker that writes import libraries for Microsoft's compilers. Toolchains from rustup contain it.
lld=$(rustc --print target-libdir 2> /dev/null)/../bin/gcc-ld/lld-link
[ -x "$lld" ] || { need lld-link lld && lld=lld-link; }

# The same sources give the same bytes: no paths of this machine, no time of linking.
omit_build_paths
flags=$CARGO_ENCODED_RUSTFLAGS$separator-Clink-arg=-Wl,--no-insert-timestamp

build_for() {
    machine=$1
    into=$out/$machine
    need_windows "$machine"
    rm -rf "$into"
    mkdir -p "$into" "$build"

    # The version that Windows Explorer shows is a resource of the DLL.
    numbers=$(echo "${version%%-*}.0" | tr . ,)
    resource=$build/version.$machine.o
    sed -e "s/@NUMBERS@/$numbers/" -e "s/@VERSION@/$version/" packaging/windows/version.rc.in |
        "$machine-w64-mingw32-windres" -o "$resource"

    # The resource is only for the DLL. With the same flags, the sandbox shares the standard library and dependencies.
    export CARGO_ENCODED_RUSTFLAGS="$flags"
    windows_cargo "$machine" rustc --release -p libupscope --lib -Zbuild-std=std,panic_unwind -- "-Clink-arg=$resource"
    windows_cargo "$machine" build --release -p upscope-sandbox -Zbuild-std=std,panic_unwind
    built=$build/$machine-win7-windows-gnu/release
    cp "$built/upscope.dll" "$built/libupscope.a" "$built/upscope-sandbox.exe" "$into"
    # Cargo keeps the symbols of import libraries. Without -p, strip writes the current time into the files.
    "$machine-w64-mingw32-strip" -p --strip-all "$into/upscope.dll" "$into/upscope-sandbox.exe"

    # The names that the DLL exports. In the static library, the names of stdcall functions end with the size of their
    # arguments, and callers link to those names.
    names "$machine" "$into/upscope.dll" > "$into/names"
    { printf 'LIBRARY upscope.dll\nEXPORTS\n' && sed 's/^/    /' "$into/names"; } > "$into/upscope.def"
    "$machine-w64-mingw32-nm" --defined-only "$into/libupscope.a" 2> /dev/null |
        sed -n 's/^[0-9a-f]* T _\(upscope_w_[a-z_]*@[0-9]*\)$/\1/p' > "$into/stdcall"
    { printf 'LIBRARY upscope.dll\nEXPORTS\n'; grep -v '^upscope_w_' "$into/names"
      if [ "$machine" = i686 ]; then cat "$into/stdcall"; else grep '^upscope_w_' "$into/names"; fi; } > "$into/import.def"
    # dlltool writes the path of the output into it, so use a relative one.
    (cd "$into" && "$machine-w64-mingw32-dlltool" --deterministic-libraries --kill-at -d import.def -l libupscope.dll.a)
    # C programs do not need the stdcall functions, and Microsoft's linker would expect their decorated names in the DLL.
    grep -v upscope_w_ "$into/upscope.def" > "$into/import.def"
    case $machine in i686) kind=x86 ;; *) kind=x64 ;; esac
    "$lld" /lib "/def:$into/import.def" "/machine:$kind" "/out:$into/upscope.lib"
    rm "$into/names" "$into/stdcall" "$into/import.def"
    pack "$machine"
}

# names MACHINE DLL: prints the names of its exports, sorted.
names() {
    "$1-w64-mingw32-objdump" -p "$2" | sed -n '/^\[Ordinal\/Name Pointer\] Table/,/^$/s/^.*\] *\(+base\[[^]]*\] *[0-9a-f]* \)\{0,1\}//p' |
        grep -o 'upscope_[a-z_@0-9]*$' | LC_ALL=C sort
}

pack() {
    packed=libupscope-$version-windows-$1
    stage=$build/zip/$packed
    rm -rf "$build/zip"
    mkdir -p "$stage/examples" "$stage/bindings" "$stage/cmake"
    cp "$out/$1/upscope.dll" "$out/$1/upscope.lib" "$out/$1/upscope.def" "$out/$1/libupscope.dll.a" \
        "$out/$1/libupscope.a" "$out/$1/upscope-sandbox.exe" "$stage"
    cp -r include "$stage/include"
    case $1 in i686) pointer_size=4 ;; *) pointer_size=8 ;; esac
    cp packaging/windows/upscopeConfig.cmake "$stage/cmake"
    cat packaging/upscopeConfigVersion.cmake.in packaging/windows/upscopeConfigVersion.cmake.in |
        sed -e "s/@VERSION@/$version/" -e "s/@MAJOR@/${version%%.*}/" -e "s/@POINTER_SIZE@/$pointer_size/" \
            > "$stage/cmake/upscopeConfigVersion.cmake"
    cp examples/*.c examples/*.h "$stage/examples"
    for language in csharp pascal vb6; do
        if [ -d "bindings/$language" ]; then
            # Only what users need, without tests and build scripts.
            (cd bindings && find "$language" -type f ! -name '*.sh' ! -path '*/bin/*' ! -path '*/obj/*' \
                ! -path '*/tests/*' ! -path '*/package/*') | while read -r file; do
                mkdir -p "$stage/bindings/$(dirname "$file")"
                cp "bindings/$file" "$stage/bindings/$file"
            done
        fi
    done
    cp LICENSE-MIT LICENSE-APACHE CHANGELOG.md "$stage"
    cp docs/windows.md "$stage/README.md"
    rm -f "$out/$packed.zip"
    python3 packaging/windows/pack.py "$stage" "$out/$packed.zip"
    rm -rf "$build/zip"
    echo "$out/$packed.zip"
}

case $* in '') set -- i686 x86_64 ;; esac
for machine; do
    case $machine in
        i686 | x86_64) build_for "$machine" ;;
        *)
            echo "build-windows.sh: unknown architecture $machine; use i686 or x86_64" >&2
            exit 2
            ;;
    esac
done
