#!/bin/sh
# Builds programs that build the library themselves, with add_subdirectory and FetchContent in CMake. Uses Cargo's dev
# profile, because a release takes minutes; scripts/test-install.sh tests the same with a release that is already built.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh
unset UPSCOPE_API_KEY UPSCOPE_BASE_URL CARGO
python_tool cmake cmake

work=$absolute_target/test-cmake
rm -rf "$work/subdirectory" "$work/fetched"
mkdir -p "$work"

# build FOLDER OPTION...
build() {
    folder=$work/$1
    shift
    cmake -S tests/install -B "$folder" -DUPSCOPE_SOURCE="$(pwd)" "$@" > "$folder.log" 2>&1 &&
        cmake --build "$folder" >> "$folder.log" 2>&1 || { tail -n 40 "$folder.log"; return 1; }
    for program in consumer consumer_static; do
        scripts/with-sandbox --limit 30 "$folder/$program"
    done
}

subdirectory() {
    build subdirectory -DCMAKE_BUILD_TYPE=Debug
    [ -d "$work/subdirectory/upscope/cargo/debug" ]
    [ ! -d "$work/subdirectory/upscope/cargo/release" ]
    # A build without changes links nothing again.
    cmake --build "$work/subdirectory" > "$work/again.log" 2>&1
    not grep -q 'Linking' "$work/again.log"
}

run_test 'add_subdirectory, Debug' subdirectory
run_test 'FetchContent, dev profile' build fetched -DFETCH=ON -DCMAKE_BUILD_TYPE=Release -DUPSCOPE_CARGO_PROFILE=dev \
    -DUPSCOPE_CARGO_TARGET_DIR="$work/subdirectory/upscope/cargo"
finish_tests cmake
