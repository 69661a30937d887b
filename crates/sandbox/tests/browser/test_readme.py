"""The requests with curl in the sandbox's README run as printed."""

import json
import pathlib
import subprocess

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"


def test_ten_requests_with_curl(start_sandbox):
    sandbox = start_sandbox()
    section = README.read_text().split("## Ten requests with curl")[1].split("```sh\n")[1].split("```")[0]
    commands = section.splitlines()
    assert len(commands) == 10
    answers = []
    for command in commands:
        assert command.startswith("curl -s ") and "127.0.0.1:8080/" in command
        # The port is the only part that may be in use.
        command = command.replace("127.0.0.1:8080/", f"127.0.0.1:{sandbox.port}/")
        output = subprocess.run(["sh", "-c", command], check=True, capture_output=True, timeout=20).stdout
        answers.append(json.loads(output))
    requests = answers.pop(8)["requests"]
    assert [answer["status"] for answer in answers] == ["ok"] * 9
    assert [request["number"] for request in requests] == [1, 2, 3]
    assert answers[2]["visitors"][0]["short_id"] == "ADA"
    assert "ADA" in [session["visitor_id"] for session in answers[5]["cobrowsing_sessions"]]
    assert sandbox.control("GET", "/requests")["requests"] == []
