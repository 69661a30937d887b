#!/bin/sh
# Tests the desktop programs of examples/desktop on a virtual screen: test-desktop.sh [--quick|--pictures] [linux] [windows]
#
# Needs target/release, and for Windows target/windows/i686 (`make windows`). --quick skips valgrind and the self-tests
# with injected faults. --pictures also renews the pictures in docs/desktop.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
. scripts/test-lib.sh

mkdir -p "$target/test-desktop"
work=$(cd "$target/test-desktop" && pwd)
# Write no bytecode next to the sources.
export PYTHONDONTWRITEBYTECODE=1
pictures='' quick=''
case ${1:-} in
    --pictures) pictures=yes && shift ;;
    --quick) quick=yes && shift ;;
esac
[ $# -gt 0 ] || set -- linux windows

# For the screen, the input and the pictures.
need Xvfb xvfb
need xdotool xdotool
need scrot scrot
need python3 python3
font() {
    [ -d "/usr/share/fonts/$1" ] || [ -f "/usr/share/fonts/$1" ] || need "font $1" "$2"
}

build_linux() {
    pkg-config --exists gtk+-3.0 2> /dev/null || need gtk+-3.0 libgtk-3-dev
    need pkg-config pkg-config
    font truetype/noto/NotoColorEmoji.ttf fonts-noto-color-emoji
    font truetype/wqy/wqy-microhei.ttc fonts-wqy-microhei
    font opentype/inter fonts-inter
    mkdir -p "$work/linux"
    CXXFLAGS="-O2 -g -Wall -Wextra -Wpedantic -Wshadow -Werror" make -s -C examples/desktop/gtk \
        UPSCOPE="$(cd "$target/release" && pwd)" INCLUDE="$(pwd)/include" OUT="$work/linux"
}

build_windows() {
    need i686-w64-mingw32-gcc gcc-mingw-w64-i686-win32
    mkdir -p "$work/windows"
    CFLAGS="-O2 -s -Wall -Wextra -Wpedantic -Wshadow -Werror" make -s -C examples/desktop/windows \
        UPSCOPE="$(pwd)/target/windows/i686" INCLUDE="$(pwd)/include" OUT="$work/windows"
    cp target/windows/i686/upscope.dll "$work/windows"
    i686-w64-mingw32-gcc -std=c99 -Os -s -Wall -Wextra -Werror -mwindows tests/desktop/browser.c \
        -o "$work/windows/browser.exe"
    # Set up Wine before the tests, which measure time.
    WINE_PACKAGES="$(cd tests/desktop && python3 -c 'import consoles; print(consoles.FONTS)')" scripts/wine.sh i686 --setup
}

# The tests measure how late a window reacts, so give them priority over other programs if possible.
first=
if chrt -r 1 true 2> /dev/null; then first="chrt -r 1"; fi

# The tests of the Linux program find injected faults.
injected_faults() {
    for fault in BLOCKING LEAKING; do
        "${CC:-cc}" -std=c99 -Wall -Wextra -Werror -D$fault -fPIC -shared -Iinclude tests/desktop/injected_faults.c \
            -o "$work/linux/$fault.so" -ldl
    done
    FAULT_LIBRARY=$work/linux/BLOCKING.so not $first scripts/with-sandbox --limit 200 \
        python3 tests/desktop/test_console.py linux "$work/linux" agent_can_co_browse > "$work/blocking.log" 2>&1
    grep -q 'FAILED: agent_can_co_browse: the timer was' "$work/blocking.log"
    FAULT_LIBRARY=$work/linux/LEAKING.so not scripts/with-sandbox --limit 200 \
        python3 tests/desktop/leaks.py "$work/linux" > "$work/leaking.log" 2>&1
    grep -q 'blocks of memory leaked' "$work/leaking.log"
}

for kind; do
    before=$failed
    run_test "$kind builds" "build_$kind"
    [ "$failed" = "$before" ] || continue
    run_test "$kind" $first scripts/with-sandbox --limit 400 python3 tests/desktop/test_console.py "$kind" "$work/$kind"
    if [ "$kind" = linux ] && [ -z "$quick" ]; then
        need valgrind valgrind
        run_test "linux under valgrind" scripts/with-sandbox --limit 300 python3 tests/desktop/leaks.py "$work/linux"
        run_test "linux: finds injected faults" injected_faults
    fi
    for picture in visitors busy error history; do
        [ -z "$pictures" ] || cp "$work/$kind/$kind-$picture.png" docs/desktop/
    done
done
finish_tests desktop
