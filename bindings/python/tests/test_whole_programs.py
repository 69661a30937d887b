"""Small programs as whole processes: how they end. `test-programs.sh` runs them many times, with every interpreter."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from conftest import Sandbox
from program_runner import Environment, Program, programs, repeat, services

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs fork and send signals")

RUNS = 3


@pytest.fixture(scope="module")
def service_environment(sandbox_process: Sandbox) -> Iterator[Environment]:
    with services(sandbox_process.base_url, sandbox_process.api_key) as environment:
        yield environment


@pytest.mark.parametrize("program", programs(), ids=lambda program: program.name)
def test_program(program: Program, service_environment: Environment) -> None:
    assert repeat(program, sys.executable, service_environment, RUNS, jobs=RUNS) == []
