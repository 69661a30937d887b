"""Runs small programs as whole processes, many times, and checks exit status, standard output and standard error.

The programs are in `programs/`. Comments in each program give the expected exit status, and regular expressions that
match the whole of its output and errors. The runner also runs the examples.

As a command: `program_runner.py [--runs N] [--load] [--only NAME]… INTERPRETER…`.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"

TIME_LIMIT = 40.0
"""Seconds for one program. The programs take a few milliseconds, but the computer may be busy."""

Environment = dict[str, str]


@dataclass
class Result:
    """How a program ended."""

    status: int | str
    stdout: str
    stderr: str


@dataclass
class Program:
    """A program, its expected result, and how to run it."""

    name: str
    run: Callable[[str, Environment], Result]
    status: int = 0
    stdout: str = ""
    stderr: str = ""

    def problem(self, interpreter: str, environment: Environment) -> str | None:
        """Runs the program. Returns a description of an unexpected result, or None."""
        result = self.run(interpreter, environment)
        as_expected = (
            result.status == self.status
            and re.fullmatch(self.stdout, result.stdout.strip(), re.DOTALL)
            and re.fullmatch(self.stderr, result.stderr.strip(), re.DOTALL)
        )
        if as_expected:
            return None
        return f"status {result.status}, expected {self.status}\n--- stdout\n{result.stdout}--- stderr\n{result.stderr}"


def _finish(process: subprocess.Popen[str]) -> Result:
    try:
        stdout, stderr = process.communicate(timeout=TIME_LIMIT)
        return Result(process.returncode, stdout, stderr)
    except subprocess.TimeoutExpired:
        # Also kills its children, which keep its pipes open.
        os.killpg(process.pid, signal.SIGKILL)
        stdout, stderr = process.communicate()
        return Result(f"unknown: not ended after {TIME_LIMIT} seconds", stdout, stderr)


def _start(
    interpreter: str, environment: Environment, *command: str, folder: str | None = None
) -> subprocess.Popen[str]:
    # Python 3.12 and later warn of a fork in a process with several threads.
    return subprocess.Popen(
        [interpreter, "-W", "ignore::DeprecationWarning", *command],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=folder,
    )


def _program(file: Path) -> Program:
    expected = dict(re.findall(r"^# (status|stdout|stderr): (.*)$", file.read_text(), re.MULTILINE))
    return Program(
        file.stem,
        lambda interpreter, environment: _finish(_start(interpreter, environment, str(file))),
        int(expected.get("status", 0)),
        expected.get("stdout", ""),
        expected.get("stderr", ""),
    )


def _nightly_export(interpreter: str, environment: Environment) -> Result:
    with tempfile.TemporaryDirectory() as directory:
        result = _finish(_start(interpreter, environment, str(EXAMPLES / "nightly_export.py"), folder=directory))
        if not (Path(directory) / "sessions.db").exists():
            result.stderr += "no SQLite file was written\n"
        return result


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def _redirect_view(interpreter: str, environment: Environment) -> Result:
    process = _start(interpreter, environment, str(EXAMPLES / "redirect_view.py"), "0")
    assert process.stdout is not None
    address = process.stdout.readline().partition("/watch/")[0]
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
    status = 0
    try:
        with opener.open(f"{address}/watch/nobody?agent=7", timeout=TIME_LIMIT):
            pass
    except urllib.error.HTTPError as error:
        status = error.code
        error.close()
    except OSError:
        pass
    process.send_signal(signal.SIGINT)
    result = _finish(process)
    result.stdout = f"{status}\n"
    return result


def programs() -> list[Program]:
    """All programs and examples."""
    files = sorted((HERE / "programs").glob("*.py"))
    return [
        *(_program(file) for file in files),
        Program("nightly_export", _nightly_export, stdout=r"Report\(pages=.*\)"),
        Program("redirect_view", _redirect_view, -2, "404", r"Traceback .*\nKeyboardInterrupt"),
    ]


class _SlowHandler(BaseHTTPRequestHandler):
    """Responds after a delay, with an endless list of sessions. Never responds below `/silent`."""

    protocol_version = "HTTP/1.1"
    pages = 0

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, _SlowServer)
        if self.path.startswith("/silent/"):
            server.stopped.wait()
            return
        server.stopped.wait(0.02)
        if self.path.partition("?")[0].endswith("/list"):
            self.pages += 1
            last = f"s_{self.pages}"
            body = f'{{"cobrowsing_sessions": [{{"id": "{last}"}}], "has_more": true, "last_id": "{last}"}}'
        else:
            body = '{"usage": {}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing: clients are expected to disconnect."""


