"""The package has everything that the core defines."""

from __future__ import annotations

from pathlib import Path

import upscope

PACKAGE = Path(__file__).parents[1]


def test_every_attribute_type_is_known() -> None:
    # The package silently omits an attribute whose type it does not know.
    from upscope import _upscope

    for name in upscope.__all__:
        value = getattr(upscope, name)
        if isinstance(value, type) and issubclass(value, upscope.ApiObject) and value is not upscope.ApiObject:
            attributes = _upscope.attributes(name)
            assert attributes, name
            assert all(annotation for _, annotation, _ in attributes), name


def test_every_class_is_exported() -> None:
    from upscope import _upscope

    for name, value in vars(_upscope).items():
        if isinstance(value, type) and issubclass(value, upscope.ApiObject):
            assert name in upscope.__all__, f"{name} is missing in python/upscope/__init__.py"


def test_the_version_matches_the_core() -> None:
    manifest = (PACKAGE.parents[1] / "Cargo.toml").read_text()
    assert f'version = "{upscope.__version__}"' in manifest
