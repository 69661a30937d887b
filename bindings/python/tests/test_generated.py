"""What follows from the core is not stale."""

from __future__ import annotations

from pathlib import Path

import upscope

PACKAGE = Path(__file__).parents[1]


def test_every_attribute_of_the_core_is_read() -> None:
    # A type that the package does not know would be left out in silence.
    from upscope import _upscope

    for name in upscope.__all__:
        kind = getattr(upscope, name)
        if isinstance(kind, type) and issubclass(kind, upscope.ApiObject) and kind is not upscope.ApiObject:
            known = _upscope.attributes(name)
            assert known, name
            assert all(annotation for _, annotation, _ in known), name


def test_every_class_is_exported() -> None:
    from upscope import _upscope

    for name, kind in vars(_upscope).items():
        if isinstance(kind, type) and issubclass(kind, upscope.ApiObject):
            assert name in upscope.__all__, f"{name} is missing in python/upscope/__init__.py"


def test_the_version_is_the_cores() -> None:
    manifest = (PACKAGE.parents[1] / "Cargo.toml").read_text()
    assert f'version = "{upscope.__version__}"' in manifest
