#!/usr/bin/env python3
"""Creates a NuGet package from a folder with a .nuspec, and checks it. Usage: nupkg.py FOLDER PACKAGE

The same files always give the same bytes. Checks the parts that every package must have, a content type for each
file, the files that the specification names, the symbols, and the machine type of the libraries. NuGet 2.8 must know every element of
the specification.
"""

from __future__ import annotations

import os
import struct
import sys
import uuid
import zipfile
import xml.etree.ElementTree as ET
from pathlib import Path

TIME = (1980, 1, 1, 0, 0, 0)
TYPES = {
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
    "nuspec": "application/octet", "dll": "application/octet", "so": "application/octet", "dylib": "application/octet",
    "xml": "application/octet", "targets": "application/octet", "md": "application/octet",
    "pdb": "application/octet",
}
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT = "http://schemas.openxmlformats.org/package/2006/content-types"
MANIFEST = "http://schemas.microsoft.com/packaging/2010/07/manifest"
# The machine types of the runtimes.
MACHINES = {"win-x86": 0x14C, "win-x64": 0x8664, "linux-x64": 62, "linux-arm64": 183}
SPECIFICATION = "http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"
# The elements that NuGet 2.8 knows.
ELEMENTS = {
    "id", "version", "title", "authors", "owners", "licenseUrl", "projectUrl", "iconUrl", "requireLicenseAcceptance",
    "developmentDependency", "description", "summary", "releaseNotes", "copyright", "language", "tags", "dependencies",
    "frameworkAssemblies", "references",
}
# The kind of a record in the symbols: the text of a source file.
EMBEDDED_SOURCE = uuid.UUID("0e8a571b-6926-466e-b4ad-8ab04611f5fe").bytes_le


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)).replace(os.sep, "/"): path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_file()}


def package_parts(files: dict[str, bytes]) -> dict[str, bytes]:
    """The two parts that every package has."""
    extensions = sorted({name.rpartition(".")[2] for name in files if "." in name.rpartition("/")[2]} | {"rels"})
    types = "".join(f'<Default Extension="{e}" ContentType="{TYPES[e]}" />' for e in extensions)
    plain = "".join(f'<Override PartName="/{name}" ContentType="application/octet" />' for name in sorted(files)
                    if "." not in name.rpartition("/")[2])
    head = '<?xml version="1.0" encoding="utf-8"?>'
    nuspec = next(name for name in files if name.endswith(".nuspec"))
    return {
        "[Content_Types].xml": f'{head}<Types xmlns="{CONTENT}">{types}{plain}</Types>'.encode(),
        "_rels/.rels": (f'{head}<Relationships xmlns="{RELATIONS}"><Relationship Type="{MANIFEST}" '
                        f'Target="/{nuspec}" Id="R0" /></Relationships>').encode(),
    }


def machine(library: bytes) -> int:
    """The machine that a DLL or an ELF library is for."""
    if library[:2] == b"MZ":
        (header,) = struct.unpack_from("<I", library, 0x3C)
        if library[header:header + 4] == b"PE\0\0":
            return struct.unpack_from("<H", library, header + 4)[0]
    if library[:4] == b"\x7fELF":
        return struct.unpack_from("<H", library, 18)[0]
    raise ValueError("not a library")


def unknown_to_old_clients(specification: ET.Element) -> list[str]:
    """What NuGet 2.8 refuses or ignores in the specification."""
    metadata = specification.find(f"{{{SPECIFICATION}}}metadata")
    if metadata is None:
        return [f"the specification has no metadata of the schema {SPECIFICATION}"]
    found = [f"the specification has the attribute {name}, which old clients refuse" for name in metadata.attrib]
    names = [element.tag.rpartition("}")[2] for element in metadata]
    return found + [f"the specification has the element {name}, which NuGet 2.8 does not know" for name in names
                    if name not in ELEMENTS]


