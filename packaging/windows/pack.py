#!/usr/bin/env python3
"""Creates a reproducible zip archive of a directory: pack.py DIRECTORY ZIP

Each name in the archive starts with the directory's name. Text files get Windows line endings.
"""

import pathlib
import sys
import zipfile

# The earliest time in a zip archive.
TIME = (1980, 1, 1, 0, 0, 0)
BINARIES = {".a", ".dll", ".exe", ".ico", ".lib", ".png"}


def content(path):
    data = path.read_bytes()
    if path.suffix in BINARIES:
        return data
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def main(folder, archive):
    folder = pathlib.Path(folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in files:
            entry = zipfile.ZipInfo(str(path.relative_to(folder.parent).as_posix()), TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            # MS-DOS, whatever the system, so that the archive is the same everywhere.
            entry.create_system = 0
            packed.writestr(entry, content(path))


if __name__ == "__main__":
    main(*sys.argv[1:])
