"""Writes the reference as HTML: `docs.py FOLDER`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Optional

import pdoc  # pyright: ignore[reportMissingTypeStubs]
import upscope
from upscope._upscope import attributes


def described(kind: str, doc: str) -> property:
    """A property that shows the type and meaning of a native attribute, which pdoc does not know."""

    def read(self: object) -> object:
        raise NotImplementedError

    names = {**vars(upscope), "Any": Any, "datetime": datetime}
    read.__annotations__["return"] = Optional[eval(kind, names)]
    read.__doc__ = doc
    return property(read)


def main() -> None:
    for client in (upscope.Client, upscope.AsyncClient):
        # pdoc leaves out what is inherited from a private module.
        for base in client.__mro__[1:-1]:
            for name, member in vars(base).items():
                if not name.startswith("_"):
                    setattr(client, name, member)
    for name in upscope.__all__:
        for attribute, kind, doc in attributes(name):
            setattr(getattr(upscope, name), attribute, described(kind, doc))
    for value in vars(upscope).values():
        if isinstance(value, type) and issubclass(value, upscope.UpscopeError):
            # Where pdoc finds what is written below the attributes.
            value.__module__ = "upscope._errors"
    pdoc.render.configure(docformat="google", show_source=False)
    pdoc.pdoc("upscope", "upscope.types", output_directory=Path(sys.argv[1]))


if __name__ == "__main__":
    main()
