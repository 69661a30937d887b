#!/usr/bin/env python3
"""Runs JsonProof.bas with the functions of Upscope.bas in LibreOffice. Usage: json_proof.py BAS FOLDER

Changes only two things in the module: LibreOffice does not support conditional compilation, so only the branch for VB6
remains; and the Declares are removed, because there is no DLL.
"""

from __future__ import annotations

import re
import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).resolve().parent
SPACE = 'xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink"'


def module(text: str) -> str:
    text = text.replace("\r\n", "\n")
    text = re.sub(r"#If VBA7 Then\n(?:.*\n)*?#Else\n((?:.*\n)*?)#End If\n", r"\1", text)
    text = re.sub(r"Private Declare .* _\n.*\n", "", text)
    text = re.sub(r"^Attribute .*\n", "", text)
    if "#" in re.sub(r'"[^"]*"|\'.*', "", text):
        raise SystemExit("json_proof: the module still has conditional compilation")
    return "Option VBASupport 1\n" + text


def office(folder: Path, *arguments: str, **environment: str) -> None:
    subprocess.run(["soffice", f"-env:UserInstallation=file://{folder}", "--headless", "--norestore", "--nologo",
                    *arguments], env=os.environ | {"HOME": str(folder)} | environment, timeout=120, check=False,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def profile(folder: Path, modules: dict[str, str]) -> None:
    """Adds the modules to the library of the user, which the first start creates."""
    office(folder, "--terminate_after_init")
    standard = folder / "user" / "basic" / "Standard"
    standard.mkdir(parents=True, exist_ok=True)
    (standard.parent / "script.xlc").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<library:libraries {SPACE}><library:library library:name="Standard" '
        'xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple" library:link="false"/></library:libraries>')
    elements = "".join(f'<library:element library:name="{name}"/>' for name in modules)
    (standard / "script.xlb").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<library:library {SPACE} library:name="Standard" '
        f'library:readonly="false" library:passwordprotected="false">{elements}</library:library>')
    for name, text in modules.items():
        (standard / f"{name}.xba").write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n<script:module xmlns:script="http://openoffice.org/2000/script" '
            f'script:name="{name}" script:language="StarBasic">{escape(text)}</script:module>', encoding="utf-8")


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    bas, folder = Path(sys.argv[1]), Path(sys.argv[2]).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    profile(folder, {"Upscope": module(bas.read_bytes().decode("ascii")),
                     "Proof": "Option VBASupport 1\n" + (HERE / "JsonProof.bas").read_text(encoding="ascii")})
    result = folder / "result.txt"
    office(folder, "macro:///Standard.Proof.Main", UPSCOPE_PROOF=str(result))
    lines = result.read_text(encoding="utf-8", errors="replace").splitlines() if result.exists() else []
    print("\n".join(lines[:-1]) if lines else "json_proof: the modules did not run")
    return 0 if lines[-1:] == ["ended"] and re.search(r": [1-9]\d* checks, 0 failed", lines[-2]) else 1


if __name__ == "__main__":
    sys.exit(main())