class _SlowServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _SlowHandler)
        self.stopped = threading.Event()

    def handle_error(self, *_: object) -> None:
        """Prints nothing: clients are expected to disconnect."""


@contextmanager
def services(base_url: str, api_key: str) -> Iterator[Environment]:
    """Runs a service that is slow or never responds. Yields the environment variables of the programs."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A background job of a shell ignores SIGINT, and so do the processes that it starts.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    names = [name for name in os.environ if not name.lower().endswith("_proxy") and not name.startswith("UPSCOPE_")]
    environment = {name: os.environ[name] for name in names}
    with _SlowServer() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        slow = f"http://127.0.0.1:{server.server_port}"
        environment.update(
            UPSCOPE_API_KEY=api_key,
            UPSCOPE_BASE_URL=base_url,
            SLOW_URL=f"{slow}/v1.3",
            SILENT_URL=f"{slow}/silent/v1.3",
        )
        yield environment
        server.stopped.set()
        server.shutdown()


@contextmanager
def load() -> Iterator[None]:
    """Keeps every processor busy."""
    processes = []
    for processor in sorted(os.sched_getaffinity(0)):
        # Ends when this process ends.
        code = f"import os\nos.sched_setaffinity(0, {{{processor}}})\nwhile os.getppid() == {os.getpid()}: pass"
        processes.append(subprocess.Popen([sys.executable, "-c", code]))
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def repeat(program: Program, interpreter: str, environment: Environment, runs: int, jobs: int) -> list[str]:
    """Runs a program several times. Returns the problems."""
    with ThreadPoolExecutor(jobs) as pool:
        problems = pool.map(lambda _: program.problem(interpreter, environment), range(runs))
        return [problem for problem in problems if problem is not None]


def main() -> int:
    """Runs the programs and prints a line for each."""
    from conftest import running_sandbox

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="how often to run each program")
    parser.add_argument("--jobs", type=int, default=4, help="how many programs to run at once")
    parser.add_argument("--load", action="store_true", help="keep every processor busy")
    parser.add_argument("--only", action="append", help="the name of a program to run; can be repeated")
    parser.add_argument("interpreters", nargs="+", metavar="INTERPRETER")
    arguments = parser.parse_args()

    failed = 0
    selected = [program for program in programs() if not arguments.only or program.name in arguments.only]
    with running_sandbox() as sandbox, services(sandbox.base_url, sandbox.api_key) as environment:
        for interpreter in arguments.interpreters:
            code = "import sys, upscope; print(*sys.version_info[:3], sep='.')"
            version = subprocess.run([interpreter, "-c", code], capture_output=True, text=True, check=True).stdout
            print(f"== Python {version.strip()}: {len(selected)} programs, {arguments.runs} runs each", flush=True)
            for program in selected:
                started = time.monotonic()
                if arguments.load:
                    with load():
                        problems = repeat(program, interpreter, environment, arguments.runs, arguments.jobs)
                else:
                    problems = repeat(program, interpreter, environment, arguments.runs, arguments.jobs)
                elapsed = time.monotonic() - started
                print(f"{program.name:<32} {len(problems):>4} failed  {elapsed:6.1f} s", flush=True)
                if problems:
                    print("first problem: " + problems[0], flush=True)
                failed += len(problems)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
