#!/bin/sh
# Runs a Windows program under Wine: wine.sh i686|x86_64 PROGRAM.exe [ARGUMENT...]
#        Sets up what that needs, and no more: wine.sh i686|x86_64 --setup
#
# Input, output, environment, current folder and exit code are the program's own. The program sees this machine's files
# below its drive Z:, a 32-bit one those of this checkout, the current folder, CARGO_TARGET_DIR and /tmp. With DISPLAY
# set it has that X server. Several may run at once: each has a Windows of its own, below target/wine.
# WINE_PACKAGES names further Debian packages to have, such as fonts.
#
# 64-bit programs run on Debian's wine64. 32-bit ones need libraries for i386: they run in a Debian of their own below
# target/wine, within a mount namespace that ends with the program. Debian and root only; elsewhere this says so.
set -eu
calling_folder=$(pwd)
cd "$(dirname "$0")/.."
. scripts/lib.sh

checkout=$(pwd)
wine=$checkout/target/wine
windows=8

fail() {
    echo "wine.sh: $1" >&2
    exit 125
}

# Packages without what they recommend: half of a desktop, here.
provide() {
    missing=
    for package; do
        dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q '^install ok installed$' ||
            missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086
    install_debian --no-install-recommends $missing || fail "these Debian packages are missing:$missing"
}

# Beside Wine itself: what it loads when it is there, for letters on the screen and for elliptic curves.
also="libgnutls30 libfreetype6 fontconfig fonts-dejavu-core"

# root_of_i386: a Debian for i386 with Wine in it, made once.
root_of_i386() {
    if [ ! -f "$root/complete" ]; then
        [ "$(id -u)" = 0 ] || fail "only root can make the i386 system that 32-bit programs need"
        provide debootstrap
        codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
        # Where this machine has its own packages from.
        mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
            sed -n "s/^$codename main //p" | head -n 1)
        [ -n "$mirror" ] || fail "this is no Debian whose package source is known to apt"
        echo "making a Debian for i386 in $root" >&2
        rm -rf "$root"
        mkdir -p "$root"
        # shellcheck disable=SC2086
        with_timeout 900 debootstrap --arch=i386 --variant=minbase \
            --include="wine32,$(echo $also | tr ' ' ',')" "$codename" "$root" "$mirror" > "$wine/debootstrap.log" 2>&1 ||
            { tail -n 5 "$wine/debootstrap.log" >&2; fail "debootstrap failed; see $wine/debootstrap.log"; }
        rm -rf "$root"/var/cache/apt/archives/*.deb
        : > "$root/complete"
    fi
    # The same names as here.
    cp -L /etc/hosts /etc/resolv.conf "$root/etc/"
    for package in ${WINE_PACKAGES:-}; do
        [ ! -f "$root/var/lib/dpkg/info/$package.list" ] || continue
        echo "installing $package for i386" >&2
        with_timeout 300 chroot "$root" sh -c "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
            --no-install-recommends $package" > /dev/null < /dev/null || fail "$package cannot be installed for i386"
    done
}

# within COMMAND...: on this machine, or in the i386 system, whose mounts are seen by nobody else and end by themselves.
within() {
    if [ "$bits" = 64 ]; then "$@"; return; fi
    # shellcheck disable=SC2016
    unshare --mount sh -c '
        root=$1 folder=$2 seen=$3
        shift 3
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        for place in $seen; do
            mkdir -p "$root$place"
            mount --rbind "$place" "$root$place"
        done
        exec chroot "$root" /bin/sh -c '\''cd "$1" && shift && exec "$@"'\'' sh "$folder" "$@"
    ' sh "$root" "$folder" "$seen" "$@"
}

# made PREFIX: a Windows that has been set up, a copy of one that is made once.
made() {
    [ ! -f "$1/complete" ] || return 0
    rm -rf "$1"
    if [ "$1" != "$wine/$name.first" ]; then
        # Programs share Windows's own files, and have a registry of their own.
        cp -al "$wine/$name.first" "$1"
        for file in "$wine/$name.first"/*.reg; do cp --remove-destination -p "$file" "$1"; done
        return
    fi
    echo "setting up a $bits-bit Windows in $1" >&2
    mkdir -p "$1"
    export WINEPREFIX="$1"
    within timeout -k 5 300 "$loader" wineboot --init > "$wine/wineboot.log" 2>&1 < /dev/null ||
        fail "wineboot failed; see $wine/wineboot.log"
    within timeout -k 5 60 "$server" -w
    : > "$1/complete"
}

case ${1:-} in
    i686) bits=32 name=i686 ;;
    x86_64) bits=64 name=x86_64 ;;
    *) fail "usage: wine.sh i686|x86_64 PROGRAM.exe [ARGUMENT...]" ;;
esac
shift
[ $# -gt 0 ] || fail "usage: wine.sh $name PROGRAM.exe [ARGUMENT...]"

mkdir -p "$wine/home"
root=$wine/i386-root
folder=$calling_folder
seen="$checkout /tmp"
for place in "$calling_folder" "${CARGO_TARGET_DIR:-}"; do
    case $place in
        "$checkout" | "$checkout"/* | /tmp | /tmp/* | '' | [!/]*) ;;
        *' '*) fail "a folder whose name has a space cannot be seen from there: $place" ;;
        *) seen="$seen $place" ;;
    esac
done
case $checkout in *' '*) fail "this checkout's path has a space, which the i386 system cannot have" ;; esac

export WINEDEBUG="${WINEDEBUG:--all}" HOME="$wine/home"
# Asks for no add-on, leaves menus and file types alone, and ends a program that crashes without a debugger.
export WINEDLLOVERRIDES="mscoree,mshtml=;winemenubuilder.exe,winedbg.exe="
unset LD_PRELOAD LD_LIBRARY_PATH

# One at a time, as long as things are made.
exec 8> "$wine/setup.lock"
flock 8
if [ "$bits" = 64 ]; then
    export WINEARCH=win64
    # shellcheck disable=SC2086
    provide wine64 $also ${WINE_PACKAGES:-}
    loader=/usr/lib/wine/wine64 server=/usr/lib/wine/wineserver64
else
    export WINEARCH=win32
    root_of_i386
    unshare --mount true 2> /dev/null || fail "this machine allows no mount namespace, which 32-bit programs need"
    loader=/usr/lib/wine/wine server=/usr/lib/wine/wineserver32
fi
export WINELOADER="$loader" WINESERVER="$server"
made "$wine/$name.first" 8>&-
exec 8>&-
[ "$1" != --setup ] || exit 0

# The first Windows that nobody uses. What Wine leaves running must not keep the lock.
number=1
while :; do
    exec 9> "$wine/$name.$number.lock"
    if flock -n 9; then break; fi
    number=$((number + 1))
    [ "$number" -le "$windows" ] || fail "$windows programs run under Wine already"
done
export WINEPREFIX="$wine/$name.$number"
made "$WINEPREFIX" 9>&-

# Nothing of the program outlives it. The first one is of a run that was killed.
clean_up() {
    within "$server" -k > /dev/null 2>&1 < /dev/null 9>&- || :
    # A program that starts while the last server dies would find neither the old one nor a new one.
    within timeout 20 "$server" -w > /dev/null 2>&1 < /dev/null 9>&- || :
}
clean_up
trap clean_up EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
cd "$calling_folder"
code=0
within "$loader" "$@" 9>&- || code=$?
exit "$code"
