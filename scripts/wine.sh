#!/bin/sh
# Runs a Windows program under Wine: wine.sh i686|x86_64 PROGRAM.exe [ARGUMENT...]
# Only sets up Wine:                 wine.sh i686|x86_64 --setup
#
# Standard input and output, environment, current directory and exit code are those of the program. On drive Z: a program
# sees the files of this machine; a 32-bit program only those of this checkout, the current directory, CARGO_TARGET_DIR and
# /tmp. Uses the X server of DISPLAY. Several programs can run at the same time, each with its own Wine prefix in
# target/wine. WINE_PACKAGES lists further Debian packages to install, such as fonts.
#
# 64-bit programs run on Debian's wine64. 32-bit programs need i386 libraries, so they run in a separate Debian system in
# target/wine, in a mount namespace that ends with the program. Needs Debian and root, and fails with a message otherwise.
set -eu
calling_folder=$(pwd)
cd "$(dirname "$0")/.."
. scripts/lib.sh

checkout=$(pwd)
wine=$checkout/target/wine
max_prefixes=8

fail() {
    echo "wine.sh: $1" >&2
    exit 125
}

# Installs packages without the recommended ones, which include much of a desktop.
install_missing() {
    missing=
    for package; do
        dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q '^install ok installed$' ||
            missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    # shellcheck disable=SC2086
    install_debian --no-install-recommends $missing || fail "these Debian packages are missing:$missing"
}

# Optional libraries that Wine loads at run time, for fonts and for elliptic curves.
extra_packages="libgnutls30 libfreetype6 fontconfig fonts-dejavu-core"

# set_up_i386_root: creates a Debian system for i386 with Wine, once.
set_up_i386_root() {
    if [ ! -f "$root/complete" ]; then
        [ "$(id -u)" = 0 ] || fail "only root can create the i386 system that 32-bit programs need"
        install_missing debootstrap
        codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
        # The package source of this machine.
        mirror=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
            sed -n "s/^$codename main //p" | head -n 1)
        [ -n "$mirror" ] || fail "apt knows no package source for this Debian release"
        echo "creating a Debian system for i386 in $root" >&2
        rm -rf "$root"
        mkdir -p "$root"
        # shellcheck disable=SC2086
        with_timeout 900 debootstrap --arch=i386 --variant=minbase \
            --include="wine32,$(echo $extra_packages | tr ' ' ',')" "$codename" "$root" "$mirror" > "$wine/debootstrap.log" 2>&1 ||
            { tail -n 5 "$wine/debootstrap.log" >&2; fail "debootstrap failed; see $wine/debootstrap.log"; }
        rm -rf "$root"/var/cache/apt/archives/*.deb
        : > "$root/complete"
    fi
    # Host names resolve as on this machine.
    cp -L /etc/hosts /etc/resolv.conf "$root/etc/"
    for package in ${WINE_PACKAGES:-}; do
        [ ! -f "$root/var/lib/dpkg/info/$package.list" ] || continue
        echo "installing $package for i386" >&2
        with_timeout 300 chroot "$root" sh -c "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
            --no-install-recommends $package" > /dev/null < /dev/null || fail "$package cannot be installed for i386"
    done
}

# run_in_root COMMAND...: runs the command on this machine, or in the i386 system in a private mount namespace.
run_in_root() {
    if [ "$bits" = 64 ]; then "$@"; return; fi
    # shellcheck disable=SC2016
    unshare --mount sh -c '
        root=$1 folder=$2 mounts=$3
        shift 3
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        for path in $mounts; do
            mkdir -p "$root$path"
            mount --rbind "$path" "$root$path"
        done
        exec chroot "$root" /bin/sh -c '\''cd "$1" && shift && exec "$@"'\'' sh "$folder" "$@"
    ' sh "$root" "$folder" "$mounts" "$@"
}

# set_up_prefix PREFIX: creates a Wine prefix as a copy of the first one.
set_up_prefix() {
    [ ! -f "$1/complete" ] || return 0
    rm -rf "$1"
    if [ "$1" != "$wine/$name.first" ]; then
        # Prefixes share the files of Windows, but each has its own registry.
        cp -al "$wine/$name.first" "$1"
        for file in "$wine/$name.first"/*.reg; do cp --remove-destination -p "$file" "$1"; done
        return
    fi
    echo "setting up a $bits-bit Wine prefix in $1" >&2
    mkdir -p "$1"
    export WINEPREFIX="$1"
    run_in_root timeout -k 5 300 "$loader" wineboot --init > "$wine/wineboot.log" 2>&1 < /dev/null ||
        fail "wineboot failed; see $wine/wineboot.log"
    run_in_root timeout -k 5 60 "$server" -w
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
mounts="$checkout /tmp"
for path in "$calling_folder" "${CARGO_TARGET_DIR:-}"; do
    case $path in
        "$checkout" | "$checkout"/* | /tmp | /tmp/* | '' | [!/]*) ;;
        *' '*) fail "the i386 system cannot mount a path with a space: $path" ;;
        *) mounts="$mounts $path" ;;
    esac
done
case $checkout in *' '*) fail "the path of this checkout must not contain a space" ;; esac

export WINEDEBUG="${WINEDEBUG:--all}" HOME="$wine/home"
# No installation of add-ons, no changes to menus and file types, and no debugger when a program crashes.
export WINEDLLOVERRIDES="mscoree,mshtml=;winemenubuilder.exe,winedbg.exe="
unset LD_PRELOAD LD_LIBRARY_PATH

# Only one setup at a time.
exec 8> "$wine/setup.lock"
flock 8
if [ "$bits" = 64 ]; then
    export WINEARCH=win64
    # shellcheck disable=SC2086
    install_missing wine64 $extra_packages ${WINE_PACKAGES:-}
    loader=/usr/lib/wine/wine64 server=/usr/lib/wine/wineserver64
else
    export WINEARCH=win32
    set_up_i386_root
    unshare --mount true 2> /dev/null || fail "32-bit programs need mount namespaces, which this machine does not allow"
    loader=/usr/lib/wine/wine server=/usr/lib/wine/wineserver32
fi
export WINELOADER="$loader" WINESERVER="$server"
set_up_prefix "$wine/$name.first" 8>&-
exec 8>&-
[ "$1" != --setup ] || exit 0

# The first unused prefix. The processes that Wine leaves running must not inherit the lock.
number=1
while :; do
    exec 9> "$wine/$name.$number.lock"
    if flock -n 9; then break; fi
    number=$((number + 1))
    [ "$number" -le "$max_prefixes" ] || fail "$max_prefixes programs already run under Wine"
done
export WINEPREFIX="$wine/$name.$number"
set_up_prefix "$WINEPREFIX" 9>&-

# Ends all processes of Wine: before the program, those of a run that was killed; after it, its own.
clean_up() {
    run_in_root "$server" -k > /dev/null 2>&1 < /dev/null 9>&- || :
    # Wait, because a program that starts while the server ends would fail.
    run_in_root timeout 20 "$server" -w > /dev/null 2>&1 < /dev/null 9>&- || :
}
clean_up
trap clean_up EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
cd "$calling_folder"
code=0
run_in_root "$loader" "$@" 9>&- || code=$?
exit "$code"
