"""The fixtures of the pytest plugin."""

from __future__ import annotations

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .. import Client
    from ._sandbox import Sandbox


@pytest.fixture(scope="session")
def upscope_sandbox_arguments() -> Sequence[str]:
    """Arguments of the sandbox program. Override it to return others, such as `["--visitors", "0"]`."""
    return ()


@pytest.fixture(scope="session")
def _upscope_sandbox(upscope_sandbox_arguments: Sequence[str]) -> Iterator[Sandbox]:
    from contextlib import ExitStack

    from ._sandbox import SandboxError, sandbox

    with ExitStack() as stack:
        try:
            running = stack.enter_context(sandbox(*upscope_sandbox_arguments))
        except SandboxError as error:
            pytest.fail(str(error), pytrace=False)
        yield running


@pytest.fixture
def upscope_sandbox(_upscope_sandbox: Sandbox) -> Iterator[Sandbox]:
    """A local sandbox of the Upscope API with its initial data. `upscope.Client()` calls it during the test."""
    _upscope_sandbox.reset()
    # Not the fixture `monkeypatch`, because a test may undo its changes.
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _upscope_sandbox.environment().items():
            patch.setenv(name, value)
        yield _upscope_sandbox


@pytest.fixture
def upscope_client(upscope_sandbox: Sandbox) -> Iterator[Client]:
    """An `upscope.Client` that calls the fixture `upscope_sandbox`."""
    with upscope_sandbox.client() as client:
        yield client
