"""`python -m upscope`, which prints the settings in effect."""

from __future__ import annotations

import re

import upscope
from conftest import Sandbox, run_upscope


def test_problems_are_reported() -> None:
    code, text = run_upscope(UPSCOPE_API_KEY="")
    assert code == 1
    assert "api_key is missing" in text
    assert re.search(r"^proxy +none, because ", text, re.MULTILINE)
    code, text = run_upscope("http://example.com", UPSCOPE_API_KEY="k")
    assert code == 1
    assert "allow_http" in text
    assert "proxy" not in text


def test_version() -> None:
    code, text = run_upscope("--version")
    assert (code, text) == (0, f"upscope {upscope.__version__}\n")


def test_try_makes_a_call(sandbox: Sandbox) -> None:
    code, text = run_upscope("--try", UPSCOPE_API_KEY=sandbox.api_key, UPSCOPE_BASE_URL=sandbox.base_url)
    assert (code, "200" in text, "Usage(" in text) == (0, True, True)
    code, text = run_upscope("--try", UPSCOPE_API_KEY="wrong", UPSCOPE_BASE_URL=sandbox.base_url)
    assert (code, "unauthorized" in text) == (1, True)
