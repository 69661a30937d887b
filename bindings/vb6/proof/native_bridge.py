"""Calls libupscope for OfficeProof.bas: a Python script that LibreOffice Basic calls.

LibreOffice Basic has no pointers and no Declare outside of Windows. Handles and texts are numbers here, and each call of a
function of upscope.dll is a call of the C function with the same name in the shared library of this system. It has the
same code below the conversion of texts, which the Pascal proof covers. UPSCOPE_PROOF_LIBRARY: the library;
UPSCOPE_PROOF_DECLARES: the parameters of each function as JSON.
"""

from __future__ import annotations

import collections
import ctypes
import json
import os

LIBRARY = ctypes.CDLL(os.environ["UPSCOPE_PROOF_LIBRARY"])
LIBRARY.upscope_string_free.argtypes = [ctypes.c_void_p]
LIBRARY.upscope_version.restype = LIBRARY.upscope_operations.restype = ctypes.c_char_p
with open(os.environ["UPSCOPE_PROOF_DECLARES"], encoding="ascii") as declares:
    PARAMETERS = json.load(declares)

HANDLES = {"Client", "Pages", "Pending"}
numbers = iter(range(1000, 10**9))
# Handles and returned texts that have not been freed, and the arguments of the next call.
handles: dict[int, int] = {}
texts: dict[int, str] = {}
arguments: dict[int, object] = {}
calls: collections.Counter[str] = collections.Counter()


def argument(value):
    """A number for a text, or for the addresses of texts."""
    number = next(numbers)
    arguments[number] = tuple(value) if isinstance(value, (tuple, list)) else value
    return number


def native(name, values):
    """Calls a function. Returns its result, and all parameters as they are afterwards."""
    calls[name] += 1
    values = list(values)
    if name == "upscope_w_text_length":
        return (len(text(values[0]).encode("utf-16-le")) // 2, *values)
    if name == "upscope_w_text_free":
        texts.pop(values[0], None)
        return (0, *values)
    if name == "upscope_w_about":
        texts[(number := next(numbers))] = [LIBRARY.upscope_version, LIBRARY.upscope_operations][values[0] - 1]().decode()
        return (0, values[0], number)
    result = call(name, values)
    if name.endswith("_free"):
        # A KeyError for a handle that was freed before.
        if values[0]:
            del handles[values[0]]
    arguments.clear()
    return (result, *values)


def call(name, values):
    passed, outputs = [], []
    for index, (mode, parameter) in enumerate(PARAMETERS[name]):
        if mode == "ByRef":
            out = ctypes.c_void_p()
            outputs.append((index, parameter, out))
            passed.append(ctypes.byref(out))
        elif parameter in HANDLES:
            passed.append(ctypes.c_void_p(handles[values[index]] if values[index] else None))
        elif parameter == "TimeoutMs":
            passed.append(ctypes.c_uint32(values[index]))
        elif parameter == "Fields":
            fields = [utf8(arguments[field]) for field in arguments[values[index]] if field]
            passed.append((ctypes.c_char_p * (len(fields) + 1))(*fields, None))
        else:
            passed.append(utf8(arguments[values[index]]) if values[index] else None)
        # These have a callback and its user data in C.
        if (name, parameter) in (("upscope_w_start", "Request"), ("upscope_w_sessions_start_next", "Pages")):
            passed += [None, None]
    result = getattr(LIBRARY, name.replace("_w_", "_"))(*passed)
    for index, parameter, out in outputs:
        values[index] = 0
        if out.value and parameter in HANDLES:
            handles[(number := next(numbers))] = out.value
            values[index] = number
        elif out.value:
            texts[(number := next(numbers))] = ctypes.string_at(out.value).decode()
            LIBRARY.upscope_string_free(out.value)
            values[index] = number
    return result


def utf8(value):
    return value.partition("\0")[0].encode("utf-8", "surrogatepass")


def text(number):
    """A returned text; empty for 0."""
    return texts[number] if number else ""


def count(name):
    """The number of handles or texts that have not been freed, or of calls of a function."""
    return {"handles": len(handles), "texts": len(texts)}.get(name, calls[name])
