"""Annotations can be evaluated at run time, and editors complete what answers have."""

from __future__ import annotations

import inspect
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

import pytest
import upscope
from upscope.types import ConnectionInfo, Options, WatchAgent

needs_unions = pytest.mark.skipif(
    sys.version_info < (3, 10), reason="Python 3.9 cannot evaluate the annotation X | None"
)


def public_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """All public functions and methods."""
    for name in upscope.__all__:
        value = getattr(upscope, name)
        if inspect.isclass(value):
            for member in dir(value):
                function = getattr(value, member)
                is_ours = (getattr(function, "__module__", None) or "").startswith("upscope")
                if callable(function) and (not member.startswith("_") or is_ours):
                    yield f"{name}.{member}", function
        elif callable(value):
            yield name, value


def defined_in_python() -> list[tuple[str, Callable[..., Any]]]:
    return [(name, function) for name, function in public_functions() if inspect.isfunction(function)]


@needs_unions
def test_the_hints_of_every_public_function_can_be_evaluated() -> None:
    functions = defined_in_python()
    assert len(functions) > 60
    for name, function in functions:
        hints = typing.get_type_hints(function)
        assert "return" in hints, name
        for parameter in list(inspect.signature(function).parameters.values())[1:]:
            assert parameter.name in hints or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD), name
        signature = inspect.signature(function, eval_str=True)
        assert not isinstance(signature.return_annotation, str), name
        assert not any(isinstance(parameter.annotation, str) for parameter in signature.parameters.values()), name
    hints = typing.get_type_hints(upscope.Client.create_watch_url)
    assert hints["agent"] is WatchAgent
    assert hints["options"] == typing.Optional[Options]
    assert hints["metadata"] == typing.Optional[Mapping[str, typing.Union[str, float, bool]]]
    assert hints["return"] is upscope.WatchUrl
    assert typing.get_type_hints(upscope.Client.delete_all_visitors)["all"] == Literal[True]
    assert typing.get_type_hints(upscope.Client.call)["request"] == typing.Optional[dict[str, Any]]
    assert typing.get_type_hints(upscope.AsyncClient.list_sessions)["return"] is upscope.SessionPage
    for client in (upscope.Client, upscope.AsyncClient):
        settings = typing.get_type_hints(client.__init__)
        headers = Mapping[str, str]
        assert settings["on_attempt"] == typing.Optional[Callable[[upscope.Attempt], object]]
        assert settings["default_headers"] == typing.Union[headers, Callable[[], headers], None]
        assert typing.get_type_hints(client.connection_info)["return"] is ConnectionInfo
        timeout = inspect.signature(client.list_sessions, eval_str=True).parameters["timeout"]
        assert (timeout.annotation, str(timeout.default)) == (float, "<the client's timeout>")


def test_native_functions_have_a_signature() -> None:
    for name, function in public_functions():
        if not inspect.isfunction(function) and not name.endswith((".with_traceback", ".add_note")):
            assert inspect.signature(function) is not None, name
            assert isinstance(typing.get_type_hints(function), dict), name


@needs_unions
def test_the_hints_of_every_public_class_can_be_evaluated() -> None:
    for name in upscope.__all__:
        value = getattr(upscope, name)
        if inspect.isclass(value):
            hints = typing.get_type_hints(value)
            assert value is upscope.ApiObject or hints, name
    session = typing.get_type_hints(upscope.Session)
    assert session["id"] == typing.Optional[str]
    assert session["started_at"] == typing.Optional[datetime]
    assert session["agents"] == typing.Optional[list[upscope.Agent]]
    assert session["metadata"] == typing.Optional[dict[str, Any]]
    assert typing.get_type_hints(upscope.SessionPage)["cobrowsing_sessions"] == list[upscope.Session]
    assert typing.get_type_hints(upscope.NotFoundError)["http_status"] == typing.Optional[int]
    attempt = typing.get_type_hints(upscope.Attempt)
    assert attempt["error"] == typing.Optional[upscope.UpscopeError]
    assert attempt.keys() == {name for name in dir(upscope.Attempt) if not name.startswith("_")}
    empty = upscope.Session.from_json("{}")
    assert all(getattr(empty, attribute) is None for attribute in session)


@needs_unions
def test_hints_can_be_evaluated_if_typing_is_imported_last() -> None:
    code = (
        "import sys, upscope; assert 'typing' not in sys.modules; client = upscope.Client; import typing; "
        "print(typing.get_type_hints(client.get_usage)['return'].__name__)"
    )
    # Without site-packages, whose .pth files may import typing.
    code = f"import sys; sys.path += {sys.path!r}; {code}"
    completed = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, text=True, timeout=30)
    assert completed.stdout.strip() == "Usage", completed.stderr


COMPLETIONS = [
    ("client.", "create_watch_url"),
    ("client.get_visitor('x').", "last_seen_at"),
    ("client.list_visitors()[0].", "short_id"),
    ("client.get_usage().agents.", "last_30_days"),
    ("client.list_sessions().", "next_page"),
    ("client.list_sessions()[0].", "length_seconds"),
    ("for session in client.list_sessions():\n    session.", "length_seconds"),
    ("for session in client.iter_sessions():\n    session.", "length_seconds"),
    ("client.create_watch_url('x', agent={'id': '1'}).", "watch_url"),
    ("upscope.parse_webhook('').", "metadata"),
    ("async def f(c: upscope.AsyncClient):\n    visitor = await c.get_visitor('x')\n    visitor.", "is_online"),
    ("async def f():\n    async for session in upscope.AsyncClient().iter_sessions():\n        session.", "team"),
    ("try:\n    pass\nexcept upscope.UpscopeError as error:\n    error.", "http_status"),
    ("upscope.", "AsyncClient"),
    ("upscope.", "sessions_table"),
]


@pytest.mark.parametrize(("code", "expected"), COMPLETIONS)
def test_jedi_completes(code: str, expected: str) -> None:
    jedi = pytest.importorskip("jedi", reason="jedi is not installed")
    script = jedi.Script(f"import upscope\nclient = upscope.Client()\n{code}")
    assert expected in {completion.name for completion in script.complete()}


def test_jedi_shows_the_description_of_an_attribute() -> None:
    jedi = pytest.importorskip("jedi", reason="jedi is not installed")
    script = jedi.Script("import upscope\nupscope.Client().get_visitor('x').last_seen_a")
    (completion,) = script.complete()
    assert "When the visitor was last seen." in completion.docstring()
