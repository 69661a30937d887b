#!/bin/sh
# Installs, and builds programs against what was installed: through pkg-config and CMake, shared and static, where it is
# and where it was moved to. What is installed is what `make build` built: cargo does not run.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh
. scripts/tally.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL PREFIX LIBDIR INCLUDEDIR DESTDIR
python_tool pkg-config pkgconf
python_tool cmake cmake

root=$(pwd)
work=$absolute_target/test-install
rm -rf "$work"
mkdir -p "$work"
# A space in the path, as people have them.
prefix="$work/a prefix"
version=$(version)
major=${version%%.*}
minor=${version#*.}
minor=${minor%%.*}
warnings="-std=c99 -Wall -Wextra -Wpedantic -Werror"

install_it() {
    PREFIX=$prefix scripts/install.sh
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

# files FOLDER: what is in it, without the folder's own name.
files() {
    (cd "$1" && find . ! -type d | sort)
}

# The names of GNU's makefiles, and this makefile's own, mean the same.
spellings() {
    stage=$work/spelled
    # Whatever the environment says.
    PREFIX=/elsewhere make -s install DESTDIR="$stage/gnu" prefix=/opt/up libdir=/opt/up/lib64 includedir=/opt/up/headers
    make -s install DESTDIR="$stage/own" PREFIX=/opt/up LIBDIR=/opt/up/lib64 INCLUDEDIR=/opt/up/headers
    [ -f "$stage/gnu/opt/up/lib64/libupscope.a" ]
    [ -f "$stage/gnu/opt/up/headers/upscope.h" ]
    files "$stage/gnu" > "$work/gnu"
    files "$stage/own" | diff "$work/gnu" -
    make -s uninstall DESTDIR="$stage/gnu" prefix=/opt/up libdir=/opt/up/lib64 includedir=/opt/up/headers
    [ -z "$(files "$stage/gnu")" ]
    # Libraries that are not below the prefix: nothing then follows a move, and everything is still found.
    make -s install DESTDIR="$stage/apart" prefix=/opt/up libdir=/lib64
    grep -qx 'prefix=/opt/up' "$stage/apart/lib64/pkgconfig/upscope.pc"
    grep -qx 'libdir=/lib64' "$stage/apart/lib64/pkgconfig/upscope.pc"
}

# build_with PREFIX SOURCE PROGRAM [FLAG...] with pkg-config's flags, which are quoted for a shell; $pkg_config has options
# of its.
build_with() {
    place=$1 source=$2 program=$3
    shift 3
    PKG_CONFIG_PATH=$place/lib/pkgconfig
    export PKG_CONFIG_PATH
    # shellcheck disable=SC2086
    flags=$(pkg-config ${pkg_config:-} --cflags --libs upscope)
    # Where both libraries are, -l takes the shared one; -l: names the file.
    case ${pkg_config:-} in --static) flags=$(echo "$flags" | sed 's/-lupscope/-l:libupscope.a/') ;; esac
    eval "${CC:-cc} $warnings \"\$source\" -o \"\$program\" \"\$@\" $flags"
}

with_pkg_config() {
    build_with "$prefix" tests/install/consumer.c "$work/shared_program"
    shared "$work/shared_program"
    pkg_config=--static
    build_with "$prefix" tests/install/consumer.c "$work/static_program"
    static "$work/static_program"
}

# Nothing is shared, not even the C library.
wholly_static() {
    pkg_config=--static
    # glibc warns that its look-ups of names need the shared one of the same version when the program runs.
    build_with "$prefix" tests/install/consumer.c "$work/wholly_static" -static 2> "$work/wholly_static.log" ||
        { cat "$work/wholly_static.log"; return 1; }
    readelf -d "$work/wholly_static" > "$work/wholly_static.dynamic"
    not grep NEEDED "$work/wholly_static.dynamic"
    scripts/with-sandbox --limit 30 "$work/wholly_static"
}

configure() {
    cmake -S tests/install -B "$work/$1" -DCMAKE_PREFIX_PATH="$2" -DWANTED_VERSION="$3" -DCMAKE_BUILD_TYPE=Release \
        > "$work/$1.log" 2>&1
}

with_cmake() {
    configure "$1" "$2" "$major.$minor" || { cat "$work/$1.log"; return 1; }
    cmake --build "$work/$1" > "$work/$1.log" 2>&1 || { cat "$work/$1.log"; return 1; }
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

# What the shared library exports, and what of the static one is in the way of others: upscope_* and nothing else.
names() {
    python3 tests/c/exports.py include/upscope.h "$prefix/lib/libupscope.so"
    nm -g --defined-only "$prefix/lib/libupscope.a" | sed -n 's/^[0-9a-f]* [A-Z] //p' | grep -v '^DW\.ref\.' | sort > "$work/static"
    nm -D --defined-only "$prefix/lib/libupscope.so" | sed 's/^[0-9a-f]* [A-Z] //' | sort > "$work/dynamic"
    [ -s "$work/static" ]
    diff "$work/dynamic" "$work/static"
}

# Tools that read every object do not stumble over another compiler's bitcode, and need not read 14 MB.
archive() {
    copy=$work/archive/libupscope.a
    mkdir -p "$work/archive"
    cp "$prefix/lib/libupscope.a" "$copy"
    ranlib "$copy"
    (cd "$work/archive" && ar x libupscope.a)
    [ "$(ar t "$copy" | wc -l)" = "$(find "$work/archive" -name '*.o' | wc -l)" ]
    readelf -SW "$work/archive"/*.o > "$work/sections"
    grep -q gcc_except_table "$work/sections"
    not grep -E '\.llvm(bc|cmd)|\.debug_' "$work/sections"
    [ "$(wc -c < "$copy")" -lt 6500000 ]
}

# Two static libraries made by Rust in one program.
two_libraries() {
    (cd tests/install/other && cargo build -q --release --locked --offline --target-dir "$absolute_target/other")
    other=$absolute_target/other/release/libother.a
    pkg_config=--static
    build_with "$prefix" tests/install/two_libraries.c "$work/two_libraries" "$other"
    static "$work/two_libraries"
    # What cargo writes does not allow that: else this would not be tested.
    # shellcheck disable=SC2086
    not "${CC:-cc}" $warnings -I"$prefix/include" tests/install/two_libraries.c -o "$work/collision" \
        "$absolute_target/release/libupscope.a" -Wl,--whole-archive "$other" -Wl,--no-whole-archive -lm 2> "$work/collision.log"
    grep -q 'multiple definition' "$work/collision.log"
}

# Packaged in the same way, a library still catches its panics.
unwinding() {
    scripts/package-libraries.sh "$absolute_target/other/release/libother.a" "$work/packaged" libother.so.0
    # shellcheck disable=SC2086
    "${CC:-cc}" $warnings tests/install/unwinding.c -o "$work/unwinding" "$work/packaged/libupscope.a" -lm
    "$work/unwinding"
    "${CC:-cc}" tests/install/unwinding.c -o "$work/unwinding_static" -static "$work/packaged/libupscope.a" -lm
    "$work/unwinding_static"
}

# The tests in C with the static library.
c_tests() {
    pkg_config=--static
    for name in null_pointers bad_input visitor_lifecycle statuses started_calls; do
        warnings="-std=c99 -D_POSIX_C_SOURCE=200809L -Itests/c -Iexamples -pthread" \
            build_with "$prefix" "tests/c/$name.c" "$work/$name"
        case $name in
            null_pointers | bad_input) bounded 120 "$work/$name" > /dev/null ;;
            *) scripts/with-sandbox --limit 60 "$work/$name" > /dev/null ;;
        esac
    done
}

# Moved as a whole, the tree is found where it has gone.
moved() {
    mv "$prefix" "$work/moved to"
    prefix="$work/moved to"
    with_cmake cmake-moved "$prefix"
    scripts/with-sandbox --limit 30 "$work/cmake-moved/consumer"
    build_with "$prefix" tests/install/consumer.c "$work/moved_program"
    shared "$work/moved_program"
}

# Nothing of what follows may run cargo for libupscope: that was built before.
mkdir -p "$work/no-cargo"
printf '#!/bin/sh\necho "cargo was called: $*" >&2\nexit 1\n' > "$work/no-cargo/cargo"
chmod +x "$work/no-cargo/cargo"
without_cargo() {
    PATH=$work/no-cargo:$PATH
    "$@"
}

tally install without_cargo install_it
tally staged without_cargo staged
tally spellings without_cargo spellings
tally names names
tally archive archive
tally pkg-config with_pkg_config
if echo 'int main(void) { return 0; }' | "${CC:-cc}" -static -x c - -o "$work/static-probe" 2> /dev/null; then
    tally 'cc -static' wholly_static
else
    skip 'cc -static' "the C library in its static form"
fi
tally 'two libraries made by Rust' two_libraries
tally unwinding unwinding
tally 'tests in C, static' c_tests
tally cmake with_cmake cmake "$prefix"
tally 'cmake, shared, runs' shared "$work/cmake/consumer"
tally 'cmake, static, runs' static "$work/cmake/consumer_static"
tally versions versions
tally moved moved
tally_end install
