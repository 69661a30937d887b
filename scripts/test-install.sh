#!/bin/sh
# Installs the library, and builds programs with the installed files: with pkg-config and CMake, shared and static, before
# and after the installed tree is moved. Installs what `make build` built, without running Cargo.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL PREFIX LIBDIR INCLUDEDIR BINDIR DOCDIR DESTDIR CARGO
python_tool pkg-config pkgconf
python_tool cmake cmake

root=$(pwd)
work=$absolute_target/test-install
rm -rf "$work"
mkdir -p "$work"
# With a space in the path.
prefix="$work/a prefix"
version=$(version)
major=${version%%.*}
minor=${version#*.}
minor=${minor%%.*}
warnings="-std=c99 -Wall -Wextra -Wpedantic -Werror"

install_it() {
    PREFIX=$prefix scripts/install.sh
}

# Staged below DESTDIR, as packagers do; no file contains the path of DESTDIR.
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
    # The header documents the same libraries for static linking.
    static_libs=$(sed -n 's/^Libs.private: //p' pkgconfig/upscope.pc)
    [ -n "$static_libs" ]
    grep -q "static: libupscope.a $static_libs\$" "$stage/usr/include/upscope.h"
    "$stage/usr/bin/upscope-sandbox" --version | grep -qx "upscope-sandbox $version"
    for file in LICENSE-APACHE LICENSE-MIT examples/helpdesk.c examples/cpp/helpdesk.cpp examples/cpp/CMakeLists.txt; do
        [ -s "$stage/usr/share/doc/libupscope/$file" ]
    done
    not grep -rl "$work" "$stage/usr/share" "$stage/usr/bin"
    cd /
    DESTDIR=$stage PREFIX=/usr LIBDIR=/usr/lib/x86_64-linux-gnu "$root/scripts/install.sh" uninstall
    [ -z "$(find "$stage" ! -type d)" ]
    # Nor are the folders left that only this library uses.
    [ -z "$(find "$stage" -name '*upscope*')" ]
}

