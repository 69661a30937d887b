#!/bin/sh
# Installs headers, libraries, pkg-config file, CMake package, sandbox, licences and examples:
# install.sh [build|install|uninstall]
# Environment variables: PREFIX, LIBDIR, INCLUDEDIR, BINDIR, DOCDIR, DESTDIR; and BUILT, a directory with what Cargo built,
# which is installed even if the sources have changed.
#
# Installs what is built. Runs Cargo only if something is missing or older than the sources, and never as root in another
# user's checkout.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

action=${1:-install}
prefix=${PREFIX:-/usr/local}
libdir=${LIBDIR:-$prefix/lib}
includedir=${INCLUDEDIR:-$prefix/include}
bindir=${BINDIR:-$prefix/bin}
docdir=${DOCDIR:-$prefix/share/doc/libupscope}
root=${DESTDIR:-}
version=$(version)
major=${version%%.*}
built=${BUILT:-$target/release}

case $(uname -s) in
    Darwin)
        development=libupscope.dylib soname=libupscope.$major.dylib shared=libupscope.$version.dylib
        static_libs="-framework Security -framework CoreFoundation -liconv"
        ;;
    *)
        development=libupscope.so soname=libupscope.so.$major shared=libupscope.so.$version
        # Not libgcc_s, which has no static version: the compiler adds what unwinding needs, also with -static.
        static_libs="-lutil -lrt -lpthread -lm -ldl"
        ;;
esac

# Whether everything is built and newer than the sources. Cargo does not touch libraries that need no change, so
# `make build` also writes a file with the time of the build.
current() {
    [ -f "$built/libupscope.a" ] && [ -f "$built/upscope-sandbox" ] || return 1
    newest=$built/libupscope.a
    [ ! "$built/upscope-built" -nt "$newest" ] || newest=$built/upscope-built
    [ -z "$(find Cargo.toml Cargo.lock build.rs crates -newer "$newest" | head -n 1)" ]
}

build() {
    scripts/check-tools.sh rust
    cargo build --release
    : > "$built/upscope-built"
}

build_if_needed() {
    # -O: owned by the current user. POSIX does not have it, but dash, bash, ksh and BusyBox do.
    # shellcheck disable=SC3067
    if [ -n "${BUILT:-}" ] || current; then
        echo "installing what is built in $built"
    elif [ "$(id -u)" = 0 ] && [ ! -O Cargo.toml ]; then
        echo "install.sh: the library is not built, or older than the sources: run 'make build' as the owner of" \
            "this checkout, then 'make install' again" >&2
        exit 1
    else
        build
    fi
}

# Writes the files to install into a temporary directory, because root should not write to the checkout.
package() {
    packaged=$(mktemp -d)
    trap 'rm -rf "$packaged"' EXIT
    case $(uname -s) in
        Darwin) cp "$built/libupscope.a" "$built/$development" "$packaged" ;;
        *) scripts/package-libraries.sh "$built/libupscope.a" "$packaged" "$soname" ;;
    esac
}

# put MODE SOURCE DESTINATION, and link TARGET NAME: with uninstall, both remove the file. put_in MODE FOLDER FILE...
put() {
    if [ "$action" = uninstall ]; then rm -f "$root$3"; return; fi
    mkdir -p "$root$(dirname "$3")"
    install -m "$1" "$2" "$root$3"
}
put_in() {
    mode=$1 folder=$2
    shift 2
    for file; do put "$mode" "$file" "$folder/$(basename "$file")"; done
}
link() {
    if [ "$action" = uninstall ]; then rm -f "$root$2"; else ln -sf "$1" "$root$2"; fi
}

# relative PATH FOLDER: prints PATH relative to FOLDER.
relative() {
    python3 -c 'import os, sys; print(os.path.relpath(*sys.argv[1:]))' "$1" "$2"
}

# Escapes text for the replacement of a sed command with the separator |.
escaped() {
    printf '%s' "$1" | sed 's/[\\|&]/\\&/g'
}

# Prints a path as the value of a pkg-config variable, with escaped spaces. Paths are relative to the prefix, and the
# prefix to the .pc file, so that the installed tree can be moved.
pc_path() {
    case $1 in
        "$prefix") path="\${prefix}" ;;
        "$prefix"/*) path="\${prefix}${1#"$prefix"}" ;;
        *) path=$1 ;;
    esac
    escaped "$path" | sed 's/ /\\\\ /g'
}
pc_prefix() {
    case $libdir in
        "$prefix"/*) escaped "\${pcfiledir}/$(relative "$prefix" "$libdir/pkgconfig")" ;;
        *) escaped "$prefix" | sed 's/ /\\\\ /g' ;;
    esac
}

# fill TEMPLATE DESTINATION
fill() {
    filled=$(mktemp)
    sed -e "s|@PREFIX@|$(pc_prefix)|" \
        -e "s|@LIBDIR@|$(pc_path "$libdir")|" \
        -e "s|@INCLUDEDIR@|$(pc_path "$includedir")|" \
        -e "s|@HEADERS_FROM_LIBDIR@|$(escaped "$(relative "$includedir" "$libdir")")|" \
        -e "s|@STATIC_LIBS@|$static_libs|" -e "s|@STATIC_LIBS_LIST@|$(echo "$static_libs" | sed 's/ -/;-/g')|" \
        -e "s|@SHARED_FILE@|$shared|" -e "s|@SONAME@|$soname|" \
        -e "s|@VERSION@|$version|" -e "s|@MAJOR@|$major|" "packaging/$1" > "$filled"
    put 644 "$filled" "$2"
    rm -f "$filled"
}

case $action in
    build) build; exit ;;
    install)
        build_if_needed
        package
        ;;
    uninstall) packaged= ;;
    *) echo "usage: install.sh [build|install|uninstall]" >&2; exit 2 ;;
esac

put_in 644 "$includedir" include/*.h include/*.hpp
put_in 755 "$bindir" "$built/upscope-sandbox"
put_in 644 "$docdir" LICENSE-*
put_in 644 "$docdir/examples" examples/*.c examples/*.h
put_in 644 "$docdir/examples/cpp" examples/cpp/*
put 755 "$packaged/$development" "$libdir/$shared"
link "$shared" "$libdir/$soname"
link "$soname" "$libdir/$development"
put 644 "$packaged/libupscope.a" "$libdir/libupscope.a"
fill upscope.pc.in "$libdir/pkgconfig/upscope.pc"
fill upscopeConfig.cmake.in "$libdir/cmake/upscope/upscopeConfig.cmake"
fill upscopeConfigVersion.cmake.in "$libdir/cmake/upscope/upscopeConfigVersion.cmake"
if [ "$action" = uninstall ]; then
    rmdir "$root$libdir/cmake/upscope" "$root$docdir/examples/cpp" "$root$docdir/examples" "$root$docdir" 2> /dev/null || :
fi

# Updates the loader's cache, unless the files are staged for another machine.
if [ -z "$root" ] && [ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ]; then ldconfig 2> /dev/null || :; fi
echo "${action}ed libupscope $version: $root$prefix"
