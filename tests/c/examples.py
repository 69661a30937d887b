#!/usr/bin/env python3
"""The examples from outside: they tell no secret, read only unless told otherwise, and notice what goes wrong.

Usage, beside a sandbox: examples.py FOLDER_OF_THE_PROGRAMS
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.request

programs = pathlib.Path(sys.argv[1])
control = os.environ["UPSCOPE_SANDBOX_CONTROL"]
failures = []


def check(holds, what):
    if not holds:
        failures.append(what)


def ask(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(control + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def run(program, *arguments, faults=(), **environment):
    """The exit code, what was printed, and the requests that were sent."""
    ask("/reset", {})
    ask("/faults", list(faults))
    done = subprocess.run([programs / program, *arguments], env=os.environ | environment, timeout=30, text=True,
                          capture_output=True)
    return done.returncode, done.stdout + done.stderr, ask("/requests")["requests"]


code, output, requests = run("helpdesk", "--write")
check(code == 0 and output.endswith("All went as expected.\n"), f"the demo failed: {output}")
check("/session/" not in output and "eyJ" not in output and "sandbox-key" not in output, f"a secret: {output}")
check(re.search(r"ours: +s_1121.*\n.*ticket.*vip", output), f"the record is not shown: {output}")
check([request["method"] for request in requests].count("DELETE") == 1, "the session was not stopped once")
code, output, _ = run("helpdesk", UPSCOPE_DEMO_WRITE="1")
check(code == 0 and "watch link" in output, f"UPSCOPE_DEMO_WRITE: {output}")

code, output, requests = run("helpdesk")
check(code == 0 and len(requests) > 5, f"reading only: {output}")
check({request["method"] for request in requests} == {"GET"}, "reading only, something else was sent")
visitor = re.search(r'visitor ("\w+")', output)
code, output, _ = run("helpdesk", "--visitor", json.loads(visitor.group(1)), "--agent", "ext-456")
check(code == 0 and '"ext-456" is' in output, f"--visitor, --agent: {output}")

for number in range(9):
    code, output, _ = run("helpdesk", "--write", faults=[None] * number + [{"status": 418}])
    check(code == 1 and output.endswith("see above.\n"), f"request {number} failed, and the demo did not: {output}")
check(run("helpdesk", UPSCOPE_API_KEY="nonsense")[0] == 1, "a wrong key went unnoticed")
check(run("helpdesk", UPSCOPE_API_KEY="")[0] == 1, "a missing key went unnoticed")
check(run("helpdesk", "--lookup-code", "9999999")[0] == 1, "a visitor who is not found went unnoticed")
check(run("helpdesk", "--wirte")[0] == 2, "a misspelt argument went unnoticed")

code, output, _ = run("quickstart", "0042")
check(code == 0 and json.loads(output)["status"] == "ok", f"quickstart: {output}")
code, output, _ = run("quickstart", "0042", UPSCOPE_API_KEY="nonsense")
check(code == 1 and output.startswith('unauthorized: {"error"'), f"quickstart: {output}")
check(run("quickstart")[0] == 2, "quickstart without a code")

root = pathlib.Path(__file__).resolve().parents[2]
blocks = re.findall(r"```c\n(.*?)```", (root / "README.md").read_text(encoding="utf-8"), flags=re.S)
quick_start = (root / "examples" / "quickstart.c").read_text(encoding="utf-8")
check(blocks == [quick_start], "the README has another quick start")

for failure in failures:
    print(f"examples: {failure}")
print(f"    examples: {len(failures)} failed")
sys.exit(1 if failures else 0)
