#!/usr/bin/env python3
"""TLS on Windows: which certificates are trusted, and the error messages for others.

Usage: windows_tls.py FOLDER RUNNER...
FOLDER contains conformance_executor.exe, and RUNNER runs it. This script starts the servers with its own certificates.
"""

import json
import pathlib
import socket
import ssl
import subprocess
import sys
import threading
import time

folder, runner = pathlib.Path(sys.argv[1]), sys.argv[2:]
work = folder / "tls"
work.mkdir(exist_ok=True)
lists = socket.create_server(("127.0.0.1", 0))
list_url = f"http://127.0.0.1:{lists.getsockname()[1]}/list.crl"
failures = []
checks = 0


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, cwd=work, capture_output=True)


def authority(name):
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days",
            "30", "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")


def certificate(name, host, *more, days="30", key=("rsa:2048",)):
    more = more or (f"crlDistributionPoints=URI:{list_url}",)
    (work / f"{name}.ext").write_text("\n".join([f"subjectAltName=DNS:{host}", "extendedKeyUsage=serverAuth", *more]))
    openssl("req", "-newkey", *key, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={host}")
    openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial",
            "-days", days, "-extfile", f"{name}.ext", "-out", f"{name}.crt")
    # With its issuer, as servers send it.
    (work / f"{name}.pem").write_text((work / f"{name}.crt").read_text() + (work / "authority.pem").read_text())


def revocation_list():
    """An empty revocation list. Wine, unlike Windows, rejects certificates whose list it cannot load. (Wine 8 accepts
    certificates that are on the list.)"""
    (work / "ca.cnf").write_text("[ca]\ndefault_ca=it\n[it]\ndatabase=index.txt\ncrlnumber=number\n"
                                 "default_md=sha256\ndefault_crl_days=30\ncertificate=authority.pem\n"
                                 "private_key=authority.key\n")
    (work / "index.txt").write_text("")
    (work / "number").write_text("01\n")
    openssl("ca", "-config", "ca.cnf", "-gencrl", "-out", "list.pem")
    openssl("crl", "-in", "list.pem", "-outform", "DER", "-out", "list.crl")


def serve_list(listening):
    while True:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            body = (work / "list.crl").read_bytes()
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/pkix-crl\r\n"
                               b"Content-Length: %d\r\n\r\n" % len(body) + body)


def listener():
    made = socket.create_server(("127.0.0.1", 0))
    return made, made.getsockname()[1]


def service(name):
    """Starts a server that responds to every request over TLS. Returns the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(work / f"{name}.pem", work / f"{name}.key")
    listening, port = listener()

    def serve():
        while True:
            plain, _ = listening.accept()
            try:
                with context.wrap_socket(plain, server_side=True) as connection:
                    if connection.recv(65536):
                        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 12\r\n\r\n"
                                           b'{"usage":{}}')
            except OSError:
                # A client that rejects the certificate closes the connection.
                plain.close()

    threading.Thread(target=serve, daemon=True).start()
    return port


def windows_path(path):
    return "Z:" + str(path).replace("/", "\\")


def main():
    global checks
    # A server for revocation lists that accepts connections and never responds.
    silent, silent_port = listener()
    authority("authority")
    authority("other")
    certificate("good", "localhost")
    certificate("curved", "localhost", key=("ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"))
    certificate("elsewhere", "desk.example")
    certificate("old", "localhost", days="-1")
    revocation_list()
    threading.Thread(target=serve_list, args=(lists,), daemon=True).start()
    certificate("slow", "localhost", f"crlDistributionPoints=URI:http://127.0.0.1:{silent_port}/list.crl")
    trusted = {"ca_file": windows_path(work / "authority.pem")}
    cases = [
        ("good", trusted, 0, '"usage"'),
        ("curved", trusted, 0, '"usage"'),
        ("good", {}, 10, "an authority that this computer does not trust"),
        ("good", {"ca_file": windows_path(work / "other.pem")}, 10, "an authority that this computer does not trust"),
        ("elsewhere", trusted, 10, "for another host name"),
        ("old", trusted, 10, "has expired"),
        # Windows accepts a certificate whose revocation list cannot be loaded. The call must end in time either way.
        ("slow", trusted | {"timeout_ms": 1500}, None, ""),
        ("good", {"ca_file": windows_path(work / "none.pem")}, None, "ca_file does not exist"),
    ]
    program = subprocess.Popen([*runner, str(folder / "conformance_executor.exe")], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    for name, settings, status, part in cases:
        config = {"api_key": "k", "base_url": f"https://localhost:{service(name)}", "proxy": "", "max_retries": 0,
                  "timeout_ms": 10000} | settings
        began = time.monotonic()
        try:
            program.stdin.write(f"get_usage\t{json.dumps(config)}\t{{}}\n")
            program.stdin.flush()
        except BrokenPipeError:
            failures.append(f"{name} with {settings}: the program ended: {program.stderr.read()}")
            break
        if "does not exist" in part:
            # Without a client, the program prints the error and ends.
            answer = program.stderr.read()
        else:
            answer = program.stdout.readline()
        took = time.monotonic() - began
        checks += 1
        if status is not None and not answer.startswith(f"{status}\t") or part not in answer or not answer:
            failures.append(f"{name} with {settings}: {answer}")
        limit = config["timeout_ms"] / 1000 + 0.3
        if took > limit:
            failures.append(f"{name} with {settings}: {took:.2f} s, of {limit}: {answer}")
        if name == "slow":
            print(f"    a revocation list that never arrives: {took:.2f} s, {answer.strip()[:120]}")
    try:
        program.stdin.close()
    except BrokenPipeError:
        # The last case makes the program end.
        pass
    program.wait(60)
    silent.close()


main()
for failure in failures:
    print(f"windows_tls: {failure}")
print(f"    windows_tls: {checks} checks, {len(failures)} failed")
sys.exit(1 if failures or not checks else 0)
