"""The lifetime of a client: closing and garbage collection."""

from __future__ import annotations

import copy
import gc
import pickle
import weakref

import pytest
import upscope
from conftest import Sandbox


def test_a_closed_client_rejects_calls(sandbox: Sandbox) -> None:
    client = sandbox.client()
    with client as same:
        assert same is client
        client.get_usage()
    client.close()
    client.close()
    for call in (client.get_usage, client.iter_sessions, client.with_options, lambda: client.call("get_usage")):
        with pytest.raises(upscope.InvalidArgumentError, match="closed"):
            call()
    assert repr(client) == "<upscope.Client closed>"


def test_an_unused_client_is_garbage_collected(sandbox: Sandbox) -> None:
    client = sandbox.client()
    client.get_usage()
    reference = weakref.ref(client)
    del client
    gc.collect()
    assert reference() is None


def test_pickling_a_client_says_what_to_do_instead(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match=r"Create a client in each process.*os\.fork"):
                attempt(client)
    with pytest.raises(TypeError, match="AsyncClient objects cannot be pickled"):
        pickle.dumps(sandbox.async_client())
