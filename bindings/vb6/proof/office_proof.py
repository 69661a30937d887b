#!/usr/bin/env python3
"""Runs OfficeProof.bas with Upscope.bas and the class modules in LibreOffice. Usage: office_proof.py FOLDER LIBRARY WORK

FOLDER has the modules, LIBRARY is the shared library of this system, WORK is a folder for temporary files. Needs the
environment that scripts/with-sandbox sets.

Changes these things in the modules, because LibreOffice does not have them: of conditional compilation, only the branch for
VB6 remains; Friend and Class_Terminate become Public; the defaults of optional parameters become assignments; the Declares become functions that call native_bridge.py; and the two lines that pass
the address of a buffer or an array pass the text or the array.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

from check_declares import Declare, basic

HERE = Path(__file__).resolve().parent
CLASSES = ("UpscopeClient", "UpscopeSessionPages", "UpscopeStartedCall", "UpscopeAnswer")
SPACE = 'xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink"'


def replaced(pattern: str, by: str, text: str) -> str:
    text, count = re.subn(pattern, by, text, flags=re.MULTILINE)
    if count == 0:
        raise SystemExit(f"office_proof: no line matches {pattern}")
    return text


def with_defaults(text: str) -> str:
    """Assigns the defaults of optional parameters, because LibreOffice neither passes them on nor has them in classes."""
    optional = r"Optional ByVal (\w+) As (\w+) = (\w+|\"\")"

    def assign(header: re.Match[str]) -> str:
        return re.sub(optional, r"Optional ByVal \1Given As Variant", header.group()) + "".join(
            f"    Dim {name} As {of_type}\n    If IsMissing({name}Given) Then {name} = {value} Else {name} = {name}Given\n"
            for name, of_type, value in re.findall(optional, header.group()))
    return re.sub(r"^Public (?:Function|Sub) (?:.* _\n)*.*\n", assign, text, flags=re.MULTILINE)


def module(text: str) -> str:
    text = text.replace("\r\n", "\n")
    text = replaced(r"#If VBA7 Then\n(?:.*\n)*?#Else\n((?:.*\n)*?)#End If\n", r"\1", text)
    text = replaced(r"^Private Declare .* _\n.*\n", "", text)
    text = replaced(r"^Attribute .*\n", "", text)
    text = replaced(r"^( *)NativeTextCopy mText, StrPtr\(Text\), Units$", r"\1Text = ProofText(mText)", text)
    text = replaced(r"VarPtr\(Addresses\(0\)\)", "ProofArgument(Addresses)", text)
    text = replaced(r"StrPtr\(", "ProofArgument(", text)
    text = replaced(r"= vbObjectError ", "= -2147221504 ", text)
    if "#" in re.sub(r'"[^"]*"|\'.*', "", text):
        raise SystemExit("office_proof: the module still has conditional compilation")
    return "Option VBASupport 1\n" + with_defaults(text)


def class_module(text: str) -> str:
    text = text.replace("\r\n", "\n")
    text = replaced(r"\AVERSION 1\.0 CLASS\nBEGIN\n(?:  .*\n)*END\n(?:Attribute .*\n)*", "", text)
    text = re.sub(r"^Friend |^Private (?=Sub Class_Terminate)", "Public ", text, flags=re.MULTILINE)
    return "Option VBASupport 1\nOption ClassModule\n" + with_defaults(text)


def native_functions(declares: dict[str, Declare]) -> str:
    """A function for each Declare, and one for the form of a Sub."""
    lines = ["Option VBASupport 1"]
    for one in declares.values():
        if one.library != "upscope.dll":
            continue
        kind, result = ("Function", f" As {one.result}") if one.result else ("Sub", "")
        parameters = ", ".join(f"{mode} {name} As {of_type}" for mode, name, of_type in one.parameters)
        lines += [f"Public {kind} {one.name}({parameters}){result}", "    Dim Found",
                  f"    Found = ProofNative(\"{one.alias}\", Array({', '.join(name for _, name, _ in one.parameters)}))"]
        lines += [f"    {name} = Found({index})" for index, (mode, name, _) in enumerate(one.parameters, 1) if mode == "ByRef"]
        lines += [f"    {one.name} = Found(0)"] if one.result else []
        lines += [f"End {kind}"]
    return "\n".join(lines) + "\nPublic Function NativeLoad(ByVal FileName As Long) As Long\nEnd Function\n"


def office(folder: Path, *arguments: str, **environment: str) -> None:
    # LibreOffice's Python is the one of the system. Another one on the PATH would confuse it.
    environment |= {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    program = subprocess.Popen(["soffice", f"-env:UserInstallation=file://{folder}", "--headless", "--norestore", "--nologo",
                                *arguments], env=os.environ | environment, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        program.wait(120)
    except subprocess.TimeoutExpired:
        # An error in Basic that the module does not handle opens a dialog. The program has child processes.
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()


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
    scripts = folder / "user" / "Scripts" / "python"
    scripts.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "native_bridge.py", scripts)


def main() -> int:
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    modules, library, folder = Path(sys.argv[1]), Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    bas = (modules / "Upscope.bas").read_bytes().decode("ascii")
    declares = basic(bas)["VB6"]
    classes = {name: class_module((modules / f"{name}.cls").read_bytes().decode("ascii")) for name in CLASSES}
    profile(folder, {**classes, "Upscope": module(bas), "Native": native_functions(declares),
                     "Proof": "Option VBASupport 1\n" + (HERE / "OfficeProof.bas").read_text(encoding="ascii")})
    parameters = folder / "declares.json"
    parameters.write_text(json.dumps({one.alias: [part[:2] for part in one.parameters] for one in declares.values()}))
    result = folder / "result.txt"
    office(folder, "macro:///Standard.Proof.Main", UPSCOPE_PROOF=str(result), UPSCOPE_PROOF_LIBRARY=str(library),
           UPSCOPE_PROOF_DECLARES=str(parameters))
    lines = result.read_text(encoding="utf-8", errors="replace").splitlines() if result.exists() else []
    print("\n".join(lines) if lines else "office_proof: the modules did not run")
    return 0 if lines[-1:] == ["ended"] and re.search(r": [1-9]\d* checks, 0 failed", lines[-2]) else 1


if __name__ == "__main__":
    sys.exit(main())
