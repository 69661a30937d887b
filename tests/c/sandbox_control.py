"""Checks of the test programs, and requests to the control interface of the sandbox that scripts/with-sandbox started."""

import json
import os
import sys
import urllib.request

control = os.environ["UPSCOPE_SANDBOX_CONTROL"]
failures = []


def check(ok, message):
    if not ok:
        failures.append(message)


def control_request(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(control + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)
