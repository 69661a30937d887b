#!/usr/bin/env python3
"""The shared library exports exactly what the header declares. Usage: exports.py HEADER LIBRARY"""

import ctypes
import json
import re
import subprocess
import sys

header_path, library_path = sys.argv[1:]
text = open(header_path, encoding="utf-8").read()
code = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
failures = []


def check(ok, what):
    if not ok:
        failures.append(what)


def exported():
    flags = ["-gU"] if sys.platform == "darwin" else ["-D", "--defined-only"]
    listing = subprocess.run(["nm", *flags, library_path], check=True, capture_output=True, text=True).stdout
    names = [line.split()[-1].split("@")[0] for line in listing.splitlines() if line.strip()]
    return {name.removeprefix("_") if sys.platform == "darwin" else name for name in names}


def same(what, found, wanted):
    check(found == wanted, f"{what}: unexpected {sorted(found - wanted)}, missing {sorted(wanted - found)}")


declared = set(re.findall(r"\b(\w+)\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\s*;", code))
same("exports, compared with the header", exported(), declared)

library = ctypes.CDLL(library_path)
library.upscope_operations.restype = library.upscope_version.restype = ctypes.c_char_p
operations = json.loads(library.upscope_operations())
typed = {name.removeprefix("upscope_") for name in
         re.findall(r"(\w+)\s*\(\s*const upscope_client \*client,\s*const char \*request_json,"
                    r"\s*char \*\*response_json\)", code)}
same("operations that have a function", {operation["name"] for operation in operations}, typed)
for operation in operations:
    check(set(operation) == {"name", "method", "path", "summary", "changes_state", "request", "response"},
          f"keys of {operation['name']}: {sorted(operation)}")
    check(operation["request"].get("type") == "object", f"the schema of {operation['name']}")

version = re.search(r'#define UPSCOPE_VERSION "([^"]+)"', text).group(1)
check(library.upscope_version().decode() == version, "header and library have different versions")
major, minor, patch = (int(re.search(rf"#define UPSCOPE_VERSION_{part} (\d+)\n", text).group(1))
                       for part in ["MAJOR", "MINOR", "PATCH"])
check(version.split("-")[0] == f"{major}.{minor}.{patch}", "the macros do not agree with UPSCOPE_VERSION")
check(library.upscope_version_number() == major << 16 | minor << 8 | patch, "upscope_version_number() is wrong")

# Names that the header defines must have the prefix.
names = re.findall(r"#\s*define\s+(\w+)", code) + re.findall(r"\btypedef\b[^;]*?(\w+)\s*(?:\)\s*\([^;]*)?;", code)
names += re.findall(r"\b(?:struct|enum|union)\s+(\w+)", code)
check(len(names) > 20, "too few names in the header")
for name in names:
    # Visual C++ before 2010 lacks int32_t and uint32_t.
    check(name in {"int32_t", "uint32_t"} or name.lower().startswith("upscope_"), f"{name} does not start with upscope_")

for failure in failures:
    print(f"exports: {failure}")
print(f"    exports: {len(declared)} functions, {len(operations)} operations, {len(names)} types and constants")
sys.exit(1 if failures or not declared else 0)
