#!/bin/sh
# Installs, and builds a small program against what was installed: through pkg-config and CMake, shared and static.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh
. scripts/tally.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL LIBDIR INCLUDEDIR
need pkg-config pkg-config
need_cmake

work=$(pwd)/target/test-install
rm -rf "$work"
mkdir -p "$work"
# A space in the path, as people have them.
prefix="$work/a prefix"
version=$(version)
major=${version%%.*}
minor=${version#*.}
minor=${minor%%.*}

install_it() {
    DESTDIR='' PREFIX=$prefix scripts/install.sh
}

# The tree as packagers stage it: all below DESTDIR, nothing that names it.
staged() {
    stage=$work/stage
    DESTDIR=$stage PREFIX=/usr LIBDIR=/usr/lib/x86_64-linux-gnu scripts/install.sh
    cd "$stage/usr/lib/x86_64-linux-gnu"
    [ -f "$stage/usr/include/upscope.h" ]
    [ -f libupscope.a ]
    [ -f "libupscope.so.$version" ]
    [ "$(readlink libupscope.so)" = "libupscope.so.$major" ]
    [ "$(readlink "libupscope.so.$major")" = "libupscope.so.$version" ]
    readelf -d libupscope.so | grep -q "SONAME.*\[libupscope.so.$major\]"
    grep -q '_upscope_libraries}/../../include"' cmake/upscope/upscopeConfig.cmake
    [ "$(PKG_CONFIG_PATH=pkgconfig pkg-config --modversion upscope)" = "$version" ]
    not grep -rIl "$work" .
    # One truth: what the header says of linking by hand.
    static_libs=$(sed -n 's/^Libs.private: //p' pkgconfig/upscope.pc)
    [ -n "$static_libs" ]
    grep -q "static: libupscope.a $static_libs\$" "$stage/usr/include/upscope.h"
    cd /
    DESTDIR=$stage PREFIX=/usr LIBDIR=/usr/lib/x86_64-linux-gnu "$root/scripts/install.sh" uninstall
    [ -z "$(find "$stage" ! -type d)" ]
}

# pkg_config PROGRAM [static]
pkg_config() {
    PKG_CONFIG_PATH=$prefix/lib/pkgconfig
    export PKG_CONFIG_PATH
    if [ "${2:-}" = static ]; then
        # Where both libraries are, -l takes the shared one; -l: names the file.
        flags=$(pkg-config --static --cflags --libs upscope | sed 's/-lupscope/-l:libupscope.a/')
    else
        flags=$(pkg-config --cflags --libs upscope)
    fi
    # The flags are quoted for a shell.
    eval "${CC:-cc} -std=c99 -Wall -Wextra -Wpedantic -Werror tests/install/consumer.c -o \"\$work/$1\" $flags"
}

configure() {
    "$cmake" -S tests/install -B "$work/$1" -DCMAKE_PREFIX_PATH="$2" -DWANTED_VERSION="$3" -DCMAKE_BUILD_TYPE=Release \
        > "$work/$1.log" 2>&1
}

with_cmake() {
    configure "$1" "$2" "$major.$minor" || { cat "$work/$1.log"; return 1; }
    "$cmake" --build "$work/$1" > "$work/$1.log" 2>&1 || { cat "$work/$1.log"; return 1; }
}

# Versions that cannot be had are not found.
versions() {
    configure version-exact "$prefix" "$version" || { cat "$work/version-exact.log"; return 1; }
    for wanted in "$((major + 1)).0" "$major.$((minor + 1))"; do
        not configure "version-$wanted" "$prefix" "$wanted"
        grep -q "version: $version" "$work/version-$wanted.log"
    done
}

shared() {
    readelf -d "$1" | grep -q "NEEDED.*\[libupscope.so.$major\]"
    LD_LIBRARY_PATH=$prefix/lib scripts/with-sandbox --limit 30 "$1"
}

static() {
    readelf -d "$1" > "$1.dynamic"
    not grep libupscope "$1.dynamic"
    scripts/with-sandbox --limit 30 "$1"
}

# Moved as a whole, the tree is found where it has gone.
moved() {
    mv "$prefix" "$work/moved"
    with_cmake cmake-moved "$work/moved"
    scripts/with-sandbox --limit 30 "$work/cmake-moved/consumer"
}

root=$(pwd)
tally install install_it
tally staged staged
tally 'pkg-config, shared' pkg_config shared_program
tally 'pkg-config, shared, runs' shared "$work/shared_program"
tally 'pkg-config, static' pkg_config static_program static
tally 'pkg-config, static, runs' static "$work/static_program"
tally cmake with_cmake cmake "$prefix"
tally 'cmake, shared, runs' shared "$work/cmake/consumer"
tally 'cmake, static, runs' static "$work/cmake/consumer_static"
tally versions versions
tally moved moved
tally_end install
