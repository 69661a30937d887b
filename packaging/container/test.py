"""Tests what the Containerfile starts, without a container: test.py PROGRAM

Runs the program with the arguments of ENTRYPOINT and CMD, then the command of HEALTHCHECK, on a free port.
"""

import contextlib
import json
import pathlib
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request

CONTAINERFILE = pathlib.Path(__file__).with_name("Containerfile")


def free_port():
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))
        return str(listener.getsockname()[1])


def status(url, host=None):
    request = urllib.request.Request(url, headers={"X-Api-Key": "sandbox-key"} | ({"Host": host} if host else {}))
    # Without a proxy.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


@contextlib.contextmanager
def running(command):
    """Starts a sandbox, and gives what it prints."""
    with subprocess.Popen([*command, "--exit-with-stdin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as sandbox:
        line = sandbox.stdout.readline()
        if not line:
            raise SystemExit(f"{' '.join(command)} printed nothing; its exit code is {sandbox.wait(10)}")
        try:
            yield json.loads(line)
        finally:
            sandbox.stdin.close()
    assert sandbox.returncode == 0


def main(program):
    text = CONTAINERFILE.read_text()
    port = free_port()
    assert text.count("8080") == 4, "EXPOSE, HEALTHCHECK, ENTRYPOINT and CMD use one port"
    text = text.replace("8080", port)
    health, entrypoint, command = (json.loads(array) for array in re.findall(r"^ *(?:CMD|ENTRYPOINT) (\[.*\])$", text, re.M))
    assert not re.search(r"^USER (root|0)\b", text, re.M) and re.search(r"^USER \d+:\d+$", text, re.M)
    assert entrypoint.pop(0) == "upscope-sandbox"

    with running([program, *entrypoint, *command]) as line:
        assert line["base_url"] == f"http://localhost:{port}/v1.3"
        assert subprocess.run(health, timeout=20).returncode == 0
        assert status(f"http://127.0.0.1:{port}/v1.3/usage") == 200
        assert status(f"http://127.0.0.1:{port}/_sandbox/requests", f"localhost:{port}") == 200
        assert status(f"http://127.0.0.1:{port}/_sandbox/requests", f"sandbox:{port}") == 403
        # The health check is not in the request log.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(line["control_url"] + "/requests") as log:
            assert [request["path"] for request in json.load(log)["requests"]] == ["/v1.3/usage"]
    assert subprocess.run(health, timeout=20).returncode != 0, "the health check passes without a sandbox"

    # Other containers use the name of this one, which --public-url says.
    with running([program, *entrypoint, "--public-url", f"http://sandbox:{port}"]) as line:
        assert line["base_url"] == f"http://sandbox:{port}/v1.3"
        assert status(f"http://127.0.0.1:{port}/_sandbox/requests", f"sandbox:{port}") == 200


if __name__ == "__main__":
    main(*sys.argv[1:])
