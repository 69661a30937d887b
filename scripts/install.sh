#!/bin/sh
# Installs headers, libraries, pkg-config file and CMake package: install.sh [install|uninstall]
# From the environment: PREFIX, LIBDIR, INCLUDEDIR, DESTDIR.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh

action=${1:-install}
prefix=${PREFIX:-/usr/local}
libdir=${LIBDIR:-$prefix/lib}
includedir=${INCLUDEDIR:-$prefix/include}
root=${DESTDIR:-}
version=$(version)
major=${version%%.*}
built=target/install/release

case $(uname -s) in
    Darwin)
        development=libupscope.dylib soname=libupscope.$major.dylib shared=libupscope.$version.dylib
        static_libs="-framework Security -framework CoreFoundation -liconv"
        ;;
    *)
        development=libupscope.so soname=libupscope.so.$major shared=libupscope.so.$version
        static_libs="-lgcc_s -lutil -lrt -lpthread -lm -ldl"
        ;;
esac

# Beside the build in target/release, whose shared library has no soname and is used where it lies.
build() {
    if command -v cargo > /dev/null; then
        UPSCOPE_SONAME=$soname cargo build --release -p libupscope --target-dir target/install
    elif [ ! -f "$built/$development" ]; then
        # Such as under sudo; then what was built before is installed.
        echo "install.sh: cargo is missing; run 'make build-install' as a user who has it" >&2
        exit 1
    fi
}

# put MODE SOURCE DESTINATION, and link TARGET NAME: or the opposite.
put() {
    if [ "$action" = uninstall ]; then rm -f "$root$3"; return; fi
    mkdir -p "$root$(dirname "$3")"
    install -m "$1" "$2" "$root$3"
}
link() {
    if [ "$action" = uninstall ]; then rm -f "$root$2"; else ln -sf "$1" "$root$2"; fi
}

# For the right side of a sed command whose separator is |.
escaped() {
    printf '%s' "$1" | sed 's/[\\|&]/\\&/g'
}

# fill TEMPLATE DESTINATION
fill() {
    filled=$(mktemp)
    headers=$(python3 -c 'import os, sys; print(os.path.relpath(*sys.argv[1:]))' "$includedir" "$libdir")
    # pkg-config wants the spaces of a path escaped.
    sed -e "s|@PREFIX@|$(escaped "$prefix" | sed 's/ /\\\\ /g')|" \
        -e "s|@LIBDIR@|$(escaped "$libdir" | sed 's/ /\\\\ /g')|" \
        -e "s|@INCLUDEDIR@|$(escaped "$includedir" | sed 's/ /\\\\ /g')|" \
        -e "s|@HEADERS_FROM_LIBDIR@|$(escaped "$headers")|" \
        -e "s|@STATIC_LIBS@|$static_libs|" -e "s|@STATIC_LIBS_LIST@|$(echo "$static_libs" | sed 's/ -/;-/g')|" \
        -e "s|@SHARED_FILE@|$shared|" -e "s|@SONAME@|$soname|" \
        -e "s|@VERSION@|$version|" -e "s|@MAJOR@|$major|" "packaging/$1" > "$filled"
    put 644 "$filled" "$2"
    rm -f "$filled"
}

case $action in
    build) build; exit ;;
    install) build ;;
    uninstall) ;;
    *) echo "usage: install.sh [build|install|uninstall]" >&2; exit 2 ;;
esac

for header in include/*.h include/*.hpp; do
    [ ! -f "$header" ] || put 644 "$header" "$includedir/$(basename "$header")"
done
put 755 "$built/$development" "$libdir/$shared"
link "$shared" "$libdir/$soname"
link "$soname" "$libdir/$development"
put 644 "$built/libupscope.a" "$libdir/libupscope.a"
fill upscope.pc.in "$libdir/pkgconfig/upscope.pc"
fill upscopeConfig.cmake.in "$libdir/cmake/upscope/upscopeConfig.cmake"
fill upscopeConfigVersion.cmake.in "$libdir/cmake/upscope/upscopeConfigVersion.cmake"
if [ "$action" = uninstall ]; then rmdir "$root$libdir/cmake/upscope" 2> /dev/null || :; fi

# The loader's cache of this machine, unless the files are on their way to another one.
if [ -z "$root" ] && [ "$(uname -s)" = Linux ] && [ "$(id -u)" = 0 ]; then ldconfig 2> /dev/null || :; fi
echo "${action}ed libupscope $version: $root$prefix"
