# To be sourced, in the root of the checkout: has a build leave out where it was made.
# Panic messages name source files, those of other crates by their place in cargo's folder.

cargo_home=${CARGO_HOME:-$HOME/.cargo}
# What a flag holds may have spaces; between flags stands an unprintable character.
between=$(printf '\037')
CARGO_ENCODED_RUSTFLAGS="--remap-path-prefix=$cargo_home=/cargo$between--remap-path-prefix=$(pwd)=/upscope"
export CARGO_ENCODED_RUSTFLAGS
# The C and assembly of ring.
CFLAGS="${CFLAGS:-} -ffile-prefix-map=$(printf '%s' "$cargo_home" | sed 's/ /\\ /g')=/cargo"
export CFLAGS
