#!/bin/sh
# Tests connections through real programs on loopback: proxies, and a TLS server with all kinds of certificates.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh
need tinyproxy tinyproxy
need microsocks microsocks
need openssl openssl

# The tests must not use the proxy or the certificates of this machine's configuration.
cargo test -q -p upscope --test proxies_and_tls --no-run
exec env -u http_proxy -u HTTP_PROXY -u https_proxy -u HTTPS_PROXY -u all_proxy -u ALL_PROXY -u no_proxy -u NO_PROXY \
    -u SSL_CERT_FILE -u SSL_CERT_DIR cargo test -p upscope --test proxies_and_tls
