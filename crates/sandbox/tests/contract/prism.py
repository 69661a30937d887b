"""Tests api/openapi.json with Prism: prism.py PRISM, run by scripts/with-sandbox.

`prism mock` answers each example request with what the document promises. `prism proxy` in front of the sandbox finds no
violation of the document in the example requests and the sandbox's responses.
"""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

import example_objects
import jsonschema_rs

ROOT = pathlib.Path(__file__).resolve().parents[4]
DOCUMENT = ROOT / "api" / "openapi.json"
# Node.js needs up to half a minute for Prism's files on a machine that is busy.
START_SECONDS = 120


@contextlib.contextmanager
def prism(program, mode, *arguments):
    """Runs Prism and gives its base URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([program, mode, "--host", "127.0.0.1", "--port", str(port), *arguments],
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output = []
    listening = threading.Event()

    def read():
        for line in process.stdout:
            output.append(line)
            if "Prism is listening" in line:
                listening.set()
        # Prism has ended.
        listening.set()

    threading.Thread(target=read, daemon=True).start()
    try:
        if not listening.wait(START_SECONDS) or process.poll() is not None:
            raise SystemExit(f"prism {mode} did not start:\n{''.join(output)}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def example_requests(document):
    """Method, path, query, body, URI fragment of the operation, and operation of each example request.

    Each optional parameter has a request of its own.
    """
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            target, required, optional = path, {}, []
            for parameter in operation["parameters"]:
                name, example = parameter["name"], parameter["example"]
                text = example if isinstance(example, str) else json.dumps(example)
                if parameter["in"] == "path":
                    target = target.replace(f"{{{name}}}", text)
                elif parameter["required"]:
                    required[name] = text
                else:
                    optional.append({name: text})
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
            escaped = urllib.parse.quote(path.replace("~", "~0").replace("/", "~1"), safe="~")
            fragment = f"/paths/{escaped}/{method}"
            for query in optional or [{}]:
                yield method.upper(), target, required | query, body, fragment, operation


def call(base_url, method, path, query, body):
    """Status, headers and body of the response."""
    url = base_url + path + ("?" + urllib.parse.urlencode(query) if query else "")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method=method)
    request.add_header("X-Api-Key", os.environ["UPSCOPE_API_KEY"])
    if data is not None:
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def violations(document, fragment, status, body):
    """What the document does not allow in a response."""
    schema = document | {"$ref": f"#{fragment}/responses/{status}/content/application~1json/schema"}
    errors = jsonschema_rs.Draft202012Validator(schema, validate_formats=True).iter_errors(json.loads(body))
    return [str(error) for error in errors]


def test_mock(document, program):
    count = 0
    with prism(program, "mock", "--errors", str(DOCUMENT)) as base_url:
        for method, path, query, body, fragment, operation in example_requests(document):
            name = f"{operation['operationId']} {query}"
            status, _, text = call(base_url, method, path, query, body)
            example = operation["responses"]["200"]["content"]["application/json"]["example"]
            assert (status, json.loads(text)) == (200, example), f"{name}: {status} {text}"
            assert not violations(document, fragment, 200, text), f"{name}: {violations(document, fragment, 200, text)}"
            count += 1
        status, _, text = call(base_url, "GET", "/list", {"max_results": "11"}, None)
        assert status == 422, f"max_results=11: {status} {text}"
    return count


def test_proxy(document, program):
    upstream = os.environ["UPSCOPE_BASE_URL"]
    _, _, page = call(upstream, "GET", "/cobrowsing_sessions/list", {}, None)
    sessions = json.loads(page)["cobrowsing_sessions"]
    existing = {"before_id": sessions[-1]["id"], "after_id": sessions[0]["id"]}
    count = 0
    with prism(program, "proxy", "--errors", str(DOCUMENT), upstream) as base_url:
        for method, path, query, body, fragment, operation in example_requests(document):
            name = f"{operation['operationId']} {query}"
            # An earlier request may have deleted them.
            example_objects.add()
            query = {key: existing.get(key, value) for key, value in query.items()}
            status, headers, text = call(base_url, method, path, query, body)
            assert "sl-violations" not in headers, f"{name}: {headers['sl-violations']}"
            assert status == 200 and not violations(document, fragment, 200, text), f"{name}: {status} {text}"
            count += 1
        status, headers, text = call(base_url, "GET", "/visitors/nobody", {}, None)
        assert status == 404 and "sl-violations" not in headers, f"an unknown visitor: {status} {text}"
        # What violates the document is reported.
        status, _, text = call(base_url, "GET", "/list", {"max_results": "11"}, None)
        assert status == 422 and b"#UNPROCESSABLE_ENTITY" in text, f"max_results=11: {status} {text}"
        example_objects.post("/faults", [{"status": 200, "body": '{"visitors": 7}'}])
        status, _, text = call(base_url, "GET", "/list", {}, None)
        assert status == 500 and b"#VIOLATIONS" in text, f"visitors that are a number: {status} {text}"
    return count


def main(program):
    document = json.loads(DOCUMENT.read_text())
    operations = sum(len(methods) for methods in document["paths"].values())
    for test in test_mock, test_proxy:
        count = test(document, program)
        assert count >= operations, f"{test.__name__}: only {count} requests"
        print(f"prism.py: {test.__name__}: {count} requests")


if __name__ == "__main__":
    main(sys.argv[1])
