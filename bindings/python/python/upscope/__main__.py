"""What a support engineer asks first: `python -m upscope [--try] [URL]`."""

from __future__ import annotations

import argparse
import logging
import os
import platform
import re
import sys
from inspect import signature

from . import Client, UpscopeError, __version__
from ._upscope import NativeClient, build

_NAMES = re.compile("upscope_.*|(https?|all|no)_proxy|ssl_cert_(file|dir)", re.IGNORECASE)


def main() -> int:
    """Prints the report."""
    parser = argparse.ArgumentParser(prog="python -m upscope", description="Shows what upscope would use, and why.")
    parser.add_argument("url", nargs="?", help="the base URL to look at, instead of the configured one")
    parser.add_argument("--try", dest="attempt", action="store_true", help="ask for the usage statistics, with a log")
    arguments = parser.parse_args()

    profile, target = build()
    _show("version", f"{__version__} ({profile} build for {target})")
    _show("python", f"{platform.python_implementation()} {platform.python_version()}, {sys.executable}")
    _show("system", platform.platform())
    for name in sorted(filter(_NAMES.fullmatch, os.environ)):
        _show(name, _hidden(name, os.environ[name]))
    # Without a key the way to the service can be told as well.
    for key in (None, "none"):
        try:
            client = NativeClient({"api_key": key, "base_url": arguments.url})
            break
        except UpscopeError as error:
            _show("problem", str(error))
    else:
        return 1
    proxy, reason, roots = client.way()
    _show("base_url", client.base_url)
    _show("proxy", f"{proxy or 'none'}, because {reason}")
    _show("roots", roots)
    for name, parameter in signature(Client).parameters.items():
        if isinstance(parameter.default, (int, float)):
            _show(name, f"{parameter.default} (the default)")
    if key is not None:
        return 1
    return _attempt(arguments.url) if arguments.attempt else 0


def _attempt(url: str | None) -> int:
    logging.basicConfig(stream=sys.stdout, format="log          %(message)s")
    logging.getLogger("upscope").setLevel(logging.DEBUG)
    try:
        with Client(base_url=url) as client:
            _show("answer", repr(client.get_usage()))
    except UpscopeError as error:
        _show("problem", f"{error.code}: {error}")
        return 1
    return 0


def _show(name: str, value: str) -> None:
    print(f"{name:<16} {value}")


def _hidden(name: str, value: str) -> str:
    if not value:
        return "(empty)"
    if name.upper().endswith("KEY"):
        return "[hidden]"
    # Whatever stands before the host of a URL may be a password.
    return re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*://)?.*@", r"\1[hidden]@", value)


if __name__ == "__main__":
    sys.exit(main())
