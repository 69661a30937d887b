#!/usr/bin/env python3
"""Runs the examples: they print no secrets, only read by default, and report failures in their exit code.

Usage, within scripts/with-sandbox: examples.py FOLDER_OF_THE_PROGRAMS
"""

import json
import os
import pathlib
import re
import subprocess
import sys

from sandbox_control import check, control_request, failures

programs = pathlib.Path(sys.argv[1])


def run(program, *arguments, faults=(), **environment):
    """Returns the exit code, the output, and the requests that were sent."""
    control_request("/reset", {})
    control_request("/faults", list(faults))
    done = subprocess.run([programs / program, *arguments], env=os.environ | environment, timeout=30, text=True,
                          capture_output=True)
    return done.returncode, done.stdout + done.stderr, control_request("/requests")["requests"]


code, output, requests = run("helpdesk", "--write")
check(code == 0 and output.endswith("All went as expected.\n"), f"the demo failed: {output}")
check("/session/" not in output and "eyJ" not in output and "sandbox-key" not in output, f"a secret: {output}")
check(re.search(r"ours: +s_1121.*\n.*ticket", output), f"the record is not shown: {output}")
check([request["method"] for request in requests].count("DELETE") == 1, "the session was not stopped once")
code, output, _ = run("helpdesk", UPSCOPE_DEMO_WRITE="1")
check(code == 0 and "watch link" in output, f"UPSCOPE_DEMO_WRITE: {output}")

code, output, requests = run("helpdesk")
check(code == 0 and len(requests) > 5, f"read-only: {output}")
check({request["method"] for request in requests} == {"GET"}, "read-only mode sent a request other than GET")
lookup_code, visitor = re.search(r'(\d{4}): visitor ("\w+")', output).groups()
code, output, _ = run("helpdesk", "--visitor", json.loads(visitor), "--agent", "ext-456")
check(code == 0 and '"ext-456" is' in output, f"--visitor, --agent: {output}")

for number in range(9):
    code, output, _ = run("helpdesk", "--write", faults=[None] * number + [{"status": 418}])
    check(code == 1 and output.endswith("see above.\n"), f"request {number} failed, but the demo succeeded: {output}")
check(run("helpdesk", UPSCOPE_API_KEY="nonsense")[0] == 1, "a wrong key is not an error")
check(run("helpdesk", UPSCOPE_API_KEY="")[0] == 1, "a missing key is not an error")
check(run("helpdesk", "--lookup-code", "9999999")[0] == 1, "an unknown visitor is not an error")
check(run("helpdesk", "--wirte")[0] == 2, "a misspelt argument is not an error")

code, output, _ = run("quickstart", lookup_code)
check(code == 0 and re.fullmatch(r"\w+\n", output), f"quickstart: {output}")
code, output, _ = run("quickstart", '0042", "max_results": 10, "search": "')
check(code == 0 and output == "no visitor has this code\n", f"quickstart with a quotation mark: {output}")
code, output, _ = run("quickstart", lookup_code, UPSCOPE_API_KEY="nonsense")
check(code == 1 and output.startswith('unauthorized: {"error"'), f"quickstart: {output}")
check(run("quickstart")[0] == 2, "quickstart without an argument")

root = pathlib.Path(__file__).resolve().parents[2]
blocks = re.findall(r"```c\n(.*?)```", (root / "README.md").read_text(encoding="utf-8"), flags=re.S)
quick_start = (root / "examples" / "quickstart.c").read_text(encoding="utf-8")
check(blocks[:1] == [quick_start], "the quick start in README.md differs from examples/quickstart.c")
compiler = [os.environ.get("CC", "cc"), "-std=c99", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-xc", "-"]
for block in blocks[1:]:
    program = f"""#include <stddef.h>
        #include "upscope.h"
        upscope_status build(const char *id, const char *name, char *request);
        upscope_status build(const char *id, const char *name, char *request) {{
            upscope_status status;
            {block}
            return status;
        }}"""
    done = subprocess.run([*compiler, f"-I{root / 'include'}"], input=program, text=True, capture_output=True)
    check(done.returncode == 0, f"code in README.md does not compile: {done.stderr}")
check(len(blocks) == 2, f"{len(blocks)} examples in C in README.md")

for failure in failures:
    print(f"examples: {failure}")
print(f"    examples: {len(failures)} failed")
sys.exit(1 if failures else 0)
