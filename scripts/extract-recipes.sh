#!/bin/sh
# Writes the recipes of docs/sandbox.md into files: extract-recipes.sh FOLDER
#
# The comment `<!-- recipe: PATH -->` before a block names its file below the folder. A block with a language but without
# such a comment is an error.
set -eu
cd "$(dirname "$0")/.."
awk -v folder="$1" '
    /^<!-- recipe: [^ ]+ -->$/ { path = $3; next }
    /^```[a-z]+$/ {
        if (path == "") { print FILENAME ":" FNR ": a block without a `recipe:` comment"; exit 1 }
        file = folder "/" path; path = ""
        directory = file; sub("/[^/]*$", "", directory); system("mkdir -p \"" directory "\"")
        next
    }
    /^```$/ { file = "" }
    file != "" { print > file }
' docs/sandbox.md
