"""Finds, starts and controls a sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from contextlib import contextmanager, suppress
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from importlib import metadata
from shutil import which
from threading import Timer
from urllib.parse import urlsplit

from .._client import Client
from .._upscope import Visitor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from typing import IO, Any

    from .._async_client import AsyncClient

_PACKAGE = "upscope-sandbox"
_PROGRAM = "upscope-sandbox.exe" if os.name == "nt" else "upscope-sandbox"

_START_TIMEOUT = 20.0
_STOP_TIMEOUT = 5.0
_CONTROL_TIMEOUT = 20.0


class SandboxError(RuntimeError):
    """The sandbox cannot be found or started, or refuses a request to its control interface."""


class Sandbox:
    """A running sandbox. Use `sandbox` or the fixture `upscope_sandbox` to start one."""

    base_url: str
    """The URL for `upscope.Client(base_url=...)`."""

    api_key: str
    """An API key that the sandbox accepts."""

    def __init__(self, arguments: tuple[str, ...]) -> None:
        program = _find_program()
        # A file and not a pipe, because nobody would read a pipe while the sandbox runs.
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            # The sandbox ends when its standard input is closed, also if this process is killed. In a session of its
            # own, Ctrl-C does not reach it.
            self._process = subprocess.Popen(
                [program, "--exit-with-stdin", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )
        except OSError as error:
            self._errors.close()
            raise SandboxError(f"cannot start the sandbox {program}: {error.strerror or error}") from error
        self._owner = os.getpid()
        try:
            started = self._read_first_line(program)
            self.base_url = started["base_url"]
            self.api_key = started["api_key"]
            self._control = urlsplit(started["control_url"])
        except BaseException:
            self.stop()
            raise

    def client(self, **settings: Any) -> Client:
        """Returns a new `upscope.Client` that calls the sandbox. Takes the settings of `upscope.Client`."""
        return Client(**self._settings(settings))

    def async_client(self, **settings: Any) -> AsyncClient:
        """Returns a new `upscope.AsyncClient` that calls the sandbox. Takes the settings of `upscope.AsyncClient`."""
        from .._async_client import AsyncClient

        return AsyncClient(**self._settings(settings))

    def environment(self) -> dict[str, str]:
        """Environment variables with which `upscope.Client()` calls the sandbox, also in other processes."""
        variables = {"UPSCOPE_API_KEY": self.api_key, "UPSCOPE_BASE_URL": self.base_url}
        # A proxy cannot connect to this computer's loopback address.
        exceptions = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
        host = urlsplit(self.base_url).hostname or ""
        variables["NO_PROXY"] = variables["no_proxy"] = f"{exceptions},{host}" if exceptions else host
        return variables

    def faults(self, *faults: Mapping[str, Any] | None) -> None:
        """Replaces the faults. Each API request with a valid key uses one.

            sandbox.faults(
                {"status": 429, "headers": {"Retry-After": "1"}, "body": {"status": "error"}},
                None,  # a request without a fault
                {"delay_ms": 200, "drop": "before_response"},  # or "mid_body", "after_response"
            )

        Without arguments, removes the faults.
        """
        self.control("POST", "/faults", list(faults))

    def requests(self) -> list[dict[str, Any]]:
        """Returns the API requests since the last reset, oldest first.

        Among their keys are `method`, `path`, `query`, `headers`, `body`, `status` and `applied`: whether the request
        changed something.
        """
        requests: list[dict[str, Any]] = self.control("GET", "/requests")["requests"]
        return requests

    def reset(self) -> None:
        """Restores the initial data and clock, and removes all faults and recorded requests."""
        self.control("POST", "/reset", {})

    def advance(self, seconds: float) -> datetime:
        """Advances the clock of the sandbox, for example until a watch link expires. Returns its time."""
        now: str = self.control("POST", "/clock", {"advance_ms": round(seconds * 1000)})["now"]
        return datetime.fromisoformat(now.replace("Z", "+00:00"))

    def put_visitor(self, short_id: str, **attributes: Any) -> Visitor:
        """Adds a visitor, or changes these attributes of one: `put_visitor("1234", name="Ann", is_online=True)`."""
        return Visitor.from_dict(self.control("POST", "/visitors", {**attributes, "short_id": short_id})["visitor"])

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Sends a request to the control interface, for what has no method here. Returns the JSON of the response.

        Args:
            method: The HTTP method.
            path: The path below the control URL, such as `"/faults"`.
            body: The JSON of the request.

        Raises:
            SandboxError: The sandbox refuses the request, or has ended.
        """
        data = None if body is None else json.dumps(body).encode()
        headers = {} if data is None else {"Content-Type": "application/json"}
        connection = HTTPConnection(self._control.hostname or "", self._control.port, timeout=_CONTROL_TIMEOUT)
        try:
            connection.request(method, self._control.path + path, data, headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, HTTPException) as error:
            raise SandboxError(f"{method} {path}: the sandbox does not respond: {self._reason() or error}") from error
        finally:
            connection.close()
        if response.status >= 300:
            members = _members(content)
            reason = (
                members.get("message") or members.get("error") or f"the sandbox returns the status {response.status}"
            )
            raise SandboxError(f"{method} {path}: {reason}")
        return json.loads(content or b"null")

    def stop(self) -> None:
        """Stops the sandbox. Stopping it again does nothing."""
        # A forked child process must not stop the sandbox of its parent.
        if os.getpid() != self._owner:
            return
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        # A forked child process may still hold the other end of the pipe.
        self._process.terminate()
        try:
            self._process.wait(_STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def __repr__(self) -> str:
        return f"<upscope.testing.Sandbox {self.base_url}>"

    def _settings(self, settings: dict[str, Any]) -> dict[str, Any]:
        return {"api_key": self.api_key, "base_url": self.base_url, "proxy": "", **settings}

    def _read_first_line(self, program: str) -> dict[str, str]:
        assert self._process.stdout is not None
        timer = Timer(_START_TIMEOUT, self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        timed_out = not timer.is_alive()
        timer.cancel()
        if timed_out:
            raise SandboxError(f"the sandbox {program} did not start within {_START_TIMEOUT:g} seconds")
        started = _members(line)
        if {"base_url", "api_key", "control_url"} <= started.keys():
            return started
        if line:
            reason = "its output is not that of a sandbox"
        else:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_TIMEOUT)
            reason = self._reason() or "it closed its output"
        raise SandboxError(f"the sandbox {program} did not start: {reason}")

    def _reason(self) -> str:
        """Why the sandbox has ended, or "" while it runs."""
        status = self._process.poll()
        if status is None:
            return ""
        if self._errors.closed:
            return "it was stopped"
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace").strip() or f"it exited with status {status}"


@contextmanager
def sandbox(*arguments: str) -> Generator[Sandbox, None, None]:
    """Starts a sandbox on a free port, and stops it at the end of the `with` block.

        with upscope.testing.sandbox() as sandbox, sandbox.client() as client:
            client.get_usage()

    It also ends if this process is killed.

    Args:
        arguments: Arguments of the program, such as `"--visitors", "0"`. `upscope-sandbox --help` lists them.

    Raises:
        SandboxError: The sandbox cannot be found or started.
    """
    running = Sandbox(arguments)
    try:
        yield running
    finally:
        running.stop()


def _members(text: bytes) -> dict[str, Any]:
    """The members of a JSON object; none if the text is anything else."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if hasattr(value, "items") else {}


def _find_program() -> str:
    chosen = os.environ.get("UPSCOPE_SANDBOX")
    if chosen:
        program = which(chosen)
        if program is None:
            raise SandboxError(f"UPSCOPE_SANDBOX is {chosen!r}, which is not a program")
        return program
    program = _installed_program() or which(_PROGRAM)
    if program is None:
        raise SandboxError(
            "the sandbox is not installed: run `pip install upscope[testing]`, "
            f"put {_PROGRAM} on the PATH, or set UPSCOPE_SANDBOX to its path"
        )
    return program


def _installed_program() -> str | None:
    """The program of the package `upscope-sandbox`. Its folder need not be on the PATH."""
    try:
        package = metadata.distribution(_PACKAGE)
    except metadata.PackageNotFoundError:
        return None
    candidates = [str(file.locate()) for file in package.files or [] if file.name == _PROGRAM]
    # `pip install --target` moves programs after it has recorded where they are.
    candidates.append(str(package.locate_file(os.path.join("bin", _PROGRAM))))
    for candidate in candidates:
        if os.access(candidate, os.X_OK):
            return os.path.realpath(candidate)
    return None
