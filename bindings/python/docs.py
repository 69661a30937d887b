"""Writes the API reference as HTML: `docs.py FOLDER`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Optional

import pdoc  # pyright: ignore[reportMissingTypeStubs]
import upscope
from upscope._upscope import attributes


def documented_property(annotation: str, doc: str) -> property:
    """A property that shows pdoc the type and the description of a native attribute."""

    def read(self: object) -> object:
        raise NotImplementedError

    names = {**vars(upscope), "Any": Any, "datetime": datetime}
    read.__annotations__["return"] = Optional[eval(annotation, names)]
    read.__doc__ = doc
    return property(read)


def main() -> None:
    for client in (upscope.Client, upscope.AsyncClient):
        # pdoc omits members that are inherited from a private module.
        for base in client.__mro__[1:-1]:
            for name, member in vars(base).items():
                if not name.startswith("_"):
                    setattr(client, name, member)
    for name in upscope.__all__:
        for attribute, annotation, doc in attributes(name):
            setattr(getattr(upscope, name), attribute, documented_property(annotation, doc))
    for value in vars(upscope).values():
        if isinstance(value, type) and issubclass(value, upscope.UpscopeError):
            # Where pdoc finds the docstrings of the attributes.
            value.__module__ = "upscope._errors"
    pdoc.render.configure(docformat="google", show_source=False)
    pdoc.pdoc("upscope", "upscope.types", "upscope.testing", "upscope.history", output_directory=Path(sys.argv[1]))


if __name__ == "__main__":
    main()