def symbol_problems(name: str, symbols: bytes) -> list[str]:
    if not symbols.startswith(b"BSJB"):
        return [f"{name} is not a portable .pdb file"]
    return [] if EMBEDDED_SOURCE in symbols else [f"{name} contains no sources"]


def problems(package: Path) -> list[str]:
    found = []
    with zipfile.ZipFile(package) as archive:
        if archive.testzip() is not None:
            found.append(f"{archive.testzip()} is damaged")
        names = archive.namelist()
        if len(set(name.lower() for name in names)) != len(names):
            found.append("two files have the same name")
        specs = [name for name in names if name.endswith(".nuspec") and "/" not in name]
        if len(specs) != 1:
            return [*found, f"{len(specs)} specifications"]
        space = {"n": SPECIFICATION}
        specification = ET.fromstring(archive.read(specs[0]))
        unknown = unknown_to_old_clients(specification)
        metadata = specification.find("n:metadata", space)
        if metadata is None:
            return [*found, *unknown]
        found += unknown
        for key in ("id", "version", "authors", "description"):
            text = metadata.findtext(f"n:{key}", namespaces=space)
            if not text or "@" in text:
                found.append(f"the specification has no {key}")
        identity = metadata.findtext("n:id", namespaces=space)
        version = metadata.findtext("n:version", namespaces=space)
        if package.name != f"{identity}.{version}.nupkg":
            found.append(f"the file's name is not {identity}.{version}.nupkg")
        if specs[0] != f"{identity}.nuspec":
            found.append("the specification is not named by the id")
        for name in ("README.md", "LICENSE-MIT", "LICENSE-APACHE"):
            if name not in names:
                found.append(f"{name} is missing")
        folders = {name.split("/")[1] for name in names if name.startswith("lib/")}
        promised = {group.get("targetFramework") for group in metadata.iterfind("n:dependencies/n:group", space)}
        short = {".NETFramework4.0": "net40", ".NETStandard2.0": "netstandard2.0", ".NETStandard2.1": "netstandard2.1"}
        if {short[name] for name in promised} != folders:
            found.append(f"the specification has {sorted(promised)}, lib/ has {sorted(folders)}")
        for folder in folders:
            missing = {f"lib/{folder}/Upscope.Client.{extension}" for extension in ("dll", "xml", "pdb")} - set(names)
            if missing:
                found.append(f"lib/{folder} is incomplete: {sorted(missing)}")
            else:
                symbols = f"lib/{folder}/Upscope.Client.pdb"
                found += symbol_problems(symbols, archive.read(symbols))
        for folder in ("build", "buildTransitive"):
            if f"{folder}/net40/{identity}.targets" not in names:
                found.append(f"{folder}: the .targets file is not named by the id")
        types = ET.fromstring(archive.read("[Content_Types].xml"))
        known = {node.get("Extension") for node in types} | {node.get("PartName") for node in types}
        for name in names:
            if name != "[Content_Types].xml" and name.rpartition(".")[2] not in known and f"/{name}" not in known:
                found.append(f"{name} has no content type")
        target = ET.fromstring(archive.read("_rels/.rels"))[0].get("Target")
        if target != f"/{specs[0]}":
            found.append("the relationship does not point to the specification")
        runtimes = [name for name in names if name.startswith("runtimes/")]
        if not runtimes:
            found.append("there is no native library")
        for name in runtimes:
            wanted = MACHINES.get(name.split("/")[1])
            if wanted is not None and machine(archive.read(name)) != wanted:
                found.append(f"{name} is for another machine")
    return found


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    folder, package = Path(sys.argv[1]), Path(sys.argv[2])
    files = contents(folder)
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in [*package_parts(files).items(), *files.items()]:
            entry = zipfile.ZipInfo(name, TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    found = problems(package)
    for problem in found:
        print(f"{package}: {problem}", file=sys.stderr)
    print(f"{package}: {len(files)} files, {package.stat().st_size} bytes")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