# The installed examples compile with the installed headers and libraries.
examples() {
    for source in "$prefix"/share/doc/libupscope/examples/*.c; do
        warnings=-Wall
        build_with "$prefix" "$source" "$work/example"
    done
    "${CXX:-c++}" -std=c++17 -I"$prefix/include" "$prefix/share/doc/libupscope/examples/cpp/quickstart.cpp" \
        -o "$work/example" -L"$prefix/lib" -lupscope
}

# files FOLDER: lists its files, relative to it.
files() {
    (cd "$1" && find . ! -type d | sort)
}

# GNU's lower-case variable names mean the same as the upper-case ones.
variable_names() {
    stage=$work/spelled
    # The command line overrides the environment.
    PREFIX=/elsewhere make -s install DESTDIR="$stage/gnu" prefix=/opt/up libdir=/opt/up/lib64 includedir=/opt/up/headers \
        bindir=/opt/up/tools docdir=/opt/up/doc
    make -s install DESTDIR="$stage/own" PREFIX=/opt/up LIBDIR=/opt/up/lib64 INCLUDEDIR=/opt/up/headers \
        BINDIR=/opt/up/tools DOCDIR=/opt/up/doc
    [ -f "$stage/gnu/opt/up/lib64/libupscope.a" ]
    [ -f "$stage/gnu/opt/up/headers/upscope.h" ]
    [ -x "$stage/gnu/opt/up/tools/upscope-sandbox" ]
    [ -f "$stage/gnu/opt/up/doc/LICENSE-MIT" ]
    files "$stage/gnu" > "$work/gnu"
    files "$stage/own" | diff "$work/gnu" -
    make -s uninstall DESTDIR="$stage/gnu" prefix=/opt/up libdir=/opt/up/lib64 includedir=/opt/up/headers \
        bindir=/opt/up/tools docdir=/opt/up/doc
    [ -z "$(files "$stage/gnu")" ]
    # With libraries outside the prefix, the tree cannot be moved, and the paths are absolute.
    make -s install DESTDIR="$stage/apart" prefix=/opt/up libdir=/lib64
    grep -qx 'prefix=/opt/up' "$stage/apart/lib64/pkgconfig/upscope.pc"
    grep -qx 'libdir=/lib64' "$stage/apart/lib64/pkgconfig/upscope.pc"
}

# build_with PREFIX SOURCE PROGRAM [FLAG...]: with the flags from pkg-config, which quotes them for a shell. $pkg_config
# contains options for pkg-config.
build_with() {
    installed=$1 source=$2 program=$3
    shift 3
    PKG_CONFIG_PATH=$installed/lib/pkgconfig
    export PKG_CONFIG_PATH
    # shellcheck disable=SC2086
    flags=$(pkg-config ${pkg_config:-} --cflags --libs upscope)
    # -l prefers the shared library if both exist; -l: selects the file.
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

# With no shared library at all, not even the C library.
fully_static() {
    pkg_config=--static
    # glibc warns that name lookups need the shared glibc of the same version at run time.
    build_with "$prefix" tests/install/consumer.c "$work/fully_static" -static 2> "$work/fully_static.log" ||
        { cat "$work/fully_static.log"; return 1; }
    readelf -d "$work/fully_static" > "$work/fully_static.dynamic"
    not grep NEEDED "$work/fully_static.dynamic"
    scripts/with-sandbox --limit 30 "$work/fully_static"
}

configure() {
    cmake -S tests/install -B "$work/$1" -DCMAKE_PREFIX_PATH="$2" -DWANTED_VERSION="$3" -DCMAKE_BUILD_TYPE=Release \
        > "$work/$1.log" 2>&1
}

with_cmake() {
    configure "$1" "$2" "$major.$minor" || { cat "$work/$1.log"; return 1; }
    cp "$work/$1.log" "$work/$1.configure.log"
    cmake --build "$work/$1" > "$work/$1.log" 2>&1 || { cat "$work/$1.log"; return 1; }
}

# The sources as a part of a CMake project, with a program in place of Cargo that copies what is already built;
# scripts/test-cmake.sh runs Cargo itself.
cmake_subdirectory() {
    mkdir -p "$work/copying"
    cat > "$work/copying/my-cargo" << END
#!/bin/sh
echo "\$*" >> "$work/copying/calls"
while [ "\$1" != --target-dir ]; do shift; done
mkdir -p "\$2/release"
cp -p "$absolute_target/release/libupscope.a" "\$2/release"
END
    chmod +x "$work/copying/my-cargo"
    for fetch in OFF ON; do
        folder=$work/cmake-source-$fetch
        CARGO=$work/copying/my-cargo cmake -S tests/install -B "$folder" -DUPSCOPE_SOURCE="$root" -DFETCH=$fetch \
            -DUPSCOPE_OFFLINE=ON > "$folder.log" 2>&1 || { cat "$folder.log"; return 1; }
        cmake --build "$folder" > "$folder.build.log" 2>&1 || { cat "$folder.build.log"; return 1; }
        for program in consumer consumer_static; do scripts/with-sandbox --limit 30 "$folder/$program"; done
        readelf -d "$folder/consumer" | grep -q "NEEDED.*\[libupscope.so.$major\]"
        # The targets have the same properties as those of the installed package.
        grep '^-- upscope::' "$work/cmake.configure.log" > "$work/installed.properties"
        [ "$(wc -l < "$work/installed.properties")" -eq 10 ]
        grep '^-- upscope::' "$folder.log" | diff "$work/installed.properties" -
    done
    grep -qx "build --locked --profile release --offline -p libupscope --target-dir .*" "$work/copying/calls"
    not cmake -S tests/install -B "$work/cmake-crossed" -DUPSCOPE_SOURCE="$root" -DCMAKE_SYSTEM_NAME=Generic \
        -DCMAKE_C_COMPILER_WORKS=1 > "$work/crossed.log" 2>&1
    grep -q 'build for this computer only' "$work/crossed.log"
    not env CARGO="$work/no-such-cargo" cmake -S tests/install -B "$work/cmake-no-cargo" -DUPSCOPE_SOURCE="$root" \
        > "$work/no-cargo.log" 2>&1
    grep -q 'cargo was not found' "$work/no-cargo.log"
}

# CMake accepts the installed version and rejects newer ones.
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

# The shared and the static library have no global symbols except upscope_*.
symbols() {
    python3 tests/c/exports.py include/upscope.h "$prefix/lib/libupscope.so"
    nm -g --defined-only "$prefix/lib/libupscope.a" | sed -n 's/^[0-9a-f]* [A-Z] //p' | grep -v '^DW\.ref\.' | sort > "$work/static"
    nm -D --defined-only "$prefix/lib/libupscope.so" | sed 's/^[0-9a-f]* [A-Z] //' | sort > "$work/dynamic"
    [ -s "$work/static" ]
    diff "$work/dynamic" "$work/static"
}

# The static library contains no LLVM bitcode, on which other tools fail, and no debug information.
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

# Two static libraries built by Rust in one program.
two_libraries() {
    (cd tests/install/other && cargo build -q --release --locked --offline --target-dir "$absolute_target/other")
    other=$absolute_target/other/release/libother.a
    pkg_config=--static
    build_with "$prefix" tests/install/two_libraries.c "$work/two_libraries" "$other"
    static "$work/two_libraries"
    # The static library from Cargo fails here, which shows that this test can fail.
    # shellcheck disable=SC2086
    not "${CC:-cc}" $warnings -I"$prefix/include" tests/install/two_libraries.c -o "$work/collision" \
        "$absolute_target/release/libupscope.a" -Wl,--whole-archive "$other" -Wl,--no-whole-archive -lm 2> "$work/collision.log"
    grep -q 'multiple definition' "$work/collision.log"
}

# A library packaged in this way still catches panics.
unwinding() {
    scripts/package-libraries.sh "$absolute_target/other/release/libother.a" "$work/packaged" libother.so.0
    # shellcheck disable=SC2086
    "${CC:-cc}" $warnings tests/install/unwinding.c -o "$work/unwinding" "$work/packaged/libupscope.a" -lm
    "$work/unwinding"
    "${CC:-cc}" tests/install/unwinding.c -o "$work/unwinding_static" -static "$work/packaged/libupscope.a" -lm
    "$work/unwinding_static"
}

# The daemon needs nothing but the installed files. It ends on SIGTERM while the sandbox does not respond.
daemon() {
    build_with "$prefix" examples/daemon.c "$work/daemon" -D_POSIX_C_SOURCE=200809L
    LD_LIBRARY_PATH=$prefix/lib scripts/with-sandbox --limit 90 python3 -B tests/c/daemon.py examples/daemon.c "$work/daemon"
}

# The C tests with the static library.
c_tests() {
    pkg_config=--static
    for name in null_pointers bad_input visitor_lifecycle statuses started_calls; do
        warnings="-std=c99 -D_POSIX_C_SOURCE=200809L -Itests/c -Iexamples -pthread" \
            build_with "$prefix" "tests/c/$name.c" "$work/$name"
        case $name in
            null_pointers | bad_input) with_timeout 120 "$work/$name" > /dev/null ;;
            *) scripts/with-sandbox --limit 60 "$work/$name" > /dev/null ;;
        esac
    done
}

# The installed tree works after it is moved.
moved() {
    mv "$prefix" "$work/moved to"
    prefix="$work/moved to"
    with_cmake cmake-moved "$prefix"
    scripts/with-sandbox --limit 30 "$work/cmake-moved/consumer"
    build_with "$prefix" tests/install/consumer.c "$work/moved_program"
    shared "$work/moved_program"
}

# Installing must not run Cargo, because the library is already built.
mkdir -p "$work/no-cargo"
printf '#!/bin/sh\necho "cargo was called: $*" >&2\nexit 1\n' > "$work/no-cargo/cargo"
chmod +x "$work/no-cargo/cargo"
without_cargo() {
    PATH=$work/no-cargo:$PATH
    "$@"
}

run_test install without_cargo install_it
run_test staged without_cargo staged
run_test 'variable names' without_cargo variable_names
run_test symbols symbols
run_test archive archive
run_test pkg-config with_pkg_config
if echo 'int main(void) { return 0; }' | "${CC:-cc}" -static -x c - -o "$work/static-probe" 2> /dev/null; then
    run_test 'cc -static' fully_static
else
    skip 'cc -static' "the static C library"
fi
run_test daemon daemon
run_test 'two libraries built by Rust' two_libraries
run_test unwinding unwinding
run_test 'C tests, static' c_tests
run_test cmake with_cmake cmake "$prefix"
run_test 'cmake, shared, runs' shared "$work/cmake/consumer"
run_test 'cmake, static, runs' static "$work/cmake/consumer_static"
run_test 'cmake, from the sources' cmake_subdirectory
run_test examples examples
run_test versions versions
run_test moved moved
finish_tests install
