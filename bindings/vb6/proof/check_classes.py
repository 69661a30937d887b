#!/usr/bin/env python3
"""Checks the class modules, without Visual Basic. Usage: check_classes.py FOLDER README

A class module must have the header that VB6 and VBA import, release its handle in Class_Terminate without touching Err, use
no reserved name, close every block, and call functions of Upscope.bas with the right number of arguments. UpscopeClient
must have a method for each operation in the README.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

HEADER = """VERSION 1.0 CLASS
BEGIN
  MultiUse = -1  'True
END
Attribute VB_Name = "{name}"
Attribute VB_GlobalNameSpace = False
Attribute VB_Creatable = False
Attribute VB_PredeclaredId = False
Attribute VB_Exposed = False
Option Explicit
"""
TERMINATE = "Private Sub Class_Terminate()\n    UpscopeRelease mNumber\nEnd Sub\n"
WITH_HANDLE = ("UpscopeClient", "UpscopeSessionPages", "UpscopeStartedCall")
# Names that Visual Basic does not accept for procedures, parameters and variables.
RESERVED = set("""abs access and any append array as base binary boolean byref byte byval call case cbool cbyte ccur cdate cdbl
cdec cint circle clng close compare const csng cstr currency cvar cverr date debug decimal declare defbool dim do doevents double each
else elseif empty end endif enum eqv erase error event exit explicit false fix for friend function get global gosub goto if imp
implements in input inputb int integer is lbound len lenb let like line load lock long loop lset me mod module new next not nothing null
object on open option optional or output paramarray print private property pset public put raiseevent random redim rem resume return rset
scale seek select set sgn shared single spc static step stop string sub tab then to true type typeof ubound unload unlock until
variant vb_name wend while width with withevents write xor""".split())
BLOCKS = {"If": r"If .* Then$", "Do": r"Do\b", "For": r"For ", "Select": r"Select Case ", "Sub": r"(?:Public |Private |Friend )?Sub ",
          "Function": r"(?:Public |Private |Friend )?Function ", "Property": r"(?:Public |Private |Friend )?Property "}
ENDS = {"End If": "If", "Loop": "Do", "Next": "For", "End Select": "Select", "End Sub": "Sub", "End Function": "Function",
        "End Property": "Property"}


def lines_of(text: str) -> list[str]:
    """Lines of code: without texts and comments, continued lines joined."""
    text = re.sub(r" _\n\s*", " ", text)
    plain = (re.sub(r"'.*", "", re.sub(r'"(?:[^"]|"")*"', '""', line)).strip() for line in text.splitlines())
    return [line for line in plain if line and not line.startswith("#")]


def arguments(text: str) -> int:
    """The number of arguments in what follows an opening parenthesis."""
    depth, count, empty = 0, 0, True
    for character in text:
        if character == ")" and depth == 0:
            break
        depth += {"(": 1, ")": -1}.get(character, 0)
        count += character == "," and depth == 0
        empty = empty and character.isspace()
    return 0 if empty else count + 1


def procedures(lines: list[str]) -> dict[str, tuple[int, int]]:
    """The procedures of a module: the smallest and the greatest number of arguments."""
    found = {}
    for line in lines:
        if procedure := re.match(r"(?:Public|Private|Friend) (?:Sub|Function|Property Get) (\w+)\((.*?)\)(?: As \w+)?$", line):
            parameters = [part for part in procedure.group(2).replace("()", "").split(", ") if part]
            required = sum(not part.startswith(("Optional", "ParamArray")) for part in parameters)
            most = 99 if "ParamArray" in line else len(parameters)
            found[procedure.group(1)] = (required, most)
    return found


def structure(lines: list[str]) -> list[str]:
    found, open_blocks = [], []
    for line in lines:
        if block := next((ENDS[end] for end in ENDS if re.match(rf"{end}\b", line)), None):
            if not open_blocks or open_blocks.pop() != block:
                found.append(f"{line} closes another block")
        elif block := next((name for name, start in BLOCKS.items() if re.match(start, line)), None):
            open_blocks.append(block)
        declared = re.findall(r"(?:ByVal|ByRef|Dim|ReDim) (\w+)|(?:Sub|Function|Property Get) (\w+)\(|^Private (m\w+)", line)
        found += [f"{name} is a reserved name" for names in declared for name in names if name.lower() in RESERVED]
    return found + [f"{block} is not closed" for block in open_blocks]


def calls(lines: list[str], known: dict[str, tuple[int, int]]) -> list[str]:
    found = []
    for line in lines:
        for call in re.finditer(r"\b(Upscope[A-Z]\w*)(\(|\b)", line):
            name, rest = call.group(1), line[call.end():]
            if name not in known or re.match(r"(Public|Private|Friend) ", line) or re.match(r"\s*=", rest):
                # Not a call, but its declaration or its result.
                continue
            count = arguments(rest) if call.group(2) == "(" else arguments(rest.strip()) if line.startswith(name) else 0
            if not known[name][0] <= count <= known[name][1]:
                found.append(f"{line}: {name} has {known[name][0]} to {known[name][1]} parameters, {count} arguments")
    return found


def problems(folder: Path, readme: str) -> list[str]:
    found = []
    module = (folder / "Upscope.bas").read_bytes().decode("ascii").replace("\r\n", "\n")
    # Only the branch for VB6, so that each procedure is declared once.
    module = re.sub(r"#If VBA7 Then\n(?:.*\n)*?#Else\n((?:.*\n)*?)#End If\n", r"\1", module)
    known = procedures(lines_of(module))
    found += [f"Upscope.bas: {problem}" for problem in structure(lines_of(module)) + calls(lines_of(module), known)]
    classes = {path.stem: path.read_bytes() for path in sorted(folder.glob("*.cls"))}
    if not set(WITH_HANDLE) < classes.keys():
        raise SystemExit(f"check_classes: {folder} lacks class modules")
    for name, raw in classes.items():
        if raw.count(b"\n") != raw.count(b"\r\n"):
            found.append(f"{name}: a line ending is not CR LF")
        text = raw.decode("ascii").replace("\r\n", "\n")
        if not text.startswith(HEADER.format(name=name)):
            found.append(f"{name}: not the header of a class module")
        if name in WITH_HANDLE and TERMINATE not in text:
            found.append(f"{name}: Class_Terminate does not only release the number")
        lines = lines_of(text.partition("Option Explicit\n")[2])
        found += [f"{name}: {problem}" for problem in structure(lines) + calls(lines, known)]
        unknown = set(re.findall(r"\bUpscope[A-Z]\w*", " ".join(lines))) - known.keys() - classes.keys()
        found += [f"{name}: {one} does not exist" for one in sorted(unknown)]
    names = re.findall(r"^\| `(\w+)` \|", readme.partition("<!-- operations -->")[2].partition("<!-- end -->")[0], re.MULTILINE)
    methods = procedures(lines_of(classes["UpscopeClient"].decode("ascii").replace("\r\n", "\n")))
    for name in ("".join(word.capitalize() for word in name.split("_")) for name in names):
        if name not in methods:
            found.append(f"UpscopeClient: {name} is missing: run `make generate`")
    if not names:
        raise SystemExit("check_classes: the README has no table of operations")
    return found


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    found = problems(Path(sys.argv[1]), Path(sys.argv[2]).read_text(encoding="utf-8"))
    for problem in found:
        print(f"check_classes: {problem}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
