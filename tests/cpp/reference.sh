#!/bin/sh
# Builds the reference of upscope.hpp with doxygen, without warnings: once with docs/Doxyfile, and once with doxygen's own
# settings, as in a program that includes the header in its documentation. Checks that each class has its own page,
# under its own name. Usage: reference.sh WORK_FOLDER
set -eu
cd "$(dirname "$0")/../.."
work=$1
rm -rf "$work"
mkdir -p "$work"

# The classes of the namespace upscope, without those of the namespace detail.
awk '/^namespace detail \{$/ { inside = 1 } /^\} \/\/ namespace detail$/ { inside = 0 }
    !inside && /^(class|struct) / && !/;$/ { sub(/\[\[nodiscard\]\] /, ""); print $2 }' include/upscope.hpp | sort > "$work/classes"
[ "$(wc -l < "$work/classes")" -ge 60 ] || { echo "reference: classes of upscope.hpp were not found"; exit 1; }

# pages NAME: checks the pages of the reference in this folder.
pages() {
    sed -n 's/.*<compound refid="\([^"]*\)" kind="\(class\|struct\)"><name>upscope::\([A-Za-z]*\)<.*/\3 \1/p' \
        "$work/$1/xml/index.xml" | sort > "$work/$1.pages"
    cut -d ' ' -f 1 "$work/$1.pages" | diff "$work/classes" - || { echo "reference: other classes with $1"; return 1; }
    while read -r class page; do
        grep -q "upscope::$class\(&lt;.*&gt;\)\{0,1\} .*Reference" "$work/$1/html/$page.html" || {
            echo "reference: $page.html with $1 is not the page of $class"
            return 1
        }
    done < "$work/$1.pages"
}

# build NAME SETTINGS
build() {
    printf '%s\n' "$2" "OUTPUT_DIRECTORY = $work/$1" 'GENERATE_XML = YES' 'GENERATE_LATEX = NO' 'QUIET = YES' \
        'HAVE_DOT = NO' > "$work/$1.doxyfile"
    doxygen "$work/$1.doxyfile" > "$work/$1.log" 2>&1
    pages "$1"
}

build own '@INCLUDE = docs/Doxyfile'
[ ! -s "$work/own.log" ] || { cat "$work/own.log"; exit 1; }
grep -q 'try_create_watch_url' "$work/own/html/classupscope_1_1Client.html" || {
    echo "reference: the page of Client has no calls"
    exit 1
}
build default 'INPUT = include/upscope.hpp'
# Check that a missing page is found.
echo NoSuchClass >> "$work/classes"
if pages own > /dev/null; then
    echo "reference: a missing page is not found"
    exit 1
fi
echo "    reference: $(wc -l < "$work/own.pages") classes, each with its page"
