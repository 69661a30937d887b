"""`python -m upscope`: what a support engineer asks first."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import upscope
from conftest import Sandbox


def shown(*arguments: str, **environment: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "upscope", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env={**os.environ, **environment})
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_the_report_hides_secrets() -> None:
    code, text = shown(
        "https://api.example.com/v1.3",
        UPSCOPE_API_KEY="key-3f9a",
        HTTPS_PROXY="http://user:pa@ss-77b1@proxy.example:8080",
        NO_PROXY="localhost",
    )
    assert code == 0
    assert upscope.__version__ in text
    assert "https://api.example.com/v1.3" in text
    assert re.search(r"^proxy +http://proxy\.example:8080, because .*HTTPS_PROXY", text, re.MULTILINE)
    assert re.search(r"^roots .*the operating system's store$", text, re.MULTILINE)
    assert "[hidden]@proxy.example:8080" in text
    assert "key-3f9a" not in text
    assert "ss-77b1" not in text


def test_what_is_wrong_is_said() -> None:
    code, text = shown(UPSCOPE_API_KEY="")
    assert code == 1
    assert "api_key is missing" in text
    assert re.search(r"^proxy +none, because ", text, re.MULTILINE)
    code, text = shown("http://example.com", UPSCOPE_API_KEY="k")
    assert code == 1
    assert "allow_http" in text
    assert "proxy" not in text


def test_a_try(sandbox: Sandbox) -> None:
    code, text = shown("--try", UPSCOPE_API_KEY=sandbox.api_key, UPSCOPE_BASE_URL=sandbox.base_url)
    assert (code, "200" in text, "Usage(" in text) == (0, True, True)
    code, text = shown("--try", UPSCOPE_API_KEY="wrong", UPSCOPE_BASE_URL=sandbox.base_url)
    assert (code, "unauthorized" in text) == (1, True)
