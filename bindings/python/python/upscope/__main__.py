"""Prints what a support engineer needs to know: `python -m upscope [--version] [--try] [URL]`.

`python -m upscope history` copies sessions; see `upscope.history`.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import re
import sys
from inspect import signature

from . import Client, UpscopeError, __version__
from ._upscope import NativeClient, build_info

_VARIABLES = re.compile("upscope_.*|(https?|all|no)_proxy|ssl_cert_(file|dir)", re.IGNORECASE)


def main() -> int:
    """Prints the report."""
    if sys.argv[1:2] == ["history"]:
        from .history._command import main as history

        return history(sys.argv[2:])
    parser = argparse.ArgumentParser(
        prog="python -m upscope",
        description="Prints the settings in effect, and the reason for each.",
        epilog="python -m upscope history sync --help: copies all sessions to a database.",
    )
    parser.add_argument("url", nargs="?", help="the base URL, instead of the configured one")
    parser.add_argument("--try", dest="call", action="store_true", help="also call get_usage, and print the log")
    parser.add_argument("--version", action="version", version=f"upscope {__version__}")
    arguments = parser.parse_args()

    profile, target = build_info()
    _show("version", f"{__version__} ({profile} build for {target})")
    _show("python", f"{platform.python_implementation()} {platform.python_version()}, {sys.executable}")
    _show("system", platform.platform())
    for name in sorted(filter(_VARIABLES.fullmatch, os.environ)):
        _show(name, _hide_secrets(name, os.environ[name]))
    # Without a key, a placeholder lets the report show the connection settings.
    for placeholder in (None, "none"):
        try:
            client = NativeClient({"api_key": placeholder, "base_url": arguments.url})
            break
        except UpscopeError as error:
            _show("problem", str(error))
    else:
        return 1
    info = client.connection_info()
    _show("base_url", info["base_url"])
    _show("proxy", f"{info['proxy'] or 'none'}, because {info['proxy_reason']}")
    _show("roots", info["roots"])
    for name, parameter in signature(Client).parameters.items():
        if isinstance(parameter.default, (int, float)):
            _show(name, f"{parameter.default} (the default)")
    if placeholder is not None:
        return 1
    return _call(arguments.url) if arguments.call else 0


def _call(url: str | None) -> int:
    logging.basicConfig(stream=sys.stdout, format="log          %(message)s")
    logging.getLogger("upscope").setLevel(logging.DEBUG)
    try:
        with Client(base_url=url) as client:
            _show("response", repr(client.get_usage()))
    except UpscopeError as error:
        _show("problem", f"{error.code}: {error}")
        return 1
    return 0


def _show(name: str, value: str) -> None:
    print(f"{name:<16} {value}")


def _hide_secrets(name: str, value: str) -> str:
    if not value:
        return "(empty)"
    if name.upper().endswith("KEY"):
        return "[hidden]"
    # Whatever precedes the host in a URL may be a password.
    return re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*://)?.*@", r"\1[hidden]@", value)


if __name__ == "__main__":
    sys.exit(main())
