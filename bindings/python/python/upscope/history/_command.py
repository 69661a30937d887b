"""`python -m upscope history sync`."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from .. import Client, InvalidArgumentError, UpscopeError
from ._report_page import write_report_page
from ._store import StoreBusyError, StoreError, open_store
from ._sync import Progress, Report, sync

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

# From `sysexits.h`: mail servers and job schedulers try again.
_TRY_AGAIN = 75

_EPILOG = """
exit status:
  0    the store is up to date
  1    failed, and will fail again until something is changed, such as the API key or the store
  2    wrong arguments or settings
  75   failed for now: the network or the service, or another program writes to the store
  130  interrupted

After any of them, the next run continues where this one stopped. The API key is in UPSCOPE_API_KEY.
"""

_REDRAW_SECONDS = 0.1
_LINE_SECONDS = 10.0
_BAR_WIDTH = 30


def main(arguments: Sequence[str]) -> int:
    """Runs the command. Returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m upscope history", description="Copies sessions to your own tools.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser(
        "sync",
        help="copies all sessions; can be repeated",
        description="Copies all sessions to a store. Repeat it, for example with cron, to bring the store up to date.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument(
        "--to", required=True, metavar="STORE", help="sqlite:FILE, parquet:DIRECTORY or postgresql://…"
    )
    command.add_argument(
        "--since",
        type=parse_since,
        metavar="TIME",
        help="only sessions that changed since: 30d, 12h or 2026-01-31T00:00:00Z",
    )
    command.add_argument("--report", metavar="FILE.html", help="also writes a page with charts of what is in the store")
    options = parser.parse_args(arguments)
    if re.match(r"postgres(ql)?://[^/@]*:[^/]*@|.*[?&]password=", options.to):
        # Other users of the computer can read arguments.
        command.error("--to contains a password: put it in PGPASSWORD or ~/.pgpass")
    display = _BarDisplay() if sys.stderr.isatty() else _LineDisplay()
    try:
        # A scheduled job can wait.
        with Client(timeout=120, max_retries=8) as client:
            store = open_store(options.to)
            try:
                report = sync(client, store, since=options.since, progress=display.show)
                display.end()
                if options.report is not None:
                    write_report_page(store, options.report)
            finally:
                store.close()
    except InvalidArgumentError as error:
        return _fail(display, 2, f"{error}")
    except UpscopeError as error:
        return _fail(display, _TRY_AGAIN if error.retryable else 1, f"{error} ({error.code})")
    except StoreBusyError as error:
        return _fail(display, _TRY_AGAIN, f"{error}")
    except StoreError as error:
        return _fail(display, 1, f"{error}")
    except OSError as error:
        return _fail(display, 1, f"cannot write {options.report}: {error.strerror or error}")
    except KeyboardInterrupt:
        return _fail(display, 130, "interrupted: the next run continues")
    print(_summary(report))
    return 0


def parse_since(text: str) -> datetime | timedelta:
    """Reads `30d`, or a date and time with a time zone."""
    length = re.fullmatch(r"(\d{1,6})([smhdw])", text)
    if length:
        return timedelta(**{_UNITS[length[2]]: int(length[1])})
    try:
        time_of_day = datetime.fromisoformat(re.sub("[Zz]$", "+00:00", text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a length such as 30d or 12h nor a time") from None
    if time_of_day.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no time zone: write {text}Z for UTC")
    return time_of_day


def _fail(display: _Display, status: int, message: str) -> int:
    display.end()
    print(f"upscope history sync: {message}", file=sys.stderr)
    return status


def _summary(report: Report) -> str:
    parts = [f"{report.added} added", f"{report.updated} updated", f"{report.unchanged} unchanged"]
    if report.watermark is not None:
        parts.append(f"complete to {report.watermark.isoformat(timespec='seconds')}")
    if report.resumed:
        parts.append("continued an earlier run")
    if report.without_id:
        parts.append(f"{report.without_id} without an id were not copied")
    if report.filter_ignored:
        parts.append("the service ignores updated_after, so that each run reads all sessions")
    return ", ".join(parts)


class _Display:
    """Shows the progress on standard error."""

    def show(self, progress: Progress) -> None:
        """Shows the progress after a page, if the last time was long enough ago."""

    def end(self) -> None:
        """Leaves the cursor at the beginning of a line."""


class _BarDisplay(_Display):
    """A bar on a terminal."""

    def __init__(self) -> None:
        self._shown_at = 0.0
        self._width = 0

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._shown_at < _REDRAW_SECONDS and progress.fraction != 1.0:
            return
        self._shown_at = now
        line = f"{_bar(progress.fraction)} {_figures(progress)}"
        print("\r" + line.ljust(self._width), end="", file=sys.stderr, flush=True)
        self._width = len(line)

    def end(self) -> None:
        if self._width:
            print(file=sys.stderr)
            self._width = 0


class _LineDisplay(_Display):
    """A line every few seconds, for log files."""

    def __init__(self) -> None:
        self._shown_at = time.monotonic()

    def show(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._shown_at >= _LINE_SECONDS:
            self._shown_at = now
            print(_figures(progress), file=sys.stderr, flush=True)


def _bar(fraction: float | None) -> str:
    if fraction is None:
        return f"[{'?' * _BAR_WIDTH}]     "
    full = round(fraction * _BAR_WIDTH)
    return f"[{'#' * full}{'.' * (_BAR_WIDTH - full)}] {fraction:4.0%}"


def _figures(progress: Progress) -> str:
    text = f"{progress.sessions:,} sessions, {progress.rate:,.0f}/s"
    if progress.seconds_left:
        text += f", about {timedelta(seconds=round(progress.seconds_left))} left"
    return text
