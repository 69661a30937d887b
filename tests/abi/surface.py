#!/usr/bin/env python3
"""Prints C source that defines every function of the header, and an enumeration of its numeric constants.

Usage: surface.py HEADER
"""

import re
import sys

header = open(sys.argv[1], encoding="utf-8").read()
code = re.sub(r"/\*.*?\*/", " ", header, flags=re.S)
constants = re.findall(r"^#define (UPSCOPE_\w+) -?\d+$", code, flags=re.M)
# The parts of the version change with every release.
constants = [name for name in constants if not name.startswith("UPSCOPE_VERSION_")]
# Without directives, also those that continue on the next line.
code = re.sub(r"^#(?:[^\n]*\\\n)*[^\n]*$", "", code, flags=re.M)
code = re.sub(r"\btypedef\b[^;]*;", "", code)
functions = re.findall(r"([\w \t\n*]+?\bupscope_\w+\s*\([^;{}]*\))\s*;", code)
if not constants or not functions:
    sys.exit("surface.py: found no constants or no functions")

print(f'#include "{sys.argv[1]}"')
print("enum upscope_constants {")
for name in constants:
    print(f"    value_of_{name} = {name},")
print("};\nextern enum upscope_constants upscope_constants;\nenum upscope_constants upscope_constants;")
for declaration in functions:
    declaration = declaration.replace("UPSCOPE_WARN_UNUSED_RESULT", "").strip()
    declaration = re.sub(r"UPSCOPE_DEPRECATED\([^)]*\)\s*", "", declaration)
    print(declaration, "{ }" if declaration.startswith("void ") else "{ return 0; }")
