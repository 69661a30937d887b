"""How to start the two agent consoles, with a browser that only records the links that it opens."""

import os
import pathlib
import struct

# In addition to the fonts that Wine is set up with.
FONTS = "fonts-wine fonts-roboto-unhinted fonts-wqy-microhei fonts-symbola"


class Linux:
    """The GTK program. FOLDER contains agent-console. The test provides its settings and its browser."""

    name = "linux"
    quit = "ctrl+q"
    counts_glyphs = True
    slow_start = 20

    def __init__(self, folder):
        self.folder = folder
        self.program = folder / "agent-console"
        self.opened = folder / "opened-link"
        browser = folder / "browser.sh"
        browser.write_text(f"""#!/bin/sh
printf '%s' "$1" > '{self.opened}.part'
mv '{self.opened}.part' '{self.opened}'
""")
        browser.chmod(0o755)
        settings = folder / "settings"
        for directory in (settings / "gtk-3.0", folder / "data/applications"):
            directory.mkdir(parents=True, exist_ok=True)
        (settings / "gtk-3.0/settings.ini").write_text("[Settings]\ngtk-font-name=Inter 10\n")
        # No window frame: without a window manager, its shadow is not drawn.
        bare = "decoration { border: none; margin: 0; padding: 0; box-shadow: none; }\n"
        (settings / "gtk-3.0/gtk.css").write_text(bare)
        (settings / "mimeapps.list").write_text("[Default Applications]\nx-scheme-handler/http=test-browser.desktop\n")
        (folder / "data/applications/test-browser.desktop").write_text(
            f"[Desktop Entry]\nType=Application\nName=Test\nExec={browser} %u\nMimeType=x-scheme-handler/http;\n")

    def command(self, probe, refresh_ms, prefix=()):
        return [*prefix, str(self.program), "--probe", str(probe), "--refresh-ms", str(refresh_ms)]

    def environment(self, display):
        kept = {name: value for name, value in os.environ.items() if name != "DBUS_SESSION_BUS_ADDRESS"}
        if os.environ.get("FAULT_LIBRARY"):
            kept["LD_PRELOAD"] = os.environ["FAULT_LIBRARY"]
        # Without the accessibility bus and the settings of the user.
        return kept | {"DISPLAY": display, "NO_AT_BRIDGE": "1", "GDK_BACKEND": "x11", "GTK_THEME": "Adwaita",
                       "GSETTINGS_BACKEND": "memory", "XDG_CONFIG_HOME": str(self.folder / "settings"),
                       "XDG_DATA_HOME": str(self.folder / "data"), "GTK_OVERLAY_SCROLLING": "1"}


class Windows:
    """The WinAPI program under Wine. FOLDER contains agent-console.exe, upscope.dll and browser.exe."""

    name = "windows"
    quit = "alt+F4"
    counts_glyphs = False  # GDI gives no information about linked fonts
    slow_start = 90

    def __init__(self, folder):
        self.folder = folder
        self.program = folder / "agent-console.exe"
        self.opened = folder / "opened-link"
        # What Windows has and Wine lacks: a readable message font with links to fonts for other scripts, and window
        # frames without a window manager. Also the browser.
        links = "wqy-microhei.ttc,WenQuanYi Micro Hei", "DejaVuSans.ttf,DejaVu Sans"
        (folder / "settings.reg").write_text(
            "Windows Registry Editor Version 5.00\r\n\r\n"
            "[HKEY_LOCAL_MACHINE\\Software\\Microsoft\\Windows NT\\CurrentVersion\\FontLink\\SystemLink]\r\n"
            f'"Roboto"=hex(7):{reg_bytes(chr(0).join(links) + chr(0) + chr(0))}\r\n\r\n'
            "[HKEY_CURRENT_USER\\Control Panel\\Desktop\\WindowMetrics]\r\n"
            f'"MessageFont"=hex:{font("Roboto", -12)}\r\n"CaptionFont"=hex:{font("Roboto", -12)}\r\n\r\n'
            # The key is the script tag "arab".
            '[HKEY_CURRENT_USER\\Software\\Wine\\Uniscribe\\Fallback]\r\n"62617261"="DejaVu Sans"\r\n\r\n'
            '[HKEY_CURRENT_USER\\Software\\Wine\\X11 Driver]\r\n"Managed"="N"\r\n\r\n'
            "[HKEY_CLASSES_ROOT\\http\\shell\\open\\command]\r\n"
            f'@="\\"{dos(folder / "browser.exe", True)}\\" \\"{dos(self.opened, True)}\\" \\"%1\\""\r\n',
            encoding="utf-16", newline="")

    def command(self, probe, refresh_ms, prefix=()):
        batch = self.folder / "run.bat"
        batch.write_text("@copy Z:\\usr\\share\\wine\\fonts\\marlett.ttf C:\\windows\\Fonts > nul\r\n"
                         f"@regedit /S {dos(self.folder / 'settings.reg')}\r\n"
                         f"@{dos(self.program)} --probe {dos(probe)} --refresh-ms {refresh_ms}\r\n"
                         "@exit %errorlevel%\r\n", newline="")
        return ["scripts/wine.sh", "i686", "cmd.exe", "/c", dos(batch)]

    def environment(self, display):
        return os.environ | {"DISPLAY": display, "WINE_PACKAGES": FONTS}


def dos(path, doubled=False):
    """The path under Wine."""
    return "Z:" + str(pathlib.Path(path).resolve()).replace("/", "\\\\" if doubled else "\\")


def reg_bytes(data):
    """Bytes in the format of a .reg file. Text is converted to UTF-16."""
    data = data.encode("utf-16-le") if isinstance(data, str) else data
    return ",".join(f"{byte:02x}" for byte in data)


def font(face, height):
    """A LOGFONTW."""
    return reg_bytes(struct.pack("<5i8B", height, 0, 0, 0, 400, *[0] * 8) + face.ljust(32, "\0").encode("utf-16-le"))
