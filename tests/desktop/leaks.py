#!/usr/bin/env python3
"""Runs the Linux console under valgrind and closes it during calls. Usage: leaks.py FOLDER

There must be no invalid access and no leak, except known ones in two libraries that GTK uses.
"""

import pathlib
import re
import sys

import consoles
import test_console
from screen import Screen

SUPPRESSIONS = ["/usr/share/glib-2.0/valgrind/glib.supp", "/usr/share/gtk-3.0/valgrind/gtk.supp"]
# Valgrind does not see the pointers of fontconfig, and the loader reads strings a word at a time.
KNOWN = re.compile(r"libfontconfig\.so|\b_dl_\w+ \(dl-")


def main(folder):
    console = consoles.Linux(pathlib.Path(folder).resolve())
    log = console.folder / "valgrind.log"
    under = ["valgrind", "--leak-check=full", "--show-leak-kinds=definite", "--num-callers=40", f"--log-file={log}",
             *(f"--suppressions={file}" for file in SUPPRESSIONS if pathlib.Path(file).exists())]
    screen = Screen(1000, 700)
    try:
        test_console.window_closes_during_calls(console, screen, under)
    except AssertionError as error:
        test_console.check(False, str(error))
    finally:
        screen.close()
    text = re.sub(r"^==\d+== ?", "", log.read_text(encoding="utf-8", errors="replace"), flags=re.M)
    test_console.check("ERROR SUMMARY" in text, "valgrind did not finish")
    # Each record starts with a line that is not indented.
    records = [record for record in re.split(r"\n(?=\S)", text) if re.search(r"^ +(at|by) 0x", record, re.M)]
    records = [record for record in records if not KNOWN.search(record)]
    lost = [record for record in records if "definitely lost" in record]
    wrong = [record for record in records if "definitely lost" not in record]
    for record in lost[:3] + wrong[:3]:
        print(record)
    test_console.check(not lost, f"{len(lost)} blocks of memory leaked")
    test_console.check(not wrong, f"{len(wrong)} invalid accesses")
    return 1 if test_console.failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
