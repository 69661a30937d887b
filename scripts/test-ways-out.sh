#!/bin/sh
# The way to the service through real programs on loopback: proxies, and a TLS server with certificates of all kinds.
set -eu
cd "$(dirname "$0")/.."
. scripts/tools.sh
need tinyproxy tinyproxy
need microsocks microsocks
need openssl openssl

# Proxies that packages are fetched through are not on the way to this computer itself.
cargo test -q -p upscope --test proxies_and_tls --no-run
exec env -u http_proxy -u HTTP_PROXY -u https_proxy -u HTTPS_PROXY -u all_proxy -u ALL_PROXY -u no_proxy -u NO_PROXY \
    -u SSL_CERT_FILE -u SSL_CERT_DIR cargo test -p upscope --test proxies_and_tls
