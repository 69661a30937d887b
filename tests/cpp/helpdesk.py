#!/usr/bin/env python3
"""Runs the C++ examples with a sandbox. Usage: helpdesk.py PROGRAMS_FOLDER WORK_FOLDER"""

import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request

program = pathlib.Path(sys.argv[1]) / "helpdesk"
quickstart = program.with_name("quickstart")
work = pathlib.Path(sys.argv[2])
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
database = work / "desk.db"
control = os.environ["UPSCOPE_SANDBOX_CONTROL"]
base_url = os.environ["UPSCOPE_BASE_URL"]
failures = []
checks = 0

# The agent's browser: it starts the session as the page of the link does, and writes the link to a file for comparison
# with the database.
browser = work / "browser"
browser.write_text(f"""#!{sys.executable}
import pathlib, sys, urllib.request
urllib.request.urlopen(sys.argv[1], b"", timeout=10).read()
with open({str(work / "links")!r}, "a") as links:
    links.write(sys.argv[1] + "\\n")
""")
browser.chmod(0o755)


def check(ok, what):
    global checks
    checks += 1
    if not ok:
        failures.append(what)


def ask(url, body=None, method=None, key=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} | ({} if key is None else {"X-Api-Key": key})
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def start(*words, **environment):
    return subprocess.Popen([program, database, *words], env=os.environ | {"BROWSER": str(browser)} | environment,
                            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def run(*words, **environment):
    """Returns the exit code and the output."""
    child = start(*words, **environment)
    output, errors = child.communicate(timeout=30)
    return child.returncode, output + errors


def faults(*what):
    ask(control + "/faults", list(what))


def requests():
    return ask(control + "/requests")["requests"]


def stored():
    """All bytes of the database."""
    return b"".join(path.read_bytes() for path in work.glob("desk.db*"))


def stop_session(visitor):
    ask(f"{base_url}/visitors/{visitor}/session", method="DELETE", key=os.environ["UPSCOPE_API_KEY"])


ask(control + "/reset", {})
for visitor in [{"short_id": "ANNA", "name": "Zoë 😀", "email": "anna@acme.example", "lookup_code": "0815"},
                {"short_id": "ANNE", "email": "anne@acme.example", "lookup_code": "0816"}]:
    ask(control + "/visitors", visitor | {"is_online": True})

# Tickets.
check(run()[0] == 2 and run("lits")[0] == 2 and run("cobrowse", "1")[0] == 2, "bad arguments are not an error")
check(run("open", "Cannot pay «Ü» 'x'", "nobody@acme.example", "0815") == (0, "ticket 1\n"), "a ticket with a code")
check(run("open", "Lost", "anne@acme.example") == (0, "ticket 2\n"), "a ticket with an e-mail address")
check(run("open", "Gone", "nobody@acme.example") == (0, "ticket 3\n"), "a ticket of an unknown person")
code, output = run("list")
check(code == 0 and output.count("\n") == 3 and "Cannot pay «Ü» 'x'" in output, f"list: {output}")

# Co-browsing by lookup code, reported by webhook.
receiver = start("receive", "0")
port = re.search(r"127\.0\.0\.1:(\d+)", receiver.stdout.readline()).group(1)
code, output = run("cobrowse", "1", "agent-7", 'Joe "X"', HELPDESK_HOOK=f"http://127.0.0.1:{port}")
check(code == 0 and "visitor ANNA" in output, f"cobrowse: {output}")
check("/session/" not in output, "the link was printed")
sent = [request for request in requests() if request["path"].endswith("/watch_url")]
check(len(sent) == 1 and '"ticket":1' in sent[0]["body"] and "/hook/" in sent[0]["body"], f"sent: {sent}")
check("Cannot pay" in sent[0]["body"] and "agent-7" in sent[0]["body"], f"sent: {sent}")
stop_session("ANNA")
line = receiver.stdout.readline()
check(re.match(r"session s_\d+: filed$", line), f"receive: {line}")
code, output = run("show", "1")
check(code == 0 and re.search(r"s_\d+\t\S+\t\d+ s\t", output), f"show: {output}")

# By e-mail address, saved by `sync`. The first run also returns old records, which belong to no ticket.
code, output = run("cobrowse", "2", "agent-7", "Joe")
check(code == 0 and "visitor ANNE" in output, f"cobrowse: {output}")
code, output = run("sync")
check(code == 0 and re.search(r"^12\d sessions changed, 2 filed$", output, re.M), f"sync: {output}")
check("running" in run("show", "2")[1], "the session is not shown as running")
stop_session("ANNE")
code, output = run("sync")
check(code == 0 and re.search(r", 2 filed$", output, re.M), f"second sync: {output}")
check("updated_after=" in requests()[-1]["query"], f"the position was not used: {requests()[-1]}")
check(re.search(r"s_\d+\t\S+\t\d+ s\t", run("show", "2")[1]), "the session has not ended")

# Links are only passed to the browser.
links = (work / "links").read_text().split()
check(len(links) == 2, f"{len(links)} links were opened")
for link in links:
    check(link.rsplit("/", 1)[1].encode() not in stored() and b"/session/" not in stored(), "a link was stored")
check(os.environ["UPSCOPE_API_KEY"].encode() not in stored(), "the key was stored")

# Errors.
code, output = run("cobrowse", "3", "agent-7", "Joe")
check(code == 1 and "nobody@acme.example" in output, f"an unknown customer: {output}")
code, output = run("cobrowse", "9", "agent-7", "Joe")
check(code == 1 and "no ticket 9" in output, f"no ticket: {output}")
code, output = run("cobrowse", "2x", "agent-7", "Joe")
check(code == 1 and "2x" in output, f"not a number: {output}")
code, output = run("cobrowse", "1", "agent-7", "Joe", BROWSER="/no/such/browser")
check(code == 1 and "browser" in output and "/session/" not in output, f"no browser: {output}")
code, output = run("cobrowse", "1", "agent-7", "Joe", UPSCOPE_API_KEY="nonsense")
check(code == 1 and "UPSCOPE_API_KEY" in output, f"a wrong key: {output}")
faults({"status": 503}, {"status": 503}, {"status": 503})
code, output = run("sync")
check(code == 1 and "trying again later" in output, f"a service that is down: {output}")
faults({"delay_ms": 20000})
began = time.monotonic()
code, output = run("cobrowse", "1", "agent-7", "Joe", HELPDESK_TIMEOUT="1")
check(code == 1 and 0.9 < time.monotonic() - began < 4, f"a service that is slow: {output}")

# A person with a similar address is not the customer.
ask(control + "/visitors", {"short_id": "ANNE", "email": "anne@other.example"})
code, output = run("cobrowse", "2", "agent-7", "Joe")
check(code == 1 and "anne@acme.example" in output, f"another Anne: {output}")

# Ctrl-C ends a waiting call.
faults({"delay_ms": 20000})
before = len(requests())
waiting = start("sync")
while len(requests()) == before:
    assert waiting.poll() is None, waiting.communicate()
began = time.monotonic()
waiting.send_signal(signal.SIGINT)
errors = waiting.communicate(timeout=10)[1]
check(waiting.returncode == 130 and time.monotonic() - began < 2, f"Ctrl-C: {waiting.returncode} {errors}")

# If listing sessions fails, complete pages are kept and the position does not change.
database = work / "second.db"
run("open", "Any", "x@acme.example")


def filed_and_position():
    with sqlite3.connect(database) as connection:
        count = connection.execute("SELECT count(*) FROM sessions").fetchone()[0]
        mark = connection.execute("SELECT value FROM settings WHERE name = 'synced_until'").fetchone()
    connection.close()
    return count, mark


first_page = {"cobrowsing_sessions": [{"id": "s_1", "metadata": {"ticket": 1}, "length_seconds": 5},
                                      {"id": "s_2", "metadata": {"ticket": 77}}, {"id": "s_3", "metadata": None},
                                      {"id": "s_4", "metadata": {"ticket": "1"}}, {"id": "s_5"}, {}],
              "has_more": True, "last_id": "s_5"}
faults({"status": 200, "body": json.dumps(first_page)}, {"status": 404})
code, output = run("sync")
check(code == 1 and filed_and_position() == (1, None), f"a failed sync: {output} {filed_and_position()}")
code, output = run("sync")
check(code == 0 and filed_and_position()[1] is not None, f"the next sync: {output}")

# The receiver only accepts POSTs to its secret path, and keeps running after any request.
database = work / "desk.db"
hook = sqlite3.connect(database).execute("SELECT value FROM settings WHERE name = 'hook_path'").fetchone()[0]


def post(path, body, **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


good = json.dumps({"id": "s_900", "metadata": {"ticket": 2}, "agents": [{"name": "Ann"}, 5]}).encode()
check(post("/hook/guess", good) == 404, "a guessed path was accepted")
check(post(hook, b"nonsense") == 400 and post(hook, b"{}") == 400, "an invalid body was accepted")
check(post(hook, b"x" * 2_000_000) == 413, "a huge body was accepted")
check(post(hook, good) == 200 and post(hook, good) == 200, "a record was rejected")
check(post(hook, b'{"id": "s_901"}') == 200, "a record without a ticket was rejected")
check(run("show", "2")[1].count("s_900") == 1 and "Ann" in run("show", "2")[1], "not filed once")
receiver.send_signal(signal.SIGINT)
output, errors = receiver.communicate(timeout=10)
check(receiver.returncode == 0 and "s_901: not ours" in output, f"receive: {receiver.returncode} {output} {errors}")

found = subprocess.run([quickstart, "0815"], text=True, capture_output=True, timeout=30)
check(found.returncode == 0 and found.stdout.startswith("ANNA\t"), f"quickstart: {found}")
found = subprocess.run([quickstart, "0815"], text=True, capture_output=True, timeout=30,
                       env=os.environ | {"UPSCOPE_API_KEY": "nonsense"})
check(found.returncode == 1 and found.stderr.startswith("the API key is not accepted: "), f"quickstart: {found}")

for failure in failures:
    print(f"helpdesk: {failure}")
print(f"    helpdesk: {checks} checks, {len(failures)} failed")
sys.exit(1 if failures else 0)
