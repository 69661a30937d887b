"""The sandbox's objects that the examples of api/openapi.json name."""

import json
import os
import urllib.request


def post(path, body):
    """A request to the control interface."""
    url = os.environ["UPSCOPE_SANDBOX_CONTROL"] + path
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=10).close()


def add():
    post("/visitors", {"short_id": "1234", "lookup_code": "0042", "is_online": False})
    post("/agents", {"email": "joe@example.com", "name": "Joe Smith"})
    post("/agents", {"external_id": "ext-123", "name": "Ann Lee"})


if __name__ == "__main__":
    add()
