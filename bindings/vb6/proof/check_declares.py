#!/usr/bin/env python3
"""Compares Upscope.bas with vbdeclares.pas, the operations in README.md and the exports of the DLLs.

Usage: check_declares.py BAS PAS README [i686=FOLDER] [x86_64=FOLDER]

Compilers do not detect a wrong Declare. In a 32-bit program it corrupts the stack, in a 64-bit program it truncates
pointers. FOLDER has upscope.dll and libupscope.dll.a. The decorated names in the latter contain the number of bytes
that a function removes from the stack.
"""

from __future__ import annotations

import re
import struct
import sys
from pathlib import Path
from typing import NamedTuple

NAMES = re.compile(rb"_(upscope_w_[a-z_]+)@(\d+)\0")


class Declare(NamedTuple):
    name: str
    library: str
    alias: str
    parameters: tuple[tuple[str, str, str], ...]
    result: str


def basic(text: str) -> dict[str, dict[str, Declare]]:
    """The Declares of both branches of #If VBA7."""
    text = re.sub(r" _\r?\n", " ", text)
    block = re.search(r"#If VBA7 Then\s*\n((?:Private Declare[^\n]*\n)+)#Else\s*\n((?:Private Declare[^\n]*\n)+)#End If",
                      text.replace("\r\n", "\n"))
    if block is None:
        raise SystemExit("#If VBA7 has no Declares")
    branches = {}
    for branch, lines in zip(("VBA7", "VB6"), block.groups()):
        found = {}
        for line in lines.splitlines():
            declare = re.fullmatch(r'Private Declare (PtrSafe )?(Function|Sub) (\w+) Lib "([^"]+)" Alias "(\w+)"\s+'
                                   r"\((.*)\)(?: As (\w+))?", line)
            if declare is None:
                raise SystemExit(f"cannot parse: {line}")
            safe, kind, name, library, alias, parameters, result = declare.groups()
            if (safe is not None) != (branch == "VBA7"):
                raise SystemExit(f"{name}: PtrSafe must be used in VBA7 only")
            if (kind == "Function") != (result is not None):
                raise SystemExit(f"{name}: a Function has a result, a Sub has none")
            parts = []
            for parameter in parameters.split(", "):
                one = re.fullmatch(r"(ByVal|ByRef) (\w+) As (\w+)", parameter)
                if one is None:
                    raise SystemExit(f"{name}: cannot parse: {parameter}")
                parts.append(one.groups())
            found[name] = Declare(name, library, alias, tuple(parts), result or "")
        branches[branch] = found
    return branches


def pascal(text: str) -> dict[str, Declare]:
    found = {}
    for kind, name, parameters, result, library, alias in re.findall(
            r"(function|procedure) (Native\w+)\(([^)]*)\)(?:: (\w+))?;\s+stdcall; external '([^']+)' name '(\w+)';", text):
        parts = []
        for parameter in parameters.split("; "):
            way = "ByRef" if parameter.startswith("var ") else "ByVal"
            names, _, kind_of = parameter.removeprefix("var ").partition(": ")
            parts += [(way, one, kind_of) for one in names.split(", ")]
        found[name] = Declare(name, library, alias, tuple(parts), result)
    return found


def exports(dll: bytes) -> set[str]:
    """The exported names of a DLL."""
    (header,) = struct.unpack_from("<I", dll, 0x3C)
    count, optional_size = struct.unpack_from("<H12xH", dll, header + 6)
    optional = header + 24
    magic = struct.unpack_from("<H", dll, optional)[0]
    (table,) = struct.unpack_from("<I", dll, optional + (96 if magic == 0x10B else 112))
    sections = [struct.unpack_from("<IIII", dll, optional + optional_size + 40 * i + 8) for i in range(count)]

    def at(address: int) -> int:
        for size, start, raw_size, raw in sections:
            if start <= address < start + max(size, raw_size):
                return address - start + raw
        raise ValueError("the address is not in a section")

    names, (pointers,) = struct.unpack_from("<I", dll, at(table) + 24)[0], struct.unpack_from("<I", dll, at(table) + 32)
    found = set()
    for i in range(names):
        start = at(struct.unpack_from("<I", dll, at(pointers) + 4 * i)[0])
        found.add(dll[start:dll.index(b"\0", start)].decode())
    return found


def missing_operations(bas: str, readme: str) -> list[str]:
    table = readme.partition("<!-- operations -->")[2].partition("<!-- end -->")[0]
    names = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    if len(names) < 11:
        raise SystemExit("the README has no table of operations")
    found = []
    for name in names:
        function = "Upscope" + "".join(word.capitalize() for word in name.split("_"))
        body = re.search(rf"^Public Function {function}\(.*?^End Function", bas, re.MULTILINE | re.DOTALL)
        if body is None or f'"{name}"' not in body.group():
            found.append(f"{function} is missing, or does not call {name}: run `make generate`")
    return found


def problems(bas: str, pas: str, readme: str, folders: dict[str, Path]) -> list[str]:
    found = missing_operations(bas, readme)
    branches, declared = basic(bas), pascal(pas)
    for branch, declares in branches.items():
        # The only difference is that VB6 has Long instead of LongPtr.
        expected = declared if branch == "VBA7" else {
            name: one._replace(parameters=tuple((way, part, "Long") for way, part, _ in one.parameters),
                               result="Long" if one.result else "") for name, one in declared.items()}
        for name in sorted(declares.keys() | expected.keys()):
            if declares.get(name) != expected.get(name):
                found.append(f"{branch}: {name}: {declares.get(name)} in Basic, {expected.get(name)} in Pascal")
        for one in declares.values():
            for way, part, _ in one.parameters:
                if way == "ByRef" and part not in ("Client", "Response", "Session", "Pages", "Page", "Pending", "Text",
                                                   "ErrorText"):
                    found.append(f"{branch}: {one.name}: {part} must be ByVal")
    own = {one.alias: one for one in branches["VB6"].values() if one.library == "upscope.dll"}
    for machine, folder in folders.items():
        exported = {name for name in exports((folder / "upscope.dll").read_bytes()) if name.startswith("upscope_w")}
        if exported != own.keys():
            found.append(f"{machine}: declared and not exported: {sorted(own.keys() - exported)}; exported and not "
                         f"declared: {sorted(exported - own.keys())}")
        if machine == "i686":
            stack = {name.decode(): int(size) for name, size in
                     NAMES.findall((folder / "libupscope.dll.a").read_bytes().replace(b"\n", b"\0"))}
            if stack.keys() != own.keys():
                found.append(f"{machine}: the import library has other functions")
            for name, one in own.items():
                if stack.get(name) != 4 * len(one.parameters):
                    found.append(f"{name}: {4 * len(one.parameters)} bytes of parameters declared, the DLL removes "
                                 f"{stack.get(name)}")
    return found


def main() -> int:
    if len(sys.argv) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    raw = Path(sys.argv[1]).read_bytes()
    folders = {machine: Path(folder) for machine, _, folder in (argument.partition("=") for argument in sys.argv[4:])}
    pas, readme = (Path(name).read_text(encoding="utf-8") for name in sys.argv[2:4])
    found = problems(raw.decode("ascii"), pas, readme, folders)
    if raw.count(b"\n") != raw.count(b"\r\n"):
        found.append("the .bas has a line ending that is not CR LF")
    for problem in found:
        print(f"check_declares: {problem}", file=sys.stderr)
    if not found:
        print(f"check_declares: {len(basic(raw.decode())['VB6'])} functions, {', '.join(folders) or 'no DLL'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
