"""The sandbox's objects that the examples of api/openapi.json name."""

import json
import os
import urllib.request


def add():
    control = os.environ["UPSCOPE_SANDBOX_CONTROL"]
    for path, body in [
        ("/visitors", {"short_id": "1234", "lookup_code": "0042", "is_online": False}),
        ("/agents", {"email": "joe@example.com", "name": "Joe Smith"}),
        ("/agents", {"external_id": "ext-123", "name": "Ann Lee"}),
    ]:
        request = urllib.request.Request(control + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        urllib.request.urlopen(request, timeout=10).close()


if __name__ == "__main__":
    add()
